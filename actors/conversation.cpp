#include "actors/conversation.hpp"

#include "actors/remote/peer_room.hpp"

#include <algorithm>
#include <limits>

namespace grape::actors {

namespace {

using shown_states = std::vector<std::shared_ptr<const shard::shown_state>>;

/// Whether other nodes would ask this one about the shard. One that is on its way here, or leaves,
/// shows what it has to nobody.
bool is_asked_here(const house& home, group_id group) {
  const auto member = home.member.get();
  const auto known = home.known.get();
  if (!member || !known)
    return false;
  const auto& groups = known->state.groups();
  const auto at = groups.find(group);
  const auto* own = at == groups.end() ? nullptr : at->second.on(member->self);
  return own != nullptr && own->role == cluster::replica_role::voter;
}

/// What the shards show that these questions are for; empty if one of them cannot be answered so.
shown_states shown_for(const house& home, const std::vector<query::shard_ask>& asks,
                       read_level level) {
  shown_states all;
  for (const auto& ask : asks) {
    auto shown = home.windows.look(ask.group);
    if (!shown || !shown->view_for(level) || (shown->replicated && !is_asked_here(home, ask.group)))
      return {};
    all.push_back(std::move(shown));
  }
  return all;
}

/// All answers, or the first reason why one is missing. Several shards are searched by several
/// threads, as far as some are idle.
outcome<std::vector<shard::answer>> ask_all(house& home, const shown_states& shown,
                                            const std::vector<query::shard_ask>& asks,
                                            read_level level, std::uint64_t deadline_ms) {
  std::vector<std::optional<outcome<shard::answer>>> found(asks.size());
  const auto member = home.member.get();
  const node_number own = member ? member->self : node_number{1};
  const auto ask = [&home, &shown, &asks, &found, level, deadline_ms, own](std::size_t i) {
    const auto stale_ms = staleness_of(home, asks[i].group, level);
    const auto began_us = home.host.now_us();
    auto answer = ask_shown(home, *shown[i], *asks[i].question, deadline_ms);
    if (answer) {
      answer->staleness_ms = stale_ms;
      answer->way = {own, {own}, false, home.host.now_us() - began_us};
    }
    found[i] = std::move(answer);
  };
  const auto pool = home.search_pool.get();
  const auto width = std::min(asks.size(), home.search_threads());
  if (pool && width > 1)
    pool_executor{pool, width}.run(asks.size(), ask);
  else
    for (std::size_t i = 0; i < asks.size(); ++i)
      ask(i);
  std::vector<shard::answer> answers;
  answers.reserve(asks.size());
  for (auto& one : found) {
    if (!*one)
      return std::move(*one).error();
    answers.push_back(std::move(**one));
  }
  return answers;
}

} // namespace

budget time_until(const house& home, std::uint64_t deadline_ms) {
  return {std::numeric_limits<std::uint64_t>::max(), [deadline_ms, &home] {
            return home.closing.load(std::memory_order_relaxed)
                   || home.host.now_ms() >= deadline_ms;
          }};
}

outcome<shard::answer> ask_shown(house& home, const shard::shown_state& shown,
                                 const shard::question& asked, std::uint64_t deadline_ms) {
  auto left = time_until(home, deadline_ms);
  auto found = shard::ask(*shown.newest, asked, left);
  home.counted.points_visited.add(static_cast<double>(left.visited()));
  if (found)
    found->indexing = shown.indexing;
  return found;
}

std::optional<std::uint64_t> staleness_of(const house& home, group_id group, read_level level) {
  if (level != read_level::eventual || !home.member.get())
    return 0;
  const auto mark = home.fresh.of(group);
  if (!mark)
    return std::nullopt;
  std::optional<std::uint64_t> longest_ago_ms;
  if (mark->asleep && home.remote) {
    const auto heard = home.remote->heard.all();
    for (const auto node : mark->others) {
      const auto at = heard.find(node);
      const auto ms = at == heard.end() ? 0 : at->second.heard_ms;
      longest_ago_ms = std::min(longest_ago_ms.value_or(ms), ms);
    }
  }
  return raft::staleness_ms(*mark, longest_ago_ms, home.host.now_ms());
}

bool answer_from_views(house& home, conversation& talk) {
  if (!talk.next)
    talk.next = talk.session.begin();
  while (const auto* asks = std::get_if<std::vector<query::shard_ask>>(&*talk.next)) {
    const auto shown = shown_for(home, *asks, talk.how.level);
    if (shown.empty())
      return false;
    auto answers = ask_all(home, shown, *asks, talk.how.level, talk.deadline_ms);
    if (answers)
      talk.next = talk.session.answered(std::move(*answers), time_until(home, talk.deadline_ms));
    else
      talk.next = std::move(answers).error();
  }
  return true;
}

} // namespace grape::actors
