#include "tools/bench/raft_bench.hpp"

#include "tools/raft_drive/node.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace grape::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint64_t entries_kept = 50'000; // Compaction moves what stays: rarely, then.

/// Peers on disks in memory, with a network that loses nothing.
class peers_in_memory {
public:
  explicit peers_in_memory(std::uint64_t count) {
    raft::configuration members;
    for (std::uint64_t i = 1; i <= count; ++i)
      members.voters.emplace_back(i);
    for (const auto which : members.voters) {
      raft::options how;
      how.self = which;
      nodes_.push_back(std::make_unique<raft_drive::node>(
        how, raft_drive::memory_log{{{}, {}, members}, {}}));
    }
    leader().campaign();
    while (work()) {
    }
  }

  raft::peer& leader() { return *nodes_.front()->peer(); }

  void tick() {
    for (auto& one : nodes_)
      one->tick();
  }

  /// Each node once, then all deliveries. False: nothing moved.
  bool work() {
    for (auto& one : nodes_) {
      take(one->ready());
      take(one->persist(std::numeric_limits<std::size_t>::max()));
      one->apply();
    }
    if (nodes_.back()->peer()->applied().value > compacted_.value + 2 * entries_kept)
      compact();
    const bool moved = !wire_.empty();
    for (auto& message : std::exchange(wire_, {}))
      nodes_[message.to.value - 1]->peer()->step(std::move(message));
    return moved;
  }

private:
  void take(std::vector<raft::message> from) {
    for (auto& one : from)
      wire_.push_back(std::move(one));
  }

  void compact() {
    compacted_ = log_index{compacted_.value + entries_kept};
    for (auto& one : nodes_)
      one->compact(compacted_);
  }

  std::vector<std::unique_ptr<raft_drive::node>> nodes_;
  std::vector<raft::message> wire_;
  log_index compacted_;
};

/// Calls `step` for so many seconds; how many times it did, per second.
template <class Step>
double per_second(double seconds, Step&& step) {
  const auto begin = clock::now();
  std::uint64_t steps = 0;
  double passed = 0;
  while (passed < seconds) {
    step();
    ++steps;
    passed = std::chrono::duration<double>(clock::now() - begin).count();
  }
  return static_cast<double>(steps) / passed;
}

} // namespace

status run_raft_bench(const raft_bench_options& options) {
  peers_in_memory busy{3};
  const auto data = std::make_shared<const std::string>(options.payload_bytes, 'x');
  const auto before = busy.leader().commit();
  double rounds = 0;
  const auto rate = per_second(options.seconds, [&] {
    for (std::size_t i = 0; i < options.batch; ++i)
      busy.leader().propose(data);
    busy.work();
    ++rounds;
  });
  const auto committed = static_cast<double>(busy.leader().commit().value - before.value);
  std::cout << "three peers, " << options.payload_bytes << " bytes an entry, " << options.batch
            << " a round: " << static_cast<std::uint64_t>(rate * committed / rounds)
            << " entries/s committed on the leader\n";

  peers_in_memory idle{5};
  const auto ticks = per_second(options.seconds, [&idle] {
    idle.tick();
    while (idle.work()) {
    }
  });
  std::cout << "five idle peers, 10 ticks and heartbeats a second: "
            << static_cast<std::uint64_t>(ticks / 10) << " group-seconds/s\n";
  return {};
}

void add_raft(CLI::App& to, status& done) {
  const auto options = std::make_shared<raft_bench_options>();
  auto* command = to.add_subcommand("raft", "peers in memory: entries, and idle ticks");
  command->add_option("--seconds", options->seconds)->check(CLI::Range(0.1, 600.0));
  command->add_option("--batch", options->batch, "proposals between two outputs")
    ->check(CLI::Range(1, 100'000));
  command->add_option("--bytes", options->payload_bytes, "of each entry's payload");
  command->callback([options, &done] { done = run_raft_bench(*options); });
}

} // namespace grape::bench
