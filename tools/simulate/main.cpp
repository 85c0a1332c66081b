#include "tools/simulate/arguments.hpp"
#include "tools/simulate/batch.hpp"
#include "tools/simulate/drawing.hpp"
#include "tools/simulate/exploring.hpp"
#include "tools/simulate/living.hpp"
#include "tools/simulate/shrink.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>

namespace {

using namespace grape;
using namespace grape::simulate;

constexpr double drawn_seconds = 12;

/// One seed, with everything it does written down as it happens.
int watch(const arguments& given) {
  std::ofstream lines;
  if (given.trace_file)
    lines.open(*given.trace_file);
  const auto how = storm_of(given.first_seed, given);
  lines << to_json(how) << '\n';
  drawing picture;
  auto options = options_of(given);
  options.sink = [&](const simulation::record& next) {
    if (given.trace_file)
      lines << to_json(next) << '\n' << std::flush;
    if (given.drawing_file)
      picture.add(next);
  };
  const auto found = simulation::run_seed(given.first_seed, how, options);
  std::printf("seed %llu: %llu steps, %llu faults, %llu committed, digest %016llx: %s\n",
              static_cast<unsigned long long>(given.first_seed),
              static_cast<unsigned long long>(found.result.steps),
              static_cast<unsigned long long>(found.result.faults),
              static_cast<unsigned long long>(found.result.committed),
              static_cast<unsigned long long>(found.result.digest),
              found.passed() ? "passed" : found.detail.c_str());
  if (given.drawing_file)
    std::ofstream{*given.drawing_file}
        << picture.svg("seed " + std::to_string(given.first_seed), drawn_seconds);
  return found.passed() ? 0 : 1;
}

int make_small(const arguments& given) {
  const auto found = shrink(given);
  if (!found.failed) {
    std::printf("seed %llu passes\n", static_cast<unsigned long long>(given.first_seed));
    return 0;
  }
  std::printf("%s\n%llu steps, %llu faults, after %llu attempts\n%s\n", found.what.c_str(),
              static_cast<unsigned long long>(found.steps),
              static_cast<unsigned long long>(found.faults),
              static_cast<unsigned long long>(found.attempts), found.command.c_str());
  return 1;
}

/// True if every rare thing happened.
bool print_rare(const simulation::sometimes& counts) {
  auto all = true;
  std::printf("sometimes:");
  for (std::size_t i = 0; i < simulation::rare_count; ++i) {
    const auto name = to_string(static_cast<simulation::rare>(i));
    std::printf("%s%-28s %10llu", i % 3 == 0 ? "\n  " : "  ", std::string{name}.c_str(),
                static_cast<unsigned long long>(counts.counts[i]));
    all = all && counts.counts[i] != 0;
  }
  std::printf("\n");
  return all;
}

int run_all(const arguments& given) {
  const auto total = run_batch(given);
  if (given.prints_digests)
    return total.failures.empty() ? 0 : 1;
  const auto all_rare = print_rare(total.counts);
  const auto virtual_s = static_cast<double>(total.virtual_us) / 1e6;
  std::printf("%llu seeds, %llu failed, %llu healed; %.0f virtual seconds in %.1f s with %u "
              "workers: %.0f cluster-seconds a second and worker\n",
              static_cast<unsigned long long>(total.runs),
              static_cast<unsigned long long>(total.failures.size()),
              static_cast<unsigned long long>(total.healed), virtual_s, total.wall_s, given.workers,
              virtual_s / total.wall_s / given.workers);
  if (const auto unhealed = total.runs - total.healed - total.failures.size(); unhealed != 0)
    std::printf("%llu not healed: nobody was left who can win an election\n",
                static_cast<unsigned long long>(unhealed));
  std::printf("%llu steps, %llu faults, %llu entries committed, %llu requests answered\n",
              static_cast<unsigned long long>(total.steps),
              static_cast<unsigned long long>(total.faults),
              static_cast<unsigned long long>(total.committed),
              static_cast<unsigned long long>(total.answered));
  if (given.wants_all_rare && !all_rare)
    std::printf("a \"sometimes\" point was never hit\n");
  return total.failures.empty() && (all_rare || !given.wants_all_rare) ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
  const auto given = parse(count, words);
  if (!given) {
    std::cerr << "simulate: " << given.error().detail << "\n" << usage();
    return 2;
  }
  if (given->help) {
    std::cout << usage();
    return 0;
  }
  if (given->explored)
    return explore_and_print(*given->explored);
  if (given->clustered && is_modelled(*given))
    return live_and_print(*given);
  if (given->clustered)
    return given->trace_file ? watch_cluster(*given) : run_clusters(*given);
  if (given->shrinks)
    return make_small(*given);
  if (given->trace_file || given->drawing_file)
    return watch(*given);
  return run_all(*given);
}
