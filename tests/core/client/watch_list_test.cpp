#include "core/client/watch_list.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace grape;
using client::watch_list;

namespace {

struct watched {
  watched() {
    REQUIRE(
        known.apply(cluster::found_cluster{"c-1", {{"n1", "127.0.0.1:1", "127.0.0.1:2", 1}}}).ok());
  }

  void create(const std::string& name) {
    cluster::create_collection made{name, {}};
    made.options.single_unnamed = true;
    made.options.vectors[""].size = 2;
    made.options.shard_number = 2;
    REQUIRE(known.apply(made).ok());
  }

  /// Takes everything that is due, and tells it.
  std::vector<client::collection_news> hear() {
    auto all = list.due(known);
    for (const auto& news : all)
      list.told(news);
    return all;
  }

  cluster::metadata known;
  watch_list list;
};

} // namespace

TEST_SUITE("core.client.watch_list") {
  TEST_CASE_FIXTURE(watched, "a collection is told when it is watched, made, changed and dropped") {
    REQUIRE(list.watch("words").ok());
    auto heard = hear();
    REQUIRE(heard.size() == 1);
    CHECK_FALSE(heard.front().exists);
    CHECK(hear().empty());

    create("words");
    create("others");
    heard = hear();
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().exists);
    CHECK(heard.front().written == std::vector<std::uint64_t>{0, 0});
    const auto id = heard.front().id;
    const auto version = heard.front().version;

    REQUIRE(known.apply(cluster::set_field_index{"words", "a", field_schema{}}).ok());
    heard = hear();
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().version > version);

    REQUIRE(known.apply(cluster::delete_collection{"words"}).ok());
    heard = hear();
    REQUIRE(heard.size() == 1);
    CHECK_FALSE(heard.front().exists);

    create("words");
    heard = hear();
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().id != id);
  }

  TEST_CASE_FIXTURE(watched, "writes are told by the newest index that any replica showed") {
    create("words");
    REQUIRE(list.watch("words").ok());
    const auto id = hear().front().id;
    list.written("words", id, {3, 1});
    CHECK(hear().front().written == std::vector<std::uint64_t>{3, 1});
    list.written("words", id, {2, 4}); // From a replica that is behind in one shard.
    CHECK(hear().front().written == std::vector<std::uint64_t>{3, 4});
    list.written("words", id, {1, 1});
    CHECK(hear().empty());
    list.written("words", id + 1, {9, 9}); // Of another collection of that name.
    list.written("others", id, {9, 9});
    CHECK(hear().empty());
  }

  TEST_CASE_FIXTURE(watched, "what is not told stays due, as it is then, and takes no room") {
    create("words");
    REQUIRE(list.watch("words").ok());
    const auto id = hear().front().id;
    for (std::uint64_t index = 1; index <= 1'000; ++index) {
      list.written("words", id, {index, index});
      CHECK(list.due(known).size() == 1);
    }
    CHECK(hear().front().written == std::vector<std::uint64_t>{1'000, 1'000});
    CHECK(hear().empty());
  }

  TEST_CASE_FIXTURE(watched, "watching again tells again, and so many are watched and no more") {
    create("words");
    REQUIRE(list.watch("words").ok());
    CHECK(hear().size() == 1);
    REQUIRE(list.watch("words").ok());
    CHECK(hear().size() == 1);
    CHECK(list.existing(known) == std::vector<std::string>{"words"});
    for (std::size_t i = 1; i < watch_list::collections_max; ++i)
      REQUIRE(list.watch("c" + std::to_string(i)).ok());
    CHECK(list.watch("one more").code == errc::overloaded);
    CHECK(list.watch("words").ok());
    list.unwatch("words");
    CHECK(list.watch("one more").ok());
  }

  TEST_CASE_FIXTURE(watched, "a name that no collection can have takes no memory") {
    CHECK(list.watch(std::string(watch_list::name_bytes_max + 1, 'x')).code == errc::wrong_input);
    CHECK(list.empty());
    CHECK(list.watch(std::string(watch_list::name_bytes_max, 'x')).ok());
  }
}
