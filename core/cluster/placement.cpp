#include "core/cluster/placement.hpp"

#include "core/check.hpp"
#include "core/cluster/ring.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace grape::cluster {

namespace {

/// Rendezvous hashing (Thaler and Ravishankar, 1998): each group has its own order of all nodes,
/// and a node that comes or goes leaves the order of the others as it was.
std::uint64_t affinity(group_id group, std::string_view node) {
  return sha256_head(std::to_string(group.value) + "@" + std::string{node});
}

bool accepts(const layout& where, node_number node) {
  const auto found = where.nodes.find(node);
  return found != where.nodes.end() && found->second.accepts;
}

/// Of the nodes that accept and are not among `data`, one that witnesses least.
std::optional<node_number> witness_for(const layout& where, group_id group,
                                       const std::set<node_number>& data) {
  std::map<node_number, std::size_t> witnessed;
  for (const auto& [other, placed] : where.groups)
    if (placed.witness && other != group)
      ++witnessed[*placed.witness];
  std::optional<std::tuple<std::size_t, std::uint64_t, node_number>> best;
  for (const auto& [number, node] : where.nodes) {
    if (!node.accepts || data.contains(number))
      continue;
    const std::tuple candidate{witnessed[number], affinity(group, node.name), number};
    best = best ? std::min(*best, candidate) : candidate;
  }
  return best ? std::optional{std::get<node_number>(*best)} : std::nullopt;
}

bool keeps(const layout& where, node_number node) {
  const auto found = where.nodes.find(node);
  return found != where.nodes.end() && found->second.keeps;
}

/// Nobody is left to copy from.
bool is_lost(const layout& where, const placed_group& group) {
  return !group.data.empty()
         && std::none_of(group.data.begin(), group.data.end(),
                         [&where](auto node) { return where.nodes.contains(node); });
}

/// A layout in the making, and how busy its nodes are.
class planner {
public:
  planner(const layout& where, const placement_limits& limits)
    : where_(where)
    , limits_(limits) {
    GRAPE_CHECK(limits.in_max > 0 && limits.out_max > 0);
    counts_ = replica_counts(where_);
  }

  /// `step` is under way: the layout is what it will be, its nodes are busy.
  void begin(const placement_step& step) {
    const auto found = where_.groups.find(step.group);
    if (found == where_.groups.end())
      return;
    found->second = after(std::move(found->second), step);
    changing_.insert(step.group);
    if (step.witness)
      return; // Neither counted nor a burden: a witness holds no data.
    if (step.to) {
      ++receiving_[*step.to];
      count(*step.to, 1);
    }
    if (step.from) {
      ++giving_[*step.from];
      count(*step.from, -1);
    }
  }

  std::vector<placement_step> plan() {
    mend_all();
    if (!unfinished_)
      level();
    return std::move(plan_);
  }

private:
  void add(const placement_step& step) {
    plan_.push_back(step);
    if (step.to && !step.witness && where_.groups.at(step.group).needs_room)
      --where_.nodes.at(*step.to).room;
    begin(step);
  }

  /// For a data replica.
  bool has_room(group_id group, node_number node) const {
    return !where_.groups.at(group).needs_room || where_.nodes.at(node).room > 0;
  }

  void count(node_number node, int change) {
    if (const auto found = counts_.find(node); found != counts_.end())
      found->second += static_cast<std::size_t>(change);
  }

  void mend_all() {
    std::vector<group_id> groups;
    for (const auto& [group, placed] : where_.groups)
      groups.push_back(group);
    for (const auto group : groups) {
      if (changing_.contains(group))
        unfinished_ = unfinished_ || mend(group).has_value();
      else if (const auto step = mend(group))
        begin_if_allowed(*step);
    }
  }

  void begin_if_allowed(const placement_step& step) {
    if (step.to && !step.witness && (is_full(step) || gives_enough(step)))
      unfinished_ = true;
    else
      add(step);
  }

  bool is_full(const placement_step& step) { return receiving_[*step.to] >= limits_.in_max; }

  bool gives_enough(const placement_step& step) {
    return step.from && keeps(where_, *step.from) && giving_[*step.from] >= limits_.out_max;
  }

  /// The step that `group` needs most, if any that helps.
  std::optional<placement_step> mend(group_id group) {
    const auto& placed = where_.groups.at(group);
    if (is_lost(where_, placed))
      return {};
    const auto stray = stray_of(placed);
    if (placed.data.size() > placed.factor)
      return placement_step{.group = group, .from = stray ? stray : dispensable(placed)};
    if (stray || placed.data.size() < placed.factor)
      if (const auto to = home_for(group))
        return placement_step{group, stray, to};
    // Without another home: the witness's node can be one, in steps that never cost a majority.
    const auto could_be_home = placed.witness && accepts(where_, *placed.witness)
                               && has_room(group, *placed.witness);
    if (could_be_home && (stray ? placed.data.size() == 1 : placed.data.size() < placed.factor))
      return placement_step{group, placed.witness, {}, true};
    // Who never comes back only makes a majority harder.
    if (stray && placed.data.size() > 1 && (could_be_home || !where_.nodes.contains(*stray)))
      return placement_step{.group = group, .from = stray};
    if (const auto home = way_home(group))
      return home;
    return mend_witness(group);
  }

  /// A replica that is not where it is at best goes there, as soon as it can: the nodes that were
  /// asked for were away when it was made, or for so long that it was replaced. Not one that a
  /// person put where it is.
  std::optional<placement_step> way_home(group_id group) {
    const auto& placed = where_.groups.at(group);
    if (placed.at_best.empty())
      return {};
    const auto strays = [&placed](node_number node) {
      return !placed.prefers(node) && !placed.by_hand.contains(node);
    };
    const auto from = std::find_if(placed.data.begin(), placed.data.end(), strays);
    const auto to = home_for(group);
    if (from == placed.data.end() || !to || !placed.prefers(*to))
      return {};
    return placement_step{group, *from, to};
  }

  /// A node that should not hold the replica it holds; at best one that is gone for good.
  std::optional<node_number> stray_of(const placed_group& placed) const {
    std::optional<node_number> stray;
    for (const auto node : placed.data) {
      if (!where_.nodes.contains(node))
        return node;
      if (!keeps(where_, node))
        stray = node;
    }
    return stray;
  }

  std::optional<placement_step> mend_witness(group_id group) const {
    const auto& placed = where_.groups.at(group);
    const auto is_wanted = placed.factor % 2 == 0;
    if (is_wanted && placed.witness && keeps(where_, *placed.witness))
      return {};
    const auto to = is_wanted ? witness_for(where_, group, placed.data) : std::nullopt;
    // Where a witness is, no data replica can come later: who has too few gets one now.
    if (to && !placed.witness && !placed.data.empty() && has_room(group, *to))
      if (const auto full = dispensable(placed); is_fuller(full, *to))
        return placement_step{group, full, to};
    // One that is away but may come back does no harm where there is no other.
    const auto is_gone = placed.witness && !where_.nodes.contains(*placed.witness);
    if (to || is_gone || (placed.witness && !is_wanted))
      return placement_step{group, placed.witness, to, true};
    return {};
  }

  /// Levelling would move a data replica from `full` to `to`.
  bool is_fuller(node_number full, node_number to) const {
    const auto holds = counts_.find(full);
    return holds != counts_.end() && holds->second > counts_.at(to) + 1;
  }

  /// The one that can be missed best: at best one that nobody hears, else one where it is not at
  /// best, else on the fullest node.
  node_number dispensable(const placed_group& placed) const {
    const auto burden = [this, &placed](node_number node) {
      const auto found = counts_.find(node);
      const auto is_heard = found != counts_.end();
      return std::tuple{!is_heard, !placed.prefers(node), is_heard ? found->second : 0};
    };
    return *std::max_element(placed.data.begin(), placed.data.end(),
                             [burden](auto a, auto b) { return burden(a) < burden(b); });
  }

  /// Where a new data replica of `group` goes: to the emptiest node without one that it prefers,
  /// at best to one that is not busy.
  std::optional<node_number> home_for(group_id group) {
    const auto& placed = where_.groups.at(group);
    std::optional<node_number> best;
    for (const auto& [node, held] : counts_)
      if (!placed.data.contains(node) && placed.witness != node && has_room(group, node)
          && (!best || rank(group, node) < rank(group, *best)))
        best = node;
    return best;
  }

  std::tuple<bool, bool, std::size_t, std::uint64_t> rank(group_id group, node_number node) {
    return {!where_.groups.at(group).prefers(node), receiving_[node] >= limits_.in_max,
            counts_.at(node),
            affinity(group, where_.nodes.at(node).name)};
  }

  /// Moves replicas from the fullest to the emptiest nodes while that makes them more equal.
  void level() {
    while (const auto step = levelling_step())
      add(*step);
  }

  std::optional<placement_step> levelling_step() {
    std::vector<std::pair<std::size_t, node_number>> by_count;
    for (const auto& [node, held] : counts_)
      by_count.emplace_back(held, node);
    std::sort(by_count.begin(), by_count.end());
    for (auto full = by_count.rbegin(); full != by_count.rend(); ++full) {
      if (giving_[full->second] >= limits_.out_max)
        continue;
      for (const auto& [held, to] : by_count) {
        if (held + 1 >= full->first)
          break; // The next are fuller still.
        if (receiving_[to] < limits_.in_max)
          if (const auto group = movable(full->second, to))
            return placement_step{*group, full->second, to};
      }
    }
    return {};
  }

  /// Of the groups that may go from `from` to `to`, the one that likes `to` best.
  std::optional<group_id> movable(node_number from, node_number to) const {
    std::optional<std::pair<std::uint64_t, group_id>> best;
    for (const auto& [group, placed] : where_.groups) {
      if (!placed.data.contains(from) || placed.data.contains(to) || placed.witness == to
          || changing_.contains(group) || placed.by_hand.contains(from) || !placed.prefers(to)
          || !has_room(group, to))
        continue;
      const std::pair candidate{affinity(group, where_.nodes.at(to).name), group};
      best = best ? std::min(*best, candidate) : candidate;
    }
    return best ? std::optional{best->second} : std::nullopt;
  }

  layout where_;
  placement_limits limits_;
  std::map<node_number, std::size_t> counts_;
  std::map<node_number, std::size_t> receiving_;
  std::map<node_number, std::size_t> giving_;
  std::set<group_id> changing_;
  std::vector<placement_step> plan_;
  bool unfinished_ = false; // Something is to be mended that the limits do not allow yet.
};

} // namespace

std::map<node_number, std::size_t> replica_counts(const layout& where) {
  std::map<node_number, std::size_t> counts;
  for (const auto& [number, node] : where.nodes)
    if (node.accepts)
      counts[number] = 0;
  for (const auto& [group, placed] : where.groups)
    for (const auto node : placed.data)
      if (const auto found = counts.find(node); found != counts.end())
        ++found->second;
  return counts;
}

placed_group after(placed_group group, const placement_step& step) {
  if (step.witness) {
    group.witness = step.to;
    return group;
  }
  if (step.from)
    group.data.erase(*step.from);
  if (step.to)
    group.data.insert(*step.to);
  return group;
}

placed_group choose_nodes(const layout& where, group_id group, std::size_t factor,
                          std::set<node_number> at_best) {
  placed_group placed;
  placed.factor = factor;
  placed.at_best = std::move(at_best);
  std::vector<std::tuple<bool, std::size_t, std::uint64_t, node_number>> order;
  for (const auto& [node, held] : replica_counts(where))
    if (where.nodes.at(node).room > 0)
      order.emplace_back(!placed.prefers(node), held, affinity(group, where.nodes.at(node).name),
                         node);
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < std::min(factor, order.size()); ++i)
    placed.data.insert(std::get<node_number>(order[i]));
  if (factor % 2 == 0 && placed.data.size() == factor)
    placed.witness = witness_for(where, group, placed.data);
  return placed;
}

std::vector<placement_step> plan_placement(const layout& where,
                                           const std::vector<placement_step>& moving,
                                           const placement_limits& limits) {
  planner next{where, limits};
  for (const auto& step : moving)
    next.begin(step);
  return next.plan();
}

} // namespace grape::cluster
