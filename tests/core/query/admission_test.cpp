#include "core/query/admission.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <queue>
#include <random>
#include <utility>
#include <vector>

using namespace grape;

namespace {

constexpr query::admission_limits two_wide{.width = 2};

/// A node by numbers: two places, one queue, an admission in front of it.
class model_node {
public:
  explicit model_node(std::uint64_t service_us) : service_us_(service_us) {
  }

  void serve_each_in(std::uint64_t service_us) { service_us_ = service_us; }

  /// Lets time go on to `now_us`, then asks. False: refused.
  bool ask(std::uint64_t now_us) {
    run_to(now_us);
    if (!door.enter(now_us)) {
      ++refused;
      return false;
    }
    queue_.push_back(now_us);
    start(now_us);
    return true;
  }

  void run_to(std::uint64_t now_us) {
    while (!running_.empty() && running_.top().first <= now_us) {
      const auto [ends, came] = running_.top();
      running_.pop();
      door.leave(came, ends);
      latencies_us.push_back(ends - came);
      if (answered)
        answered(ends);
      start(ends);
    }
  }

  std::uint64_t percentile(double share) {
    std::sort(latencies_us.begin(), latencies_us.end());
    return latencies_us[static_cast<std::size_t>(share
                                                 * static_cast<double>(latencies_us.size() - 1))];
  }

  query::admission door{two_wide};
  std::vector<std::uint64_t> latencies_us;
  std::uint64_t refused = 0;
  std::function<void(std::uint64_t now_us)> answered;

private:
  using job = std::pair<std::uint64_t, std::uint64_t>; // Ends, came.

  void start(std::uint64_t now_us) {
    while (running_.size() < two_wide.width && !queue_.empty()) {
      const auto came = std::exchange(queue_.front(), 0);
      queue_.pop_front();
      if (door.is_stale(came, now_us)) {
        door.give_up();
        ++refused;
      } else {
        running_.emplace(now_us + service_us_, came);
      }
    }
  }

  std::uint64_t service_us_;
  std::deque<std::uint64_t> queue_; // When they came.
  std::priority_queue<job, std::vector<job>, std::greater<>> running_;
};

/// Asks `per_s` times a second, by chance, for `seconds` from `start_us` on.
void load(model_node& node, double per_s, double seconds, std::uint64_t start_us = 0) {
  std::mt19937_64 random{7};
  std::exponential_distribution<double> gap{per_s / 1e6};
  const auto until_us = static_cast<double>(start_us) + seconds * 1e6;
  for (auto now_us = static_cast<double>(start_us) + gap(random); now_us < until_us;
       now_us += gap(random))
    node.ask(static_cast<std::uint64_t>(now_us));
  node.run_to(static_cast<std::uint64_t>(until_us));
}

/// `clients` of them ask again as soon as they have their answer, for two seconds.
void ask_in_turns(model_node& node, std::size_t clients) {
  node.answered = [&node](std::uint64_t now_us) {
    if (now_us < 2'000'000)
      node.ask(now_us);
  };
  for (std::size_t i = 0; i < clients; ++i)
    node.ask(0);
  node.run_to(3'000'000);
}

} // namespace

TEST_SUITE("core.query.admission") {
  TEST_CASE("ten for each place are let in however long they take") {
    query::admission door{two_wide};
    REQUIRE(door.enter(0));
    door.leave(0, 60'000'000);
    REQUIRE(door.interval_us() == 30'000'000);

    while (door.enter(0)) {
    }

    CHECK(door.inside() == 20);
  }

  TEST_CASE("asking whether it is open says what entering would, and lets nobody in") {
    query::admission door{two_wide};
    REQUIRE(door.enter(0));
    door.leave(0, 60'000'000);

    for (std::size_t i = 0; i < 20; ++i) {
      CHECK(door.is_open(0));
      CHECK(door.inside() == i);
      CHECK(door.enter(0));
    }
    CHECK_FALSE(door.is_open(0));
    CHECK_FALSE(door.enter(0));
  }

  TEST_CASE("a crowd is let in whole; once it is a flood, the queue is kept short") {
    query::admission door{two_wide};
    REQUIRE(door.enter(0));
    door.leave(0, 2'000);
    REQUIRE(door.interval_us() == 1'000);

    while (door.enter(0)) {
    }
    CHECK(door.inside() == 64);

    std::uint64_t now_us = 2'000;
    for (; door.inside() > 20; now_us += 1'000) {
      CHECK_FALSE(door.enter(now_us));
      door.leave(0, now_us);
    }
    door.leave(0, now_us);
    CHECK(door.enter(now_us));
    CHECK_FALSE(door.enter(now_us));
    const auto refused_us = now_us;
    for (; door.inside() > 2; now_us += 1'000)
      door.leave(0, now_us);
    REQUIRE(now_us < refused_us + 100'000); // A pause of those who ask is no end of the flood.
    for (std::size_t i = 2; i < 20; ++i)
      CHECK(door.enter(now_us));
    CHECK_FALSE(door.enter(now_us));
    for (; door.inside() > 2; now_us += 1'000)
      door.leave(0, now_us);
    now_us += 100'000;
    while (door.enter(now_us)) {
    }
    CHECK(door.inside() == 64);
  }

  TEST_CASE("in a flood whoever has waited for twice as long as the queue takes goes unserved") {
    query::admission door{two_wide};
    REQUIRE(door.enter(0));
    door.leave(0, 2'000);
    REQUIRE(door.interval_us() == 1'000); // 20 inside take 20 ms.
    for (int i = 0; i < 64; ++i)
      REQUIRE(door.enter(2'000));
    CHECK_FALSE(door.is_stale(2'000, 60'000)); // A crowd waits.

    REQUIRE_FALSE(door.enter(3'000));

    CHECK_FALSE(door.is_stale(2'000, 42'000));
    CHECK(door.is_stale(2'000, 42'001));
    door.give_up();
    CHECK(door.inside() == 63);
    CHECK(door.interval_us() == 1'000); // Nothing was learned of it.
  }

  TEST_CASE("a batch waits, makes wait and teaches as its searches do one by one") {
    query::admission single{two_wide};
    query::admission batched{two_wide};
    for (std::uint64_t i = 1; i <= 100; ++i) {
      REQUIRE(single.enter(i * 4'000 - 4'000));
      single.leave(i * 4'000 - 4'000, i * 4'000);
    }
    REQUIRE(batched.enter(0, 100));
    batched.leave(0, 400'000, 100);
    CHECK(single.interval_us() == 2'000);
    CHECK(batched.interval_us() == doctest::Approx(2'000));

    for (int i = 0; i < 30; ++i) // 600 searches before the last: 1.2 s.
      REQUIRE(batched.enter(400'000, 20) == (i < 20));
    CHECK(batched.inside() == 20);
  }

  TEST_CASE("three times the capacity: nearly all of it is served, and nobody waits long") {
    for (const std::uint64_t service_us : {100u, 300u, 1'000u, 4'000u, 50'000u}) {
      CAPTURE(service_us);
      const double capacity_per_s = 2e6 / static_cast<double>(service_us);
      model_node calm{service_us};
      load(calm, capacity_per_s / 2, 10);
      CHECK(calm.refused == 0);

      model_node pressed{service_us};
      load(pressed, 3 * capacity_per_s, 10);

      CHECK(static_cast<double>(pressed.refused) > 0.9 * 20 * capacity_per_s);
      CHECK(static_cast<double>(pressed.latencies_us.size()) > 0.98 * 10 * capacity_per_s);
      CHECK(pressed.percentile(0.99) <= std::max<std::uint64_t>(13 * service_us, 13'000));
    }
  }

  TEST_CASE("after the storm the first quiet second refuses nobody") {
    model_node node{4'000};
    load(node, 1'500, 5);
    const auto refused = node.refused;
    CHECK(refused > 0);

    load(node, 250, 1, 5'100'000);

    CHECK(node.refused == refused);
  }

  TEST_CASE("64 clients that ask again once they were answered are never refused") {
    for (const std::uint64_t service_us : {100u, 1'000u, 3'000u, 5'000u, 6'000u}) {
      model_node node{service_us};

      ask_in_turns(node, 64);

      CHECK(node.refused == 0);
    }
    model_node quick{100};
    ask_in_turns(quick, 500);
    CHECK(quick.refused == 0);
  }

  TEST_CASE("what reads cost is learned anew when it changes") {
    model_node node{20'000};
    load(node, 300, 5);
    CHECK(node.door.interval_us() == doctest::Approx(10'000).epsilon(0.1));
    node.serve_each_in(200);

    load(node, 1'000, 1, 5'500'000);

    CHECK(node.door.interval_us() < 500);
    CHECK(node.door.inside() <= 2);
  }

  TEST_CASE("until something was answered, nobody knows what to refuse") {
    query::admission door{two_wide};

    for (int i = 0; i < 500; ++i)
      REQUIRE(door.enter(0));

    CHECK(door.interval_us() == 0);
  }
}
