#include "tools/simulate/living.hpp"

#include "tests/simulation/fleet/life.hpp"
#include "tools/simulate/batch.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <utility>

namespace grape::simulate {

namespace {

constexpr std::uint32_t real_nodes_max = 7;

unsigned long long wide(std::uint64_t number) {
  return number;
}

/// True if what moved is no more than a fair share of it and two percent.
bool print(std::uint64_t seed, const fleet::life_plan& plan, const fleet::life_story& story,
           double wall_s) {
  const auto bound = 1.0 / plan.nodes + 0.02;
  const auto fair = story.grown.replicas <= bound && story.grown.points <= bound;
  std::printf("seed %llu, %u -> %u nodes, %u shards, factor %u (groups modelled, no Raft inside)\n",
              wide(seed), plan.nodes - 1, plan.nodes, plan.shards, plan.factor);
  std::printf("  skew (most / mean)    before: replicas %.3f, points %.3f; after: %.3f, %.3f\n",
              story.first.replicas, story.first.points, story.last.replicas, story.last.points);
  std::printf(
      "  moved by one more     replicas %.2f %%, points %.2f %%; 1/(N+1) + 2 %% = %.2f %%\n",
      100 * story.grown.replicas, 100 * story.grown.points, 100 * bound);
  std::printf("  one node killed       led %zu groups, held %zu replicas; all led again after "
              "%.0f s (modelled),\n",
              story.killed_led, story.killed_held, story.failover_s);
  std::printf("                        called away after %.0f s, all replaced after %.0f s%s\n",
              story.away_s, story.repair_s,
              story.repair_s == 0 ? " (no node was left for it)" : "");
  std::printf("  it came back          and had its share after %.0f s; the new node after %.0f s\n",
              story.rejoin_s, story.grow_s);
  std::printf("  %.0f virtual seconds in %.1f s; %llu messages, %llu steps, digest %016llx: %s\n",
              story.virtual_s, wall_s, wide(story.messages), wide(story.steps), wide(story.digest),
              !story.passed() ? story.detail.c_str()
              : fair          ? "passed"
                              : "more was moved than is fair");
  return story.passed() && fair;
}

} // namespace

namespace {

/// True if each of them happened.
bool print_deeds(const fleet::deeds& done) {
  auto all = true;
  std::printf("sometimes:");
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"founders formed", done.founded},       {"moves done", done.moves},
      {"moves undone", done.undone},           {"disks replaced", done.replaced},
      {"nodes joined", done.joined},           {"nodes emptied", done.emptied},
      {"nodes called down", done.called_down}, {"kills at a stage", done.stage_kills},
      {"moves taken over", done.takeovers},    {"replicas cleaned away", done.cleaned},
      {"stray learners removed", done.mended}, {"groups dropped", done.dropped}};
  for (std::size_t i = 0; i < std::size(counts); ++i) {
    std::printf("%s%-24s %8llu", i % 3 == 0 ? "\n  " : "  ", counts[i].first,
                wide(counts[i].second));
    all = all && counts[i].second != 0;
  }
  std::printf("\n");
  return all;
}

} // namespace

int run_clusters(const arguments& given) {
  const auto total = run_batch(given);
  if (given.prints_digests)
    return total.failures.empty() ? 0 : 1;
  const auto all = print_deeds(total.done);
  std::printf("%llu clusters of Raft peers, %zu failed; %.0f virtual seconds in %.1f s with %u "
              "workers\n%llu steps, %llu messages, %llu faults, %llu entries committed, %llu "
              "requests answered\n",
              wide(total.runs), total.failures.size(), static_cast<double>(total.virtual_us) / 1e6,
              total.wall_s, given.workers, wide(total.steps), wide(total.messages),
              wide(total.faults), wide(total.committed), wide(total.answered));
  if (given.wants_all_rare && !all)
    std::printf("a \"sometimes\" point was never hit\n");
  return total.failures.empty() && (all || !given.wants_all_rare) ? 0 : 1;
}

int watch_cluster(const arguments& given) {
  std::ofstream lines{*given.trace_file};
  auto options = world_options_of(given);
  options.sink = [&lines](const std::string& line) { lines << line << '\n' << std::flush; };
  const auto found =
      fleet::run_world(given.first_seed, weather_of(given.first_seed, given), options);
  std::printf("seed %llu: %llu steps, %llu faults, digest %016llx: %s\n", wide(given.first_seed),
              wide(found.steps), wide(found.faults), wide(found.digest),
              found.passed() ? "passed" : found.detail.c_str());
  return found.passed() ? 0 : 1;
}

bool is_modelled(const arguments& given) {
  return given.modelled || given.nodes.value_or(1) > real_nodes_max;
}

int live_and_print(const arguments& given) {
  fleet::life_plan plan;
  plan.nodes = given.nodes.value_or(plan.nodes);
  plan.shards = given.shards.value_or(plan.shards);
  plan.factor = given.factor.value_or(plan.factor);
  if (plan.nodes < 4 || plan.factor > plan.nodes - 1) {
    std::printf("a modelled cluster ends with 4 nodes or more, and more than a shard's replicas\n");
    return 2;
  }
  auto all_passed = true;
  for (auto seed = given.first_seed; seed <= given.last_seed; ++seed) {
    const auto began = std::chrono::steady_clock::now();
    const auto story = fleet::live(seed, plan);
    const auto took = std::chrono::steady_clock::now() - began;
    const auto passed = print(seed, plan, story, std::chrono::duration<double>(took).count());
    all_passed = all_passed && passed;
  }
  return all_passed ? 0 : 1;
}

} // namespace grape::simulate
