#pragma once

#include "core/outcome.hpp"
#include "core/query/fusion.hpp"
#include "core/query/hit_lists.hpp"
#include "core/query/stages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace grape::query {

/// What a query asks of all shards that may answer: each gets its own part of `among` and, of a
/// formula, of the scores.
struct run_ask {
  shard::shard_query wanted;
  bool ascending = false;  ///< See ask_stage.
  std::size_t purpose = 0; ///< The run's own.
  /// Of a collection that is sharded by keys: where each of `among` was found. Ascending.
  std::map<shard_key, std::vector<point_id>> among_by_key{};
};

/// One query under way: says what to ask next, takes what was answered, fuses, groups, and has the
/// result in the end. The result does not depend on how points are spread over shards, as far as
/// each shard's answer is exact. Pure; not thread-safe.
class query_run {
public:
  /// With `grouping`, hits come in groups; the plan's limit and offset do not count then.
  query_run(query_plan plan, std::optional<shard::shard_grouping> grouping,
            repetition repeats = repetition::none);

  /// Everything that can be asked now; nothing: it is done, or has failed.
  std::vector<run_ask> next();

  /// What the shards answered to one of the last asks. Empty if it had no candidates.
  void answered(const run_ask& asked, std::vector<shard::shard_hits> by_shard);

  /// ok, or why there is no result.
  const status& failed() const noexcept { return failed_; }

  /// Once it is done.
  hit_list take_hits();
  std::vector<point_group> take_groups();

  const std::vector<stage_explanation>& explained() const noexcept { return explained_; }

private:
  enum class phase { stages, group_keys, more_of_groups, records, done };

  static constexpr std::size_t no_stage = static_cast<std::size_t>(-1);

  std::vector<run_ask> ask_stages();
  run_ask asked_by(std::size_t which);
  bool is_ready(const stage& of) const;
  bool compute(std::size_t which);
  void explain(std::size_t which, std::uint64_t inputs, std::uint64_t visited);
  void root_is_done();
  void group_root();
  void merge_groups(const std::vector<shard::shard_hits>& by_shard);
  void after_hits();
  std::vector<run_ask> ask_records(payload_selector with_payload, vector_selector with_vectors,
                                   const std::vector<const hit_list*>& of) const;
  std::vector<const hit_list*> chosen() const;
  bool root_is_asked() const;

  query_plan plan_;
  std::optional<shard::shard_grouping> grouping_;
  repetition repeats_;
  phase phase_ = phase::stages;
  std::vector<std::optional<hit_list>> found_; // By stage.
  std::vector<bool> asked_;                    // By stage.
  std::vector<std::uint64_t> inputs_;          // By stage: different candidates.
  hit_list hits_;
  std::vector<point_group> groups_;
  bool sent_ = false; // The ask of this phase.
  std::vector<stage_explanation> explained_;
  status failed_;
};

} // namespace grape::query
