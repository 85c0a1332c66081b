#pragma once

#include "core/outcome.hpp"
#include "core/shard/snapshot_stream.hpp"
#include "core/shard/snapshot_sum.hpp"
#include "core/storage/point_store.hpp"

#include <cstddef>
#include <optional>

namespace grape::shard {

/// Reads one moment of a shard's store as a stream (snapshot_stream.hpp), from any position that a
/// receiver may stand at. Keeps the store's files open while it lives. Not thread-safe. Errors:
/// corrupted, io_error.
class snapshot_source {
public:
  static outcome<snapshot_source> open(storage::point_reader from);

  log_index index() const noexcept { return index_; }

  snapshot_offer offer() const noexcept { return {index_}; }

  /// Whether a receiver that stands so lacks anything of this moment.
  bool is_news(const snapshot_standing& to) const noexcept { return to.own < index_; }

  /// From where on to read for a receiver that stands so: where it was interrupted, or what changed
  /// since its own state, or, if this store has forgotten too much for both, everything.
  snapshot_position begin(const snapshot_standing& to) const noexcept;

  /// What comes next, a chunk or the end, which lacks the message. Nothing: it is not known yet,
  /// because the store is still being added up; call again. Reads about `bytes_max` bytes, and for
  /// the end some times more. Precondition: `from` comes from `begin`, or is the end of a chunk.
  outcome<std::optional<snapshot_question>> next(const snapshot_position& from,
                                                 std::size_t bytes_max = snapshot_chunk_bytes);

private:
  snapshot_source(storage::point_reader from, log_index index, log_index forgotten);

  bool can_go_on(const snapshot_position& from) const noexcept;
  status add_points(snapshot_chunk& to, std::size_t bytes_max) const;
  status add_changes(snapshot_chunk& to, std::size_t bytes_max) const;
  outcome<std::optional<snapshot_question>> end(const snapshot_position& at, std::size_t bytes);

  storage::point_reader from_;
  log_index index_;
  log_index forgotten_;
  summing sum_;
};

} // namespace grape::shard
