#include "story.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

using namespace grape::testing;

TEST_SUITE("core.raft.stories") {
  // One story alone: GRAPE_STORY=S-20 test_core_raft_stories
  TEST_CASE("every story goes as it is written") {
    const char* only = std::getenv("GRAPE_STORY");
    std::size_t told = 0;

    for (const auto& one : stories_in(GRAPE_STORIES)) {
      if (only != nullptr && !one.name.starts_with(only))
        continue;
      const auto result = tell(one);
      ++told;
      INFO(one.name, "\n", result.faults);
      CHECK(result.faults.empty());
      CHECK(result.checks > 0);
    }

    CHECK(told > 0);
  }

  TEST_CASE("S-01 to S-49 each have a story, but S-11, which is about chance") {
    const auto all = stories_in(GRAPE_STORIES);

    for (int number = 1; number <= 49; ++number) {
      const auto name = std::string(number < 10 ? "S-0" : "S-") + std::to_string(number);
      CAPTURE(name);
      const bool has_one = std::any_of(all.begin(), all.end(), [&name](const auto& one) {
        return one.name.starts_with(name + "_");
      });
      CHECK(has_one == (number != 11));
    }
  }

  TEST_CASE("a line that is not UTF-8 is a mistake: its answer could not be JSON") {
    const auto result = tell({"words", "new 1 voters=1\nhup 1\nsettle\nprop 1 \xff\n= error\n"});

    CHECK(result.faults.empty());
  }

  TEST_CASE("a story that says something else is found out") {
    const std::string begin = "new 1 voters=1\nhup 1\nsettle\n";
    const auto is_wrong = [&begin](const std::string& rest) {
      return !tell({"wrong", begin + rest}).faults.empty();
    };

    CHECK_FALSE(is_wrong("state 1\n= role=L commit=1 progress.1.match=1\n"));
    CHECK(is_wrong("state 1\n= role=F\n"));
    CHECK(is_wrong("state 1\n= nothing=1\n"));
    CHECK(is_wrong("state 2\n"));
    CHECK(is_wrong("state 1\n= error\n"));
    CHECK(is_wrong("log 1\n= terms 1 1\n"));
    CHECK(is_wrong("wire\n= rows app 1>2\n"));
    CHECK(is_wrong("wire\n= row app 1>2\n"));
    CHECK(is_wrong("log 1\n= []\n"));
  }
}
