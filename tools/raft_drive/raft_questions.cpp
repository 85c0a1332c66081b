#include "tools/raft_drive/answers.hpp"
#include "tools/raft_drive/driver.hpp"

#include "core/raft/quorum.hpp"
#include "net/http/json_writer.hpp"

#include <map>
#include <utility>

namespace grape::raft_drive {

namespace {

std::string committed_answer(const raft::configuration& members,
                             const std::map<replica_id, log_index>& acked) {
  const auto index = raft::committed(members, [&acked](replica_id which) {
    const auto found = acked.find(which);
    return found == acked.end() ? log_index{} : found->second;
  });
  http::json_writer json;
  json.open_object().key("index");
  if (index)
    json.whole(index->value);
  else
    json.null();
  json.close_object();
  return std::move(json).take();
}

std::string vote_answer(const raft::configuration& members,
                        const std::map<replica_id, bool>& votes) {
  const auto result = raft::count_votes(members, [&votes](replica_id which) {
    const auto found = votes.find(which);
    return found == votes.end() ? std::nullopt : std::optional{found->second};
  });
  switch (result) {
    case raft::vote_result::won: return R"({"result":"won"})";
    case raft::vote_result::pending: return R"({"result":"pending"})";
    case raft::vote_result::lost: return R"({"result":"lost"})";
  }
  return {};
}

replica_id take_voter(arguments& given, std::uint64_t number) {
  if (number == 0)
    given.reject("ids begin at 1");
  return replica_id{number};
}

outcome<raft::configuration> changed_by(const std::string& how, const raft::configuration& from,
                                        const std::vector<raft::change_step>& steps,
                                        bool auto_leave) {
  if (how == "simple")
    return raft::simple_change(from, steps);
  if (how == "enter-joint")
    return raft::enter_joint(from, steps, auto_leave);
  return raft::leave_joint(from);
}

} // namespace

std::string driver::quorum(arguments& given) {
  const auto what = given.word("committed or vote");
  raft::configuration members;
  given.need("cfg");
  members.voters = given.option_ids("cfg");
  members.outgoing = given.option_ids("cfgj");
  if (what == "committed") {
    std::map<replica_id, log_index> acked;
    for (const auto& [which, index] : given.option_pairs("idx"))
      acked[take_voter(given, which)] = log_index{given.parse_number(index, "idx")};
    return given.complete() ? committed_answer(members, acked) : std::string{};
  }
  if (what != "vote")
    given.reject("committed or vote, not '" + what + "'");
  std::map<replica_id, bool> votes;
  for (const auto& [which, vote] : given.option_pairs("votes")) {
    if (vote != "y" && vote != "n")
      given.reject("votes: y or n, not '" + vote + "'");
    votes[take_voter(given, which)] = vote == "y";
  }
  return given.complete() ? vote_answer(members, votes) : std::string{};
}

std::string driver::changer(arguments& given) {
  const auto how = given.word("simple, enter-joint or leave-joint");
  if (how != "simple" && how != "enter-joint" && how != "leave-joint")
    given.reject("simple, enter-joint or leave-joint, not '" + how + "'");
  const bool auto_leave = given.flag("auto");
  given.need("voters");
  const auto from = take_members(given);
  const auto steps = take_steps(given);
  if (how == "leave-joint" && !steps.empty())
    given.reject("leave-joint changes nothing else");
  if (!given.complete())
    return {};
  const auto result = changed_by(how, from, steps, auto_leave);
  return result ? answers::members(*result) : answers::error(result.error().detail);
}

} // namespace grape::raft_drive
