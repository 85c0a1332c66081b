#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/raft/message.hpp"
#include "core/shard/snapshot_stream.hpp"
#include "core/shard/snapshot_sum.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/point_store.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace grape::shard {

/// Where a snapshot is received.
struct receiver_options {
  storage::file_system* files = nullptr; ///< Not null; outlives the receiver.
  std::string directory;                 ///< The replica's; exists.
  storage::leveldb_options store;        ///< How the staged store is opened.
};

/// Builds the staged store of a replica from a stream, in a folder beside what the replica has.
/// Each chunk and how far it goes are one change on the disk: after a restart receiving goes on.
/// Not thread-safe. Errors: no_space (nothing was done; send it again later), corrupted and
/// io_error (open a new one after `drop`).
class snapshot_receiver {
public:
  /// Takes up what an earlier one left. What cannot be read is dropped.
  static outcome<snapshot_receiver> open(receiver_options how);

  /// `own`: what the replica has applied; 0: nothing to build on.
  snapshot_standing standing(log_index own) const;

  /// Takes a chunk that begins where the last one ended, or begins a stream anew; nothing happens
  /// with another one.
  status take(const snapshot_chunk& next);

  enum class verdict : std::uint8_t {
    elsewhere, ///< It is not where the stream ends: see `standing`.
    unknown,   ///< Not yet known; call again.
    right      ///< It has exactly what the source had.
  };

  /// Whether what has come is what the source says that it sent. Reads about so many bytes. `own`
  /// reads the replica's state, at or after the base of a difference; never used for another.
  outcome<verdict> check(const snapshot_end& told, const std::optional<storage::point_reader>& own,
                         std::size_t bytes);

  /// Makes what has come durable and gives it the name for the log, which is returned. The receiver
  /// has nothing any more. Precondition: `check` was right.
  outcome<std::string> stage(const snapshot_end& told, const raft::snapshot_mark& mark);

  /// Forgets what has come.
  status drop();

private:
  explicit snapshot_receiver(receiver_options how)
    : how_(std::move(how)) {}

  std::string folder() const;
  status open_store();
  status begin(const snapshot_chunk& first);
  void close();

  receiver_options how_;
  std::unique_ptr<storage::point_store> store_;
  std::optional<snapshot_position> position_; ///< As noted in the store.
  std::variant<std::monostate, summing, summing_difference> sum_;
};

/// The notes of a store that is being received: how far it goes; and of a difference that is
/// complete: its snapshot_end.
inline constexpr std::string_view position_note = "received";
inline constexpr std::string_view difference_note = "difference";

} // namespace grape::shard
