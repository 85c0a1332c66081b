#pragma once

#include "core/cluster/metadata.hpp"
#include "core/raft/configuration.hpp"
#include "core/raft/entry.hpp"
#include "core/raft/sessions.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace grape::simulation {

enum class command_kind : std::uint8_t { plain = 1, open_session, in_session, expire_sessions };

/// What a client's entry says.
struct command {
  command_kind kind{};
  std::uint64_t attempt = 0;  ///< Unique for each try to propose.
  std::uint64_t session = 0;  ///< Or, of an expiry: through which last use.
  std::uint64_t sequence = 0; ///< Of the request in its session, from 1.
};

/// `padding` bytes longer than it must be.
raft::payload encode(const command& what, std::size_t padding);

/// As a plain command, with a command for the control plane behind it.
raft::payload encode(std::uint64_t attempt, const grape::cluster::metadata_command& what);

/// Nothing for an empty entry, or one about members. Throws `violation` for a payload that nobody
/// proposed.
std::optional<command> decode(const raft::entry& from);

/// What became of an applied command.
struct effect {
  bool took_effect = false;
  bool expired = false;     ///< The session is unknown.
  bool repeated = false;    ///< The answer is the one of an earlier attempt.
  std::uint64_t result = 0; ///< The index where it took effect.
};

/// The replicated state: a digest of everything that took effect, and the core's sessions. A value.
struct machine {
  log_index applied;
  grape::term applied_term;
  std::uint64_t digest = 0;
  std::shared_ptr<const raft::configuration> members; ///< As of `applied`.
  raft::sessions clients{{.count_max = 4}};
  /// Of a metadata group alone; its bytes are in the digest. Null in any other group.
  std::shared_ptr<const grape::cluster::metadata> control;

  /// The entry after `applied`. A change of members that is an error changes nothing.
  effect apply(const raft::entry& next);

private:
  void change_members(const raft::entry& next);
  effect perform(const command& what);
  void govern(const raft::entry& next);
};

} // namespace grape::simulation
