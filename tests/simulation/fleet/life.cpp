#include "tests/simulation/fleet/life.hpp"

namespace grape::fleet {

namespace {

constexpr instant patience = 6 * 3'600 * second;
constexpr std::size_t sample = 100'000;
constexpr std::uint64_t life_stream = 22;

double seconds_of(instant span) {
  return static_cast<double>(span) / static_cast<double>(second);
}

/// A world on its way through a plan.
class traveller {
public:
  traveller(std::uint64_t seed, const life_plan& plan)
    : plan_(plan)
    , luck_(seed, life_stream)
    , all_(seed, plan.nodes - 1, plan.pace) {}

  void go() {
    all_.pass(2 * second);
    all_.create(plan_.shards, plan_.factor);
    all_.pass(5 * second);
    settle("the first placement");
    story_.first = skew_of(shares_of(all_.state(), sample), plan_.nodes - 1);
    lose_and_regain();
    grow();
  }

  life_story told() {
    story_.messages = all_.messages();
    story_.steps = all_.steps();
    story_.virtual_s = seconds_of(all_.now());
    story_.digest = all_.digest();
    return story_;
  }

private:
  cluster::node_state is(node_number which) const { return all_.state().nodes().at(which).state; }

  double took(const char* what, const std::function<bool()>& holds) {
    const auto since = all_.now();
    all_.until(what, holds, patience);
    return seconds_of(all_.now() - since);
  }

  /// Nothing moves for some seconds.
  double settle(const char* what) {
    std::uint32_t quiet = 0;
    const auto passed = took(what, [&] { return (quiet = all_.is_moving() ? 0 : quiet + 1) > 5; });
    all_.check_well();
    return passed;
  }

  /// Copies are left, and nodes for all replicas of a shard and of the metadata group.
  bool is_repairable() const {
    const auto left = plan_.nodes - 2;
    return plan_.factor > 1 && left >= 5 && left >= plan_.factor + 1 - plan_.factor % 2;
  }

  void lose_and_regain() {
    const node_number victim{static_cast<std::uint32_t>(luck_.between(1, plan_.nodes - 1))};
    const auto before = all_.state().placement();
    for (const auto& [group, placed] : before.groups)
      story_.killed_held += placed.data.contains(victim) ? 1 : 0;
    story_.killed_led = all_.led_by(victim);
    const auto killed_at = all_.now();
    all_.kill(victim);
    if (plan_.factor > 1)
      story_.failover_s = took("another leader", [this] { return all_.leaderless() == 0; });
    all_.until(
        "the word that a node is away", [&] { return is(victim) == cluster::node_state::away; },
        patience);
    story_.away_s = seconds_of(all_.now() - killed_at);
    all_.until(
        "the word that a node is down", [&] { return is(victim) == cluster::node_state::down; },
        patience);
    if (is_repairable()) {
      settle("the repair");
      story_.repair_s = seconds_of(all_.now() - killed_at);
    } else {
      all_.pass(minute);
    }
    all_.revive(victim);
    const auto back_at = all_.now();
    all_.until(
        "the return", [&] { return is(victim) == cluster::node_state::active; }, patience);
    settle("the share of who returned");
    story_.rejoin_s = seconds_of(all_.now() - back_at);
  }

  void grow() {
    const auto before = shares_of(all_.state(), sample);
    const auto since = all_.now();
    all_.add_node();
    all_.pass(5 * second);
    settle("the share of the last node");
    story_.grow_s = seconds_of(all_.now() - since);
    const auto after = shares_of(all_.state(), sample);
    story_.grown = moved(before, after);
    story_.last = skew_of(after, plan_.nodes);
  }

  static constexpr instant minute = 60 * second;

  life_plan plan_;
  chance luck_;
  modelled_fleet all_;
  life_story story_;
};

} // namespace

life_story live(std::uint64_t seed, const life_plan& plan) {
  traveller one{seed, plan};
  std::string law;
  std::string detail;
  try {
    one.go();
  } catch (const violation& broken) {
    law = broken.law;
    detail = broken.what();
  }
  auto story = one.told();
  story.law = law;
  story.detail = detail;
  return story;
}

} // namespace grape::fleet
