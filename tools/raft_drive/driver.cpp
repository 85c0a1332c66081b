#include "tools/raft_drive/driver.hpp"

#include "net/http/json.hpp"
#include "tools/raft_drive/answers.hpp"

#include <algorithm>

namespace grape::raft_drive {

const std::vector<driver::known_command>& driver::known_commands() {
  static const std::vector<known_command> all{
    {"new", &driver::make},
    {"hup", &driver::hup},
    {"tick", &driver::tick},
    {"timeout", &driver::timeout},
    {"prop", &driver::propose},
    {"conf", &driver::change},
    {"leave", &driver::leave},
    {"read", &driver::read},
    {"transfer", &driver::transfer},
    {"unreachable", &driver::unreachable},
    {"snapstatus", &driver::report_snapshot},
    {"compact", &driver::compact},
    {"forget-net", &driver::forget_net},
    {"ready", &driver::ready},
    {"persist", &driver::persist},
    {"apply", &driver::apply},
    {"inject", &driver::inject},
    {"cut", &driver::cut},
    {"isolate", &driver::isolate},
    {"heal", &driver::heal},
    {"ignore", &driver::ignore},
    {"unignore", &driver::unignore},
    {"deliver", &driver::deliver},
    {"settle", &driver::settle},
    {"fail", &driver::fail},
    {"crash", &driver::crash},
    {"restart", &driver::restart},
    {"state", &driver::state},
    {"log", &driver::log},
    {"wire", &driver::show_wire},
    {"quorum", &driver::quorum},
    {"changer", &driver::changer},
  };
  return all;
}

std::string driver::answer(std::string_view line) {
  if (!http::json::is_utf8(line))
    return answers::error("not UTF-8");
  arguments given{line};
  const auto name = given.word("command");
  const auto& all = known_commands();
  const auto found = std::find_if(all.begin(), all.end(), [&name](const auto& one) {
    return one.name == name;
  });
  if (found == all.end())
    return answers::error("unknown command '" + name + "'");
  // Every command takes all of its words before it does anything.
  auto text = (this->*found->run)(given);
  return given.complete() ? text : answers::error(given.error());
}

node* driver::take_node(arguments& given) {
  const auto which = given.id("node");
  const auto found = nodes_.find(which);
  if (found == nodes_.end()) {
    given.reject("no node " + std::to_string(which.value));
    return nullptr;
  }
  if (!found->second.is_up()) {
    given.reject("node " + std::to_string(which.value) + " is down");
    return nullptr;
  }
  return &found->second;
}

std::vector<raft::change_step> take_steps(arguments& given) {
  std::vector<raft::change_step> steps;
  for (const auto& word : given.rest()) {
    const auto which = replica_id{given.parse_number(std::string_view{word}.substr(1), word)};
    if (which == replica_id{})
      given.reject(word + ": ids begin at 1");
    switch (word.front()) {
      case 'v': steps.push_back({raft::change_kind::add_voter, which}); break;
      case 'l': steps.push_back({raft::change_kind::add_learner, which}); break;
      case 'r': steps.push_back({raft::change_kind::remove, which}); break;
      default: given.reject("unknown: '" + word + "'");
    }
  }
  return steps;
}

raft::configuration take_members(arguments& given) {
  raft::configuration members;
  members.voters = given.option_ids("voters");
  members.outgoing = given.option_ids("outgoing");
  members.learners = given.option_ids("learners");
  members.learners_next = given.option_ids("learners_next");
  for (const auto one : members.learners)
    if (members.is_voter(one))
      given.reject("both voter and learner: " + std::to_string(one.value));
  for (const auto one : members.learners_next)
    if (!raft::contains(members.outgoing, one))
      given.reject("learners_next, but not outgoing: " + std::to_string(one.value));
  return members;
}

} // namespace grape::raft_drive
