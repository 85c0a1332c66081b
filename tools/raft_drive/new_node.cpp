#include "tools/raft_drive/new_node.hpp"

#include "tools/raft_drive/driver.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace grape::raft_drive {

namespace {

std::uint32_t take_ticks(arguments& given, std::string_view name, std::uint32_t otherwise) {
  const auto value = given.option_number(name, otherwise);
  if (value == 0 || value > std::numeric_limits<std::uint32_t>::max() / 2)
    given.reject(std::string{name} + ": 1 or more ticks");
  return static_cast<std::uint32_t>(value);
}

raft::options take_options(arguments& given) {
  raft::options how;
  how.self = given.id("node");
  how.prevote = given.flag("pv");
  how.check_quorum = given.flag("cq");
  const bool lease = given.flag("lease");
  how.election_ticks = take_ticks(given, "T", how.election_ticks);
  how.heartbeat_ticks = take_ticks(given, "hb", how.heartbeat_ticks);
  // A tick of every node is one unit of its clock, and one tick is margin enough here.
  how.lease_ticks = lease ? how.election_ticks - 1 : 0;
  constexpr std::uint32_t drawn = std::numeric_limits<std::uint32_t>::max() / 2;
  if (const auto fixed = take_ticks(given, "timeout", drawn); fixed != drawn)
    how.fixed_timeout = fixed;
  how.inflight_max = given.option_number("inflight", how.inflight_max);
  how.inflight_bytes_max = given.option_number("inflight_bytes", how.inflight_bytes_max);
  how.message_bytes_max = given.option_number("msg_bytes", how.message_bytes_max);
  how.uncommitted_bytes_max = given.option_number("uncommitted", how.uncommitted_bytes_max);
  if (how.inflight_max == 0)
    given.reject("inflight: 1 or more");
  return how;
}

raft::snapshot_mark take_snapshot(arguments& given) {
  raft::snapshot_mark mark;
  const auto pairs = given.option_pairs("snap");
  if (pairs.size() > 1)
    given.reject("snap: one IDX:TERM");
  if (!pairs.empty()) {
    mark.index = log_index{pairs[0].first};
    mark.term = grape::term{given.parse_number(pairs[0].second, "snap")};
  }
  if ((mark.index == log_index{}) != (mark.term == grape::term{}))
    given.reject("snap: index and term are both 0 or none is");
  return mark;
}

std::vector<raft::entry> take_entries(arguments& given, const raft::snapshot_mark& snapshot) {
  std::vector<raft::entry> entries;
  auto before = snapshot.term;
  auto index = snapshot.index;
  for (const auto value : given.option_numbers("log")) {
    const grape::term term{value};
    if (term < before || term == grape::term{})
      given.reject("log: terms begin at 1 and never fall");
    index = index.next();
    entries.push_back({index, term, raft::entry_kind::normal, {}});
    before = term;
  }
  return entries;
}

} // namespace

new_node take_new_node(arguments& given) {
  new_node made;
  made.how = take_options(given);
  auto mark = take_snapshot(given);
  auto entries = take_entries(given, mark);
  given.need("voters");
  mark.members = take_members(given);
  const auto first = mark.index.value;
  const auto last_term = entries.empty() ? mark.term : entries.back().term;
  raft::hard_state state;
  state.term = grape::term{given.option_number("term", last_term.value)};
  state.vote = replica_id{given.option_number("vote", 0)};
  state.commit = log_index{given.option_number("commit", first)};
  const log_index applied{given.option_number("applied", first)};
  made.disk = memory_log{std::move(mark), std::move(entries)};
  if (state.term < last_term)
    given.reject("term: below the last entry's");
  if (state.commit > made.disk.last())
    given.reject("commit: beyond the log");
  if (applied > state.commit || applied.value < first)
    given.reject("applied: below the snapshot or beyond commit");
  made.disk.state = state;
  made.disk.applied = applied;
  return made;
}

} // namespace grape::raft_drive
