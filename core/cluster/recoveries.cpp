#include "core/cluster/recoveries.hpp"

namespace grape::cluster {

namespace {

bool is_gone(const metadata& state, const recovery_owner& who) {
  const auto at = state.nodes().find(who.node);
  if (at == state.nodes().end())
    return !state.nodes().empty();
  const auto& node = at->second;
  return node.incarnation > who.incarnation || node.state == node_state::removed
         || node.state == node_state::down;
}

} // namespace

std::vector<std::string> abandoned_recoveries(const metadata& state) {
  std::vector<std::string> names;
  for (const auto& [name, one] : state.hidden())
    if (is_gone(state, one.by))
      names.push_back(name);
  return names;
}

std::vector<std::string> abandoned_here(const metadata& state, node_number self,
                                        std::uint64_t incarnation,
                                        const std::set<std::uint64_t>& working) {
  std::vector<std::string> names;
  for (const auto& [name, one] : state.hidden())
    if (one.by.node == self
        && (one.by.incarnation != incarnation || !working.contains(one.by.number)))
      names.push_back(name);
  return names;
}

bool is_worth_repeating(errc why) noexcept {
  return why == errc::unavailable || why == errc::overloaded || why == errc::timed_out
         || why == errc::commit_unknown || why == errc::stale_route;
}

} // namespace grape::cluster
