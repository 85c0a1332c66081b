#pragma once

#include "core/cluster/metadata_exchange.hpp"
#include "core/cluster/metadata_store.hpp"
#include "core/raft/output.hpp"
#include "core/storage/ordered_log.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

/// How a member of the metadata group that is behind its log gets the whole state: in pieces, which
/// are gathered in memory, staged in the store, and take the place of its own once the log says so.
namespace grape::cluster {

inline constexpr std::size_t metadata_piece_bytes = 8u << 20; ///< Well below what a link carries.
inline constexpr std::size_t metadata_bytes_max = std::size_t{1} << 30;

/// The next piece of `state` for whoever has the first `have` bytes of it.
install_question piece_of(const std::string& message, const std::string& state, std::uint64_t have);

/// Puts the pieces together. A piece of another state than the one under way begins that one anew,
/// if it is its first. A value type.
class metadata_gathering {
public:
  /// How many bytes of that state are here afterwards. A piece that does not go on from what is
  /// here changes nothing: the sender goes on from the answer. Errors: too_large, corrupted (more
  /// than the whole).
  outcome<std::uint64_t> take(install_question piece);

  /// All of it is here.
  bool is_whole() const noexcept { return total_ > 0 && state_.size() == total_; }

  const std::string& message() const noexcept { return message_; }
  const std::string& state() const noexcept { return state_; }

private:
  std::string message_;
  std::uint64_t total_ = 0;
  std::string state_;
};

/// By which the log names the staged state that belongs to this mark.
std::string staged_name(const raft::snapshot_mark& mark);

/// What a start goes on from.
struct settled_metadata {
  saved_metadata now;
  bool is_other = false; ///< The store is to be brought to it, by `save_settled`, before it counts.
};

/// Finishes or drops a staged state by what the log says it begins after. Errors: corrupted (the
/// log begins after a state that is not there).
outcome<settled_metadata> settle_staged(saved_metadata saved, std::optional<staged_metadata> staged,
                                        const storage::log_base& said);

/// Whether node `self` may take over a newer state that another node told it of, instead of what
/// its log brings. `log_of`: the member whose log it has, if that has anything. A member goes by
/// its log alone, until `newer` says that it has left; it may come back as another one.
bool may_mirror(const metadata& newer, node_number self, std::optional<replica_id> log_of);

/// What a node has to do with the metadata group, as far as it knows.
enum class membership_standing : std::uint8_t {
  member,    ///< Its log brings everything.
  departing, ///< The members are being changed without it: its log may never say more.
  outsider,  ///< Only members can tell it what is new, though it may still have a log.
};

membership_standing membership_of(const saved_metadata& now, node_number self);

/// What a node does about its part in the metadata group.
enum class membership_step : std::uint8_t {
  none,   ///< All is as it should be.
  host,   ///< It is a member, and nobody plays it yet.
  leave,  ///< Who is played is no member any more.
  forget, ///< The log is that of a member that left: it must go before another one begins.
};

/// `is_hosted`: `saved.log_of` is being played. Who left goes on until its move is over, or until
/// it is among `deleted`, which never begin again: the others may not know yet, and need its vote.
membership_step next_membership(const saved_metadata& now, node_number self, bool is_hosted,
                                const std::set<replica_id>& deleted);

} // namespace grape::cluster
