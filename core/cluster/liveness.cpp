#include "core/cluster/liveness.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

void liveness::watch(node_number node, std::uint64_t now_ms) {
  peers_.try_emplace(node, peer{.arrivals = {options_.arrivals, now_ms}});
  forgotten_.erase(node);
}

void liveness::forget(node_number node) {
  const auto found = peers_.find(node);
  if (found == peers_.end())
    return;
  if (found->second.is != health::silent)
    forgotten_.insert(node);
  peers_.erase(found);
}

void liveness::heard(node_number node, std::uint64_t now_ms) {
  const auto found = peers_.find(node);
  if (found == peers_.end())
    return;
  found->second.arrivals.heard(now_ms);
  found->second.lost = false;
}

void liveness::lost(node_number node) {
  if (const auto found = peers_.find(node); found != peers_.end())
    found->second.lost = true;
}

std::vector<health_change> liveness::judge(std::uint64_t now_ms) {
  std::vector<health_change> changes;
  for (const auto node : std::exchange(forgotten_, {}))
    changes.push_back({node, health::silent});
  for (auto& [node, one] : peers_) {
    const auto is = judge(one, now_ms);
    if (is != std::exchange(one.is, is))
      changes.push_back({node, is});
  }
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.node < b.node; });
  return changes;
}

health liveness::judge(const peer& one, std::uint64_t now_ms) const {
  const auto phi = one.arrivals.phi(now_ms);
  if (phi >= options_.silent_phi && one.arrivals.silence_ms(now_ms) >= options_.silent_ms_min)
    return health::silent;
  return phi >= options_.suspect_phi || one.lost ? health::suspect : health::alive;
}

health liveness::of(node_number node) const {
  const auto found = peers_.find(node);
  return found == peers_.end() ? health::silent : found->second.is;
}

std::set<node_number> liveness::silent() const {
  std::set<node_number> nodes;
  for (const auto& [node, one] : peers_)
    if (one.is == health::silent)
      nodes.insert(node);
  return nodes;
}

void down_reports::report(node_number reporter, std::set<node_number> silent,
                          std::uint64_t now_ms) {
  sayings_.insert_or_assign(reporter, saying{std::move(silent), now_ms});
}

std::set<node_number> down_reports::down(const std::set<node_number>& voters, std::uint64_t now_ms,
                                         std::uint64_t fresh_ms) const {
  std::map<node_number, std::size_t> voices;
  for (const auto& [reporter, said] : sayings_) {
    if (!voters.contains(reporter) || said.at_ms + fresh_ms < now_ms)
      continue;
    for (const auto node : said.silent)
      voices[node] += node == reporter ? 0 : 1;
  }
  std::set<node_number> nodes;
  for (const auto& [node, count] : voices)
    if (2 * count > voters.size())
      nodes.insert(node);
  return nodes;
}

} // namespace grape::cluster
