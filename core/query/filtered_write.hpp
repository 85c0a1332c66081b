#pragma once

#include "core/cluster/metadata.hpp"
#include "core/outcome.hpp"
#include "core/query/plan_write.hpp"
#include "core/query/session.hpp"
#include "core/request/write.hpp"
#include "core/shard/question.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace grape::query {

/// Whether any of the operations chooses its points by a filter.
bool chooses_by_filter(const std::vector<write_operation>& operations);

struct filtered_write_limits {
  std::uint64_t page = 50'000; ///< Ids that one question may bring; at least 1.
  std::size_t chunk = 10'000;  ///< Ids in one entry of a shard's log; at least 1.
};

/// A request with operations by filter, as a dialogue with the shards. The operations are done in
/// order. One by filter asks each shard which ids match, page by page, and proposes them in chunks:
/// each chunk is one entry of the shard's log and takes effect as a whole, the operation does not.
/// A point that changed after the shard's first answer is left alone, also if it matches still or
/// only then. What is held is one page for each shard, however many points match.
/// Pure; not thread-safe.
class filtered_write {
public:
  /// Propose these, each to its shard; then say what came of it. Not empty.
  struct proposals {
    epoch routed_by;
    schema_version validated_against;
    std::vector<planned_part> parts;
    bool wait = false;
    write_ack ack = write_ack::collection_default;
    std::uint32_t timeout_ms = 0; ///< What is left of the client's; 0 = none.
  };

  using step = std::variant<std::vector<shard_ask>, proposals, outcome<write_receipt>>;

  /// `asked`: operations as `plan` accepts them, normalised. `collection`: the one they were
  /// planned for.
  filtered_write(write_request asked, collection_id collection, std::uint64_t now_ms,
                 filtered_write_limits limits = {});

  /// What to do now, by the collection as it is now; null: it is gone.
  step next(const cluster::collection_entry* now, std::uint64_t now_ms);

  /// The answers to the last questions, in their order, or why there are none.
  void answered(outcome<std::vector<shard::answer>> answers);

  /// What became of the last proposals.
  void proposed(const outcome<write_receipt>& whole);

private:
  /// How far an operation has come in one shard.
  struct cursor {
    shard_id shard;
    std::optional<point_id> from; ///< Where the next page begins.
    bool complete = false;        ///< There is no next page.
    std::optional<log_index> as_of;
    std::vector<point_id> ids; ///< Of the page, ascending.
    std::size_t proposed = 0;  ///< Of these ids.
  };

  std::optional<proposals> plain_operations(const cluster::collection_entry& now);
  bool find_cursors(const cluster::collection_entry& now);
  std::optional<proposals> chunks(const cluster::collection_entry& now);
  std::vector<shard_ask> pages(const cluster::collection_entry& now);
  step propose(proposals what, const cluster::collection_entry& now, std::uint64_t now_ms);
  void fail(const status& why);
  outcome<write_receipt> receipt() const;

  write_request request_;
  collection_id collection_;
  std::uint64_t began_ms_;
  filtered_write_limits limits_;
  std::size_t at_ = 0; ///< The operation under way.
  std::vector<cursor> cursors_;
  std::vector<std::size_t> asked_; ///< Which cursors the last questions were for.
  write_receipt so_far_{0, write_progress::completed, 0};
  std::uint64_t entries_ = 0; ///< Proposals that took effect.
  status failed_;
};

/// Such a request, validated and ready to begin.
struct planned_filtered_write {
  ids_by_group must_exist; ///< Before anything is proposed.
  std::shared_ptr<filtered_write> talk;
};

/// Errors: those of `plan`.
outcome<planned_filtered_write> plan_by_filter(write_request asked,
                                               const cluster::collection_entry& collection,
                                               std::uint64_t now_ms);

} // namespace grape::query
