#include "core/cluster/founding.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>

using namespace grape;

namespace {

using cluster::founding;
using cluster::founding_stage;
using cluster::founding_state;

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

founding_state at(founding_stage stage, std::string id = "") {
  return {stage, std::move(id), "grape", {"a=1", "b=2", "c=3"}};
}

const auto empty = at(founding_stage::empty);

/// What `who` wants written, which it then has on its disk.
founding_stage hears(founding& who, node_number from, const founding_state& state) {
  const auto wanted = who.answered(from, state);
  REQUIRE(wanted.ok());
  if (*wanted)
    who.written(**wanted);
  return who.own().stage;
}

/// Founders as processes with disks, asked and answered in any order; some of them are stopped,
/// started, paused in the middle of a write, or lose their disks.
class founders {
public:
  explicit founders(std::uint64_t seed)
    : random_(seed)
    , disks_(3, empty)
    , processes_(3) {}

  void step() {
    const auto i = random_() % 3;
    switch (random_() % 12) {
      case 0: stop(i); break;
      case 1:
        if (wipes_ > 0 && random_() % 20 == 0)
          wipe(i);
        break;
      case 2: start(i); break;
      default: act(i); break;
    }
    for (const auto& disk : disks_)
      if (disk.stage == founding_stage::formed)
        formed.insert(disk.cluster_id);
  }

  void start(std::size_t i) {
    if (processes_[i])
      return;
    const auto id = "cluster " + std::to_string(++drawn_);
    processes_[i] = std::make_unique<founding>(number(i), disks_[i], id);
  }

  void stop(std::size_t i) {
    processes_[i].reset();
    std::erase_if(questions_, [i](auto& asked) { return asked.from == i; });
  }

  void wipe(std::size_t i) {
    stop(i);
    disks_[i] = empty;
    --wipes_;
  }

  void allow_wipes(int count) { wipes_ = count; }

  /// Asks, answers or hears: whatever comes next at founder `i`.
  void act(std::size_t i) {
    if (!processes_[i])
      return;
    if (random_() % 2 == 0) {
      for (const auto other : processes_[i]->to_ask())
        if (questions_.size() < 12)
          questions_.push_back({i, other.value - 1});
      return;
    }
    if (questions_.empty())
      return;
    const auto at = random_() % questions_.size();
    const auto asked = questions_[at];
    questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(at));
    if (processes_[asked.from] && processes_[asked.to])
      hear(asked);
  }

  bool all_formed() const {
    return std::all_of(disks_.begin(), disks_.end(),
                       [](auto& disk) { return disk.stage == founding_stage::formed; });
  }

  std::set<std::string> formed; ///< Every id that any disk ever held as formed.
  std::size_t refused = 0;      ///< Processes that gave up because their disk was lost.

private:
  struct question {
    std::size_t from;
    std::size_t to;
  };

  static node_number number(std::size_t i) {
    return node_number{static_cast<std::uint32_t>(i + 1)};
  }

  void hear(const question& asked) {
    const auto wanted =
        processes_[asked.from]->answered(number(asked.to), processes_[asked.to]->own());
    if (!wanted.ok()) {
      ++refused;
      stop(asked.from);
      return;
    }
    if (!*wanted)
      return;
    // A crash may come before the write, between it and the next word, or later.
    if (random_() % 10 == 0)
      return stop(asked.from);
    disks_[asked.from] = **wanted;
    if (random_() % 10 == 0)
      return stop(asked.from);
    processes_[asked.from]->written(**wanted);
  }

  std::mt19937_64 random_;
  std::vector<founding_state> disks_;
  std::vector<std::unique_ptr<founding>> processes_;
  std::vector<question> questions_;
  int drawn_ = 0;
  int wipes_ = 0;
};

TEST_SUITE("core.cluster.founding") {
  TEST_CASE("the first founder draws the id once everybody answered, the others follow it") {
    founding first{n1, empty, "x"};
    founding second{n2, empty, "y"};

    CHECK(first.to_ask() == std::vector{n2, n3});
    CHECK(hears(first, n2, empty) == founding_stage::empty);
    CHECK(hears(second, n1, first.own()) == founding_stage::empty);
    CHECK(hears(first, n3, empty) == founding_stage::agreed);
    CHECK(first.own().cluster_id == "x");
    CHECK(hears(second, n1, first.own()) == founding_stage::agreed);
    CHECK(second.own().cluster_id == "x");
  }

  TEST_CASE("nobody votes before everybody has the id on its disk") {
    founding first{n1, at(founding_stage::agreed, "x"), "y"};
    founding second{n2, at(founding_stage::agreed, "x"), "y"};

    CHECK(hears(first, n2, second.own()) == founding_stage::agreed);
    CHECK(hears(second, n1, first.own()) == founding_stage::agreed);
    CHECK(hears(second, n3, at(founding_stage::agreed, "x")) == founding_stage::agreed);
    CHECK(hears(first, n3, empty) == founding_stage::agreed);
    CHECK(hears(first, n3, at(founding_stage::agreed, "x")) == founding_stage::formed);
    CHECK(hears(second, n1, first.own()) == founding_stage::formed);
    CHECK(second.to_ask().empty());
  }

  TEST_CASE("a founder without disk does not join the cluster that it once founded") {
    for (const auto self : {n1, n2}) {
      founding wiped{self, empty, "y"};

      const auto answer = wiped.answered(n3, at(founding_stage::formed, "x"));

      REQUIRE_FALSE(answer.ok());
      const auto name = self == n1 ? std::string{"a"} : std::string{"b"};
      CHECK(answer.error()
            == status{errc::corrupted,
                      "the cluster x was formed with founder `" + name
                          + "`, but there is no trace of it on this disk; if the disk is lost, run "
                            "`grapectl node replace "
                          + name + "` against another node"});
    }
  }

  TEST_CASE("an id that was agreed on outlives the first founder's disk") {
    founding first{n1, empty, "y"};
    hears(first, n2, at(founding_stage::agreed, "x"));
    CHECK(hears(first, n3, empty) == founding_stage::agreed);
    CHECK(first.own().cluster_id == "x");
  }

  TEST_CASE("a founder that is alone needs nobody") {
    founding alone{n1, {founding_stage::empty, "", "grape", {"a=1"}}, "x"};
    CHECK(alone.to_ask().empty());
    REQUIRE(alone.begun().has_value());
    alone.written(*alone.begun());
    alone.written(*alone.begun());
    CHECK(alone.is_formed());
    CHECK_FALSE(alone.begun().has_value());
  }

  TEST_CASE("configurations that differ are named") {
    founding second{n2, empty, "y"};
    auto other = empty;
    other.cluster_name = "wine";
    CHECK(second.answered(n1, other).error()
          == status{errc::bad_config, "founder `a` belongs to cluster `wine`, this node to "
                                      "`grape`: [cluster] name must be the same on every node"});
    other = empty;
    other.founders.pop_back();
    CHECK(second.answered(n1, other).error()
          == status{errc::bad_config,
                    "founder `a` has [cluster] founders = a=1, b=2; this node has a=1, b=2, c=3: "
                    "they must be the same on every founder"});
  }

  TEST_CASE("disks of two clusters do not mix") {
    founding second{n2, at(founding_stage::agreed, "y"), "z"};
    CHECK(second.answered(n1, at(founding_stage::formed, "x")).error()
          == status{errc::bad_config, "founder `a` belongs to cluster x, this disk to y"});
  }

  TEST_CASE("crashes at any moment only delay: one cluster is formed, with one id") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      CAPTURE(seed);
      founders all{seed};
      for (int i = 0; i < 20'000 && !all.all_formed(); ++i)
        all.step();
      CHECK(all.all_formed());
      CHECK(all.formed.size() == 1);
      CHECK(all.refused == 0);
    }
  }

  TEST_CASE("lost disks never make a second cluster while one that was formed is left") {
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
      CAPTURE(seed);
      founders all{seed};
      all.allow_wipes(2);
      for (int i = 0; i < 2'000; ++i)
        all.step();
      CHECK(all.formed.size() <= 1);
      refused += all.refused;
    }
    CHECK(refused > 0);
  }
}

} // namespace
