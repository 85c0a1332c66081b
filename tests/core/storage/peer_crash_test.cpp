// Goal: peers over real logs keep Raft's promises through crashes.
// Method: three peers, each with a log on a disk that loses power by seed, exchange messages in
// random order. No replica votes twice in a term, no term has two leaders, and whatever one
// replica applied at an index, all do.

#include "core/raft/peer.hpp"
#include "core/storage/faulty_files.hpp"
#include "core/storage/group_log.hpp"
#include "core/storage/log_file.hpp"

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <map>
#include <random>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id group{1};

struct member {
  explicit member(std::uint64_t seed) : files(seed) {}

  faulty_files files;
  std::unique_ptr<log_file> log;
  std::unique_ptr<group_log> view;
  std::optional<raft::peer> peer;
  std::deque<raft::write> waiting;
  log_index applied; ///< Of the state machine, which is durable at once.
};

class crashing_group {
public:
  explicit crashing_group(std::uint64_t seed) : engine_(seed) {
    for (std::uint64_t i = 1; i <= 3; ++i)
      voters_.voters.emplace_back(i);
    for (std::size_t i = 0; i < 3; ++i) {
      members_.push_back(std::make_unique<member>(seed * 3 + i));
      start(i);
    }
  }

  void run(int steps) {
    for (; steps > 0; --steps) {
      const auto i = below(3);
      auto& one = *members_[i];
      const auto what = below(1'000);
      if (what < 2) {
        crash(i);
      } else if (what < 5) {
        one.files.power_off_after(below(4));
        write(i);
      } else if (what < 60) {
        one.peer->tick();
      } else if (what < 120) {
        (void)one.peer->propose(std::make_shared<const std::string>(below(60), 'x'));
      } else if (what < 600) {
        deliver();
      } else {
        write(i);
      }
      take(i);
    }
  }

  std::size_t committed() const { return committed_.size(); }
  std::size_t crashes() const { return crashes_; }

private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

  void start(std::size_t i) {
    auto& one = *members_[i];
    auto log = log_file::open(one.files, "log", {.segment_bytes = 4'096});
    REQUIRE_MESSAGE(log.ok(), log.error().detail);
    one.log = std::move(*log);
    one.view = std::make_unique<group_log>(*one.log, group, [](const status& why) {
      FAIL(to_string(why));
    });
    raft::options how;
    how.self = replica_id{i + 1};
    how.seed = engine_();
    one.peer.emplace(how, raft::boot{one.log->hard_state(group), one.applied, voters_}, *one.view);
  }

  void crash(std::size_t i) {
    auto& one = *members_[i];
    one.peer.reset();
    one.view.reset();
    one.log.reset();
    one.waiting.clear();
    one.files.power_cut(static_cast<torn_tail>(below(3)));
    ++crashes_;
    start(i);
    REQUIRE(one.log->range(group).last >= one.applied);
  }

  /// All that waits, in one batch. What depends on it leaves only when it is durable.
  void write(std::size_t i) {
    auto& one = *members_[i];
    std::vector<group_write> batch;
    for (auto& each : one.waiting)
      batch.push_back({group, each, {}});
    if (!one.log->write(batch).ok() || (!batch.empty() && below(100) == 0))
      return crash(i); // Also between a sync and what it lets go.
    for (const auto& each : std::exchange(one.waiting, {}))
      send(one.peer->persisted(each.token));
    for (const auto& each : one.peer->next_to_apply(1u << 20)) {
      const auto [known, is_new] = committed_.emplace(each.index, each);
      REQUIRE((is_new || known->second == each));
      one.applied = each.index;
    }
    one.peer->applied(one.applied);
    // Nothing was armed to fail any more: a power cut that did not strike is called off.
    one.files.power_off_after(UINT64_MAX);
  }

  void take(std::size_t i) {
    auto& one = *members_[i];
    auto out = one.peer->take_output();
    send(std::move(out.messages));
    if (out.to_write)
      one.waiting.push_back(std::move(*out.to_write));
    const auto now = one.peer->standing();
    if (now.role == raft::role::leader)
      REQUIRE(leaders_.emplace(now.term, i).first->second == i);
  }

  void send(std::vector<raft::message> messages) {
    for (auto& each : messages) {
      if (each.kind == raft::message_kind::vote_response && !each.reject)
        REQUIRE(votes_.emplace(std::pair{each.from, each.term}, each.to).first->second == each.to);
      wire_.push_back(std::move(each));
    }
  }

  void deliver() {
    if (wire_.empty())
      return;
    const auto at = wire_.begin() + static_cast<std::ptrdiff_t>(below(wire_.size()));
    auto sent = std::move(*at);
    wire_.erase(at);
    const auto to = static_cast<std::size_t>(sent.to.value - 1);
    if (below(20) != 0) // Some are lost.
      members_[to]->peer->step(std::move(sent));
    take(to);
  }

  std::mt19937_64 engine_;
  raft::configuration voters_;
  std::vector<std::unique_ptr<member>> members_;
  std::vector<raft::message> wire_;
  std::map<grape::term, std::size_t> leaders_;
  std::map<std::pair<replica_id, grape::term>, replica_id> votes_;
  std::map<log_index, raft::entry> committed_;
  std::size_t crashes_ = 0;
};

} // namespace

TEST_SUITE("core.storage.peer_crash") {
  TEST_CASE("S-49: peers over logs that crash vote once, and agree on all that was applied") {
    std::size_t committed = 0;
    std::size_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      crashing_group group_of_three(seed);
      group_of_three.run(10'000);
      committed += group_of_three.committed();
      crashes += group_of_three.crashes();
    }
    CHECK(committed > 1'000);
    CHECK(crashes > 500);
    MESSAGE(crashes << " crashes, " << committed << " entries committed");
  }
}
