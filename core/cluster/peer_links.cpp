#include "core/cluster/peer_links.hpp"

namespace grape::cluster {

peer_links_plan plan_peer_links(const metadata& state, node_number self,
                                const std::set<node_number>& standing) {
  peer_links_plan plan;
  const auto& nodes = state.nodes();
  if (nodes.empty())
    return plan;
  for (const auto& [number, node] : nodes)
    if (number != self && node.state != node_state::removed && !standing.contains(number))
      plan.begin.emplace(number, node.peer_address);
  for (const auto number : standing) {
    const auto at = nodes.find(number);
    if (at == nodes.end() || at->second.state == node_state::removed)
      plan.end.insert(number);
  }
  return plan;
}

node_number number_before_joining(const metadata& state, node_number node) {
  const auto at = state.nodes().find(node);
  if (at == state.nodes().end() || at->second.state != node_state::expected)
    return node;
  for (const auto& [number, entry] : state.nodes())
    if (entry.name == at->second.name)
      return number;
  return node;
}

node_number number_now(const metadata& state, node_number number, std::string_view name) {
  const auto at = state.nodes().find(number);
  if (at == state.nodes().end() || at->second.state != node_state::removed
      || at->second.name != name)
    return number;
  return state.find_node(name).value_or(number);
}

} // namespace grape::cluster
