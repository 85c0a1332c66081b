#pragma once

#include "core/budget.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/shard/optimizations.hpp"
#include "core/shard/query.hpp"
#include "core/storage/point_store.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace grape::shard {

struct view_state;

/// One shard replica as of one log index: points, payloads, vectors, filters, all from the same
/// moment. Immutable and thread-safe; holding it keeps its files and its store open.
///
/// Errors of every reader: timed_out (the budget's deadline), corrupted or io_error (the store).
class view {
public:
  explicit view(std::shared_ptr<const view_state> state) noexcept;

  /// Every entry up to this index is visible, none after it.
  log_index applied() const noexcept;

  const collection_schema& schema() const noexcept;

  /// The k best hits. Never fewer than k when k points match.
  outcome<shard_hits> query(const shard_query& wanted, budget& left) const;

  outcome<shard_page> scroll(const shard_scroll& wanted, budget& left) const;

  /// How many points match; exact.
  outcome<std::uint64_t> count(const std::optional<payload::filter>& filter, budget& left) const;

  /// How often each value of an indexed field occurs among the points that match, the most frequent
  /// value first, equally frequent ones by value. Error: bad_request, no index counts this field.
  outcome<std::vector<facet_hit>> facet(const std::string& field,
                                        const std::optional<payload::filter>& filter,
                                        budget& left) const;

  /// Records of the ids that exist, in the order asked, each once.
  outcome<std::vector<record>> retrieve(std::span<const point_id> ids,
                                        const payload_selector& with_payload,
                                        const vector_selector& with_vectors) const;

  /// Those of `ids` that do not exist here, in the order given.
  std::vector<point_id> missing(std::span<const point_id> ids) const;

  /// How many points have the sparse vector, and its indices. Errors: those of `count`;
  /// wrong_input (no such sparse vector).
  outcome<term_counts> terms(const term_question& about, budget& left) const;

  shard_figures figures() const;

  /// The parts of each dense field's index.
  std::vector<field_parts> parts() const;

  /// What the codes of the vector indexes occupy.
  std::uint64_t code_bytes() const noexcept;

  /// Reads into memory what the vector indexes have mapped of their files. Returns how many bytes
  /// that are. May take long. Error: io_error.
  outcome<std::uint64_t> warm() const;

  /// The points as the store has them.
  storage::point_reader points() const;

private:
  std::shared_ptr<const view_state> state_;
};

} // namespace grape::shard
