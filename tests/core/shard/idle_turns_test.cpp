#include "core/shard/idle_turns.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace grape;
using namespace grape::shard;

namespace {

constexpr std::size_t beats = 30;

/// How often each had its turn in one round.
std::map<group_id, int> round(idle_turns& turns, std::size_t& most_at_once) {
  std::map<group_id, int> times;
  for (std::size_t beat = 0; beat < beats; ++beat) {
    const auto now = turns.next();
    most_at_once = std::max(most_at_once, now.size());
    for (const auto group : now)
      ++times[group];
  }
  return times;
}

std::map<group_id, int> once_each(const std::vector<group_id>& all) {
  std::map<group_id, int> times;
  for (const auto group : all)
    times[group] = 1;
  return times;
}

std::vector<group_id> groups(std::uint32_t first, std::uint32_t count) {
  std::vector<group_id> all;
  for (std::uint32_t i = 0; i < count; ++i)
    all.push_back(group_id{first + i});
  return all;
}

} // namespace

TEST_SUITE("shard.idle_turns") {
  TEST_CASE("in a round each group has one turn, and never all at once") {
    idle_turns turns{beats};
    const auto all = groups(5, 1'000);
    turns.are(all);
    for (int rounds = 0; rounds < 3; ++rounds) {
      std::size_t most_at_once = 0;
      CHECK(round(turns, most_at_once) == once_each(all));
      CHECK(most_at_once <= all.size() / beats + 1);
    }
  }

  TEST_CASE("who came has a turn within a round, and who went has none") {
    idle_turns turns{beats};
    turns.are(groups(1, 40));
    turns.next();
    const auto others = groups(30, 3);
    turns.are(others);
    std::size_t most_at_once = 0;
    CHECK(round(turns, most_at_once) == once_each(others));
    turns.are(groups(1, 0));
    CHECK(round(turns, most_at_once).empty());
  }
}
