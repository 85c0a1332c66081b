// Everything at once, against one process that has a whole database in it: writers, searches,
// background work on tiny segments, snapshots, copies, upkeep. Ends with 1 and sentences if
// anything is not as it was acknowledged. Made for the sanitizers, see `tools/nightly races`.

#include "tests/stress/hosts.hpp"
#include "tests/stress/keeper.hpp"
#include "tests/stress/readers.hpp"
#include "tests/stress/verdict.hpp"
#include "tests/stress/writer.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace grape;
using namespace grape::stress;

namespace {

struct run_options {
  std::uint64_t seconds = 5;
  std::uint64_t seed = 1;
  std::uint32_t nodes = 1;
  std::uint64_t writers = 3;
  bool kills = false;
};

/// Long enough for every kind of work on segments, sanitized or not.
constexpr std::uint64_t long_run_s = 60;

status create(gateway_port& port, std::uint32_t nodes) {
  std::promise<status> made;
  port.ask(create_collection_request{collection, options_of(3, nodes)},
           reply_to<changed>{[&made](outcome<changed> answer) {
             made.set_value(answer ? status{} : answer.error());
           }});
  return made.get_future().get();
}

status index_fields(gateway_port& port) {
  for (const std::string field : {"owner", "group", "version"}) {
    std::promise<status> made;
    port.ask(create_field_index_request{collection, field, {field_type::integer, {}}, {true}},
             reply_to<write_receipt>{[&made](outcome<write_receipt> answer) {
               made.set_value(answer ? status{} : answer.error());
             }});
    if (auto done = made.get_future().get(); !done.ok())
      return done;
  }
  return {};
}

/// The clients of one run, and a thread for each.
struct crowd {
  crowd(scene& where, const run_options& options) {
    auto seed = options.seed * 1'000;
    for (std::uint64_t owner = 0; owner < options.writers; ++owner) {
      ledgers.push_back(std::make_unique<ledger>(owner));
      known.push_back(ledgers.back().get());
      writers.push_back(std::make_unique<writer>(where, *known.back(), ++seed));
    }
    for (const auto helps : {false, true})
      searchers.push_back(std::make_unique<searcher>(where, options.writers, helps, ++seed));
    browsing = std::make_unique<browser>(where, options.writers, ++seed);
    keeping = std::make_unique<keeper>(where, known, ++seed);
    watching = std::make_unique<watcher>(where, ++seed);
  }

  void run(scene& where, std::chrono::seconds span) {
    std::vector<std::thread> threads;
    for (auto& each : writers)
      threads.emplace_back([&each] { each->run(); });
    for (auto& each : searchers)
      threads.emplace_back([&each] { each->run(); });
    threads.emplace_back([this] { browsing->run(); });
    threads.emplace_back([this] { keeping->run(); });
    threads.emplace_back([this] { watching->run(); });
    std::this_thread::sleep_for(span);
    where.over = true;
    for (auto& each : threads)
      each.join();
  }

  known_points all_known() const {
    known_points all;
    for (const auto* one : known)
      all.merge(one->copy());
    return all;
  }

  tally told() const {
    tally all;
    for (const auto& each : writers)
      all.add(each->told());
    for (const auto& each : searchers)
      all.add(each->told());
    all.add(browsing->told());
    all.add(keeping->told());
    all.add(watching->told());
    return all;
  }

  std::vector<std::unique_ptr<ledger>> ledgers;
  std::vector<ledger*> known;
  std::vector<std::unique_ptr<writer>> writers;
  std::vector<std::unique_ptr<searcher>> searchers;
  std::unique_ptr<browser> browsing;
  std::unique_ptr<keeper> keeping;
  std::unique_ptr<watcher> watching;
};

/// What the run should have done, and did not: a run without sealing tests nothing.
void judge_coverage(const crowd& all, const run_options& options, tally& told) {
  for (const auto& [kind, codes] : told.answers)
    if (!codes.contains(errc::ok))
      told.flaw("not one `" + kind + "` was done");
  auto works = all.watching->works();
  for (const std::string kind : {"indexing", "merge", "vacuum"}) {
    std::cout << "  work on segments: " << kind << " " << works[kind] << "\n";
    if (works[kind] == 0 && (kind == "indexing" || options.seconds >= long_run_s))
      told.flaw("not one segment came of `" + kind + "`");
  }
}

void print(const tally& told) {
  for (const auto& [kind, codes] : told.answers) {
    std::cout << "  " << kind << ":";
    for (const auto& [code, count] : codes)
      std::cout << " " << count << " " << to_string(code);
    std::cout << "\n";
  }
  for (const auto& flaw : told.flaws)
    std::cout << "FLAW " << flaw << "\n";
}

tally run(const run_options& options, const std::string& folder) {
  tally told;
  hosts house{folder, options.nodes, options.kills};
  const auto opened = [&](const std::string& when) {
    const auto done = house.open();
    if (!done.ok())
      told.flaw(when + ": " + to_string(done));
    return done.ok();
  };
  if (!opened("open"))
    return told;
  scene where{house.ports(), house.ports_on_callers(), options.kills};
  crowd all{where, options};
  for (const auto& done :
       {create(*where.ports.front(), options.nodes), index_fields(*where.ports.front())})
    if (!done.ok())
      told.flaw("create: " + to_string(done));
  if (!told.flaws.empty())
    return told;

  all.run(where, std::chrono::seconds{options.seconds});

  told.add(all.told());
  judge_coverage(all, options, told);
  judge_house(*where.ports.back(), "at the end", all.all_known(), told);
  house.close();
  if (opened("open again"))
    judge_house(*house.ports().front(), "after a restart", all.all_known(), told);
  house.close();
  // Nodes of a cluster say that others are gone, and killed actors why they fell.
  for (const auto& note : house.notes())
    if (options.kills || options.nodes > 1)
      std::cout << "  note: " << note << "\n";
    else
      told.flaw("note: " + note);
  return told;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Everything at once against a database in this process, judged by what it said."};
  run_options options;
  app.add_option("--seconds", options.seconds, "How long clients go on");
  app.add_option("--seed", options.seed, "Of what clients choose; threads differ all the same");
  app.add_option("--nodes", options.nodes, "1, or so many that form a cluster over loopback");
  app.add_option("--writers", options.writers, "Threads that write");
  app.add_flag("--kills", options.kills, "Actors are killed meanwhile");
  CLI11_PARSE(app, argc, argv);

  std::cout << "stress: " << options.seconds << " s, seed " << options.seed << ", " << options.nodes
            << " nodes\n";
  testing::temporary_directory folder;
  const auto told = run(options, folder.path());
  print(told);
  std::cout << (told.flaws.empty() ? "stress: passed\n" : "stress: FAILED\n");
  return told.flaws.empty() ? 0 : 1;
}
