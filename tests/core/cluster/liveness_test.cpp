#include "core/cluster/liveness.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape;

namespace {

using cluster::health;

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

/// Heartbeats every 200 ms of which `lost_share` never arrive, for `hours`; how often the peer was
/// taken for silent.
int false_alarms(double lost_share, std::uint64_t hours, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::bernoulli_distribution lost{lost_share};
  std::normal_distribution<double> delay_ms{5, 20};
  cluster::liveness watcher{{}};
  watcher.watch(n2, 0);
  int alarms = 0;
  std::uint64_t latest = 0;
  for (std::uint64_t now_ms = 200; now_ms < hours * 3'600'000; now_ms += 200) {
    const auto arrives = now_ms + static_cast<std::uint64_t>(std::max(0.0, delay_ms(random)));
    latest = std::max(latest, arrives);
    if (!lost(random))
      watcher.heard(n2, latest);
    for (const auto& change : watcher.judge(latest))
      alarms += change.is == health::silent ? 1 : 0;
  }
  return alarms;
}

TEST_SUITE("core.cluster.phi_accrual") {
  TEST_CASE("suspicion never falls while the peer is silent, and ends when it is heard") {
    std::mt19937_64 random{3};
    cluster::phi_accrual arrivals{{}, 0};
    std::uint64_t now_ms = 0;
    for (int i = 0; i < 500; ++i)
      arrivals.heard(now_ms += 100 + random() % 200);

    double before = 0;
    for (std::uint64_t silence_ms = 0; silence_ms < 60'000; silence_ms += 50) {
      const auto phi = arrivals.phi(now_ms + silence_ms);
      CHECK(phi >= before);
      CHECK(phi <= 300);
      before = phi;
    }
    CHECK(before == 300);

    arrivals.heard(now_ms + 60'000);
    CHECK(arrivals.phi(now_ms + 60'000) < 0.1);
  }

  TEST_CASE("a peer whose heartbeats come irregularly is given more time") {
    cluster::phi_accrual steady{{}, 0};
    cluster::phi_accrual restless{{}, 0};
    std::uint64_t steady_ms = 0;
    std::uint64_t restless_ms = 0;
    for (int i = 0; i < 200; ++i) {
      steady.heard(steady_ms += 200);
      restless.heard(restless_ms += i % 2 == 0 ? 50 : 1'500);
    }

    CHECK(steady.phi(steady_ms + 4'000) > 12);
    CHECK(restless.phi(restless_ms + 4'000) < 1);
  }

  TEST_CASE("one long pause does not blunt the detector") {
    cluster::phi_accrual arrivals{{}, 0};
    std::uint64_t now_ms = 0;
    for (int i = 0; i < 200; ++i)
      arrivals.heard(now_ms += 200);
    arrivals.heard(now_ms += 600'000);

    CHECK(arrivals.phi(now_ms + 6'000) > 12);
  }
}

TEST_SUITE("core.cluster.liveness") {
  TEST_CASE("a node that is watched no more is silent, which is said once") {
    cluster::liveness watcher{{}};
    watcher.watch(n2, 0);
    watcher.watch(n3, 0);
    CHECK(watcher.judge(100).empty());

    watcher.forget(n2);
    watcher.forget(n1); // Nobody watched it.

    CHECK(watcher.judge(200) == std::vector{cluster::health_change{n2, health::silent}});
    CHECK(watcher.judge(300).empty());
    watcher.forget(n3);
    watcher.watch(n3, 300);
    CHECK(watcher.judge(400).empty());
  }

  TEST_CASE("a peer that falls silent is suspect within 5 s and silent within 7") {
    cluster::liveness watcher{{}};
    watcher.watch(n2, 0);
    for (std::uint64_t now_ms = 200; now_ms <= 10'000; now_ms += 200) {
      watcher.heard(n2, now_ms);
      CHECK(watcher.judge(now_ms).empty());
    }

    CHECK(watcher.judge(13'000).empty());
    CHECK(watcher.judge(15'000) == std::vector<cluster::health_change>{{n2, health::suspect}});
    CHECK(watcher.judge(15'900).empty());
    CHECK(watcher.judge(17'000) == std::vector<cluster::health_change>{{n2, health::silent}});
    CHECK(watcher.silent() == std::set{n2});

    watcher.heard(n2, 17'500);
    CHECK(watcher.judge(17'500) == std::vector<cluster::health_change>{{n2, health::alive}});
    CHECK(watcher.silent().empty());
  }

  TEST_CASE("a peer that is heard after the clock was looked at is alive") {
    cluster::liveness watcher{{}};
    watcher.watch(n2, 0);
    watcher.heard(n2, 1'001);

    CHECK(watcher.judge(1'000).empty());
    CHECK(watcher.of(n2) == health::alive);
  }

  TEST_CASE("who never says anything is silent in the end, too") {
    cluster::liveness watcher{{}};
    watcher.watch(n2, 1'000);

    CHECK(watcher.of(n2) == health::alive);
    watcher.judge(8'000);
    CHECK(watcher.of(n2) == health::silent);
  }

  TEST_CASE("a lost connection makes suspect at once, but silent no sooner") {
    cluster::liveness watcher{{}};
    watcher.watch(n2, 0);

    watcher.lost(n2);

    CHECK(watcher.judge(1) == std::vector<cluster::health_change>{{n2, health::suspect}});
    CHECK(watcher.judge(5'900).empty());
    watcher.heard(n2, 5'950);
    CHECK(watcher.judge(5'950) == std::vector<cluster::health_change>{{n2, health::alive}});
  }

  TEST_CASE("who is not watched is silent, and hearing him changes nothing") {
    cluster::liveness watcher{{}};
    watcher.heard(n3, 5);
    watcher.lost(n3);
    watcher.watch(n2, 0);
    watcher.forget(n2);

    CHECK(watcher.judge(60'000) == std::vector{cluster::health_change{n2, health::silent}});
    CHECK(watcher.judge(60'001).empty());
    CHECK(watcher.of(n2) == health::silent);
    CHECK(watcher.of(n3) == health::silent);
    CHECK(watcher.silent().empty());
  }

  TEST_CASE("a twentieth of all heartbeats lost raises no false alarm in 100 hours") {
    CHECK(false_alarms(0.05, 100, 7) == 0);
  }

  TEST_CASE("a network that loses nearly everything does raise alarms") {
    CHECK(false_alarms(0.95, 1, 7) > 0);
  }
}

TEST_SUITE("core.cluster.down_reports") {
  TEST_CASE("a node is down when a majority of the voters do not hear it") {
    const std::set voters{n1, n2, n3};
    cluster::down_reports reports;

    reports.report(n1, {n3}, 0);
    CHECK(reports.down(voters, 0, 2'000).empty());
    reports.report(n2, {n3}, 500);
    CHECK(reports.down(voters, 500, 2'000) == std::set{n3});

    reports.report(n2, {}, 600);
    CHECK(reports.down(voters, 600, 2'000).empty());
  }

  TEST_CASE("a deaf node cannot talk others to death") {
    const std::set voters{n1, n2, n3};
    cluster::down_reports reports;

    reports.report(n1, {n1, n2, n3}, 0);
    reports.report(node_number{9}, {n1, n2, n3}, 0);

    CHECK(reports.down(voters, 0, 2'000).empty());
  }

  TEST_CASE("old reports count for nothing") {
    const std::set voters{n1, n2, n3};
    cluster::down_reports reports;
    reports.report(n1, {n3}, 0);
    reports.report(n2, {n3}, 1'500);

    CHECK(reports.down(voters, 2'000, 2'000) == std::set{n3});
    CHECK(reports.down(voters, 2'001, 2'000).empty());
  }
}

} // namespace
