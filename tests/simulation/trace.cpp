#include "tests/simulation/trace.hpp"

#include <array>

namespace grape::simulation {

std::string_view to_string(raft::role role) noexcept {
  switch (role) {
    case raft::role::follower: return "follower";
    case raft::role::pre_candidate: return "pre_candidate";
    case raft::role::candidate: return "candidate";
    case raft::role::leader: return "leader";
  }
  return "?";
}

std::string_view to_string(raft::message_kind kind) noexcept {
  static constexpr std::array<std::string_view, 15> names = {
      "?",
      "vote",
      "vote_response",
      "prevote",
      "prevote_response",
      "append",
      "append_response",
      "heartbeat",
      "heartbeat_response",
      "snapshot",
      "timeout_now",
      "propose",
      "read",
      "read_response",
      "transfer",
  };
  const auto number = static_cast<std::size_t>(kind);
  return number < names.size() ? names[number] : names[0];
}

std::string to_json(const record& of) {
  std::string line = "{\"at\":" + std::to_string(of.at) + ",\"event\":\"";
  line += of.event;
  line += '"';
  const auto add = [&line](const char* name, std::uint64_t value) {
    line += ",\"";
    line += name;
    line += "\":" + std::to_string(value);
  };
  const auto add_word = [&line](const char* name, std::string_view value) {
    line += ",\"";
    line += name;
    line += "\":\"";
    line += value;
    line += '"';
  };
  if (of.node != no_node)
    add("node", of.node + 1);
  if (of.other != no_node)
    add("from", of.other + 1);
  if (!of.what.empty())
    add_word("what", of.what);
  if (of.since != 0)
    add("since", of.since);
  if (of.index != 0)
    add("index", of.index);
  if (of.count != 0)
    add("count", of.count);
  if (of.up) {
    add_word("role", to_string(of.role));
    add("term", of.term), add("commit", of.commit);
    add("applied", of.applied), add("last", of.last);
  }
  return line + "}";
}

} // namespace grape::simulation
