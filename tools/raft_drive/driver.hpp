#pragma once

#include "tools/raft_drive/arguments.hpp"
#include "tools/raft_drive/context_words.hpp"
#include "tools/raft_drive/node.hpp"
#include "tools/raft_drive/wire.hpp"

#include "core/raft/chance.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grape::raft_drive {

/// A cluster of peers on disks in memory and a network that moves only when told, as the commands
/// say. Equal commands give equal answers. Not thread-safe.
class driver {
public:
  /// One line of JSON, without its end. A command that answers with an error has changed nothing.
  std::string answer(std::string_view line);

private:
  using command = std::string (driver::*)(arguments&);
  struct known_command {
    std::string_view name;
    command run;
  };
  static const std::vector<known_command>& known_commands();

  // driver_nodes.cpp: what happens to a node.
  std::string make(arguments& given);
  std::string hup(arguments& given);
  std::string tick(arguments& given);
  std::string timeout(arguments& given);
  std::string unreachable(arguments& given);
  std::string report_snapshot(arguments& given);
  std::string compact(arguments& given);
  std::string ready(arguments& given);
  std::string persist(arguments& given);
  std::string apply(arguments& given);
  std::string fail(arguments& given);
  std::string crash(arguments& given);
  std::string restart(arguments& given);
  std::string state(arguments& given);
  std::string log(arguments& given);

  // driver_requests.cpp: what clients and operators ask for.
  std::string propose(arguments& given);
  std::string change(arguments& given);
  std::string leave(arguments& given);
  std::string read(arguments& given);
  std::string transfer(arguments& given);

  // driver_wire.cpp: what happens on the network.
  std::string inject(arguments& given);
  std::string show_wire(arguments& given);
  std::string deliver(arguments& given);
  std::string settle(arguments& given);
  std::string cut(arguments& given);
  std::string isolate(arguments& given);
  std::string heal(arguments& given);
  std::string ignore(arguments& given);
  std::string unignore(arguments& given);
  std::string forget_net(arguments& given);

  // raft_questions.cpp: pure functions.
  std::string quorum(arguments& given);
  std::string changer(arguments& given);

  node* take_node(arguments& given); ///< Null, and a mistake, unless it is there and up.
  std::string counted(node& where, const raft::proposal& became);
  void hand_over(std::vector<raft::message> messages);
  bool settle_once(const std::vector<replica_id>& named);
  bool work(node& one);

  std::map<replica_id, node> nodes_;
  wire wire_;
  context_words contexts_;
  raft::chance seeds_{1};
};

/// Steps like v2 l3 r1 among the words that are left; other words are a mistake.
std::vector<raft::change_step> take_steps(arguments& given);

/// voters= outgoing= learners= learners_next=
raft::configuration take_members(arguments& given);

} // namespace grape::raft_drive
