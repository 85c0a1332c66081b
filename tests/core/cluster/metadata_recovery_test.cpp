#include "core/cluster/coordinator.hpp"
#include "core/cluster/hosting.hpp"
#include "core/cluster/recoveries.hpp"
#include "tests/core/cluster/small_cluster.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace grape;
using namespace grape::cluster;

namespace {

const recovery_owner first{node_number{1}, 5, 1};
const recovery_owner second{node_number{2}, 7, 1};

collection_schema schema_of(std::uint32_t shards, std::uint64_t version = 4) {
  collection_schema schema;
  schema.version = schema_version{version};
  schema.options.vectors[""].size = 8;
  schema.options.shard_number = shards;
  schema.options.replication_factor = 2;
  schema.fields["city"] = {field_type::keyword, {}};
  return schema;
}

stage_collection staged(const std::string& target, std::uint32_t shards,
                        const recovery_owner& by = first) {
  return {target, schema_of(shards), by};
}

end_filling filled(const std::string& target) {
  return {hidden_name(target, first)};
}

/// As it is when all of it is there.
collection_schema whole(collection_schema schema) {
  schema.version = schema.version.next();
  return schema;
}

swap_collection swap_of(const std::string& target, std::optional<shard_id> shard = {}) {
  return {hidden_name(target, first), shard};
}

std::set<group_id> all_groups(const metadata& state) {
  std::set<group_id> all;
  for (const auto& one : shards_of(state))
    CHECK_MESSAGE(all.insert(one.group).second, "a log that two shards have");
  return all;
}

/// What must hold whatever was committed.
void check_sound(const metadata& state) {
  auto groups = all_groups(state);
  groups.insert(metadata_group);
  for (const auto& [group, replicas] : state.groups())
    CHECK(groups.erase(group) == 1);
  CHECK(groups.empty());
  std::set<std::pair<collection_id, shard_id>> homes;
  for (const auto& one : shards_of(state)) {
    const auto home = one.entry->home_of(one.shard);
    CHECK_MESSAGE(homes.emplace(home.collection, home.shard).second, "two shards in one folder");
  }
  const auto back = metadata::restore(state.encode());
  REQUIRE(back.ok());
  CHECK(*back == state);
}

} // namespace

TEST_SUITE("core.cluster.metadata_recovery") {
  TEST_CASE("what is being filled has replicas, and nobody can name or count it") {
    auto state = small_cluster(3, 2, 2);
    must(state, staged("words", 3));
    const auto name = hidden_name("words", first);

    CHECK(state.collections().size() == 1);
    CHECK(state.find(name) == nullptr);
    CHECK(state.resolve(name).error().code == errc::not_found);
    CHECK(state.apply(change_aliases{{create_alias{name, "a"}}}).error().code == errc::not_found);
    const auto* entry = state.find_exact(name);
    REQUIRE(entry != nullptr);
    auto wanted = schema_of(3);
    wanted.filling = true;
    CHECK(entry->schema == wanted);
    CHECK(state.apply(swap_of("words")).error().code == errc::bad_request); // It is not whole.
    for (const auto& [shard, group] : entry->groups)
      CHECK(state.groups().at(group).placed(2).data.size() == 2);
    CHECK(plan_placement(state.placement(), {}, {}).empty());
    CHECK_FALSE(*state.apply(staged("words", 3))); // Asked once more.
    check_sound(state);

    const auto only = state.with_only(name);
    CHECK(*only.find(name) == *entry);
    CHECK(only.find("words") == nullptr);
  }

  TEST_CASE("one entry of the log changes what the name means, and aliases stay with it") {
    auto state = small_cluster(3, 2, 2);
    must(state, change_aliases{{create_alias{"words", "w"}}});
    must(state, staged("words", 3));
    must(state, filled("words"));
    CHECK_FALSE(*state.apply(filled("words"))); // Asked once more.
    const auto before = *state.find("words");
    const auto recovered = *state.find_exact(hidden_name("words", first));

    CHECK(*state.apply(swap_of("words")));

    CHECK(recovered.schema == whole(schema_of(3)));
    CHECK(*state.find("words") == recovered);
    CHECK(*state.find("w") == recovered);
    const auto replaced = state.hidden().at(hidden_name("words", first));
    CHECK(replaced.was_replaced);
    CHECK(replaced.entry.groups == before.groups);
    // What was validated for it before is refused by its shards.
    CHECK(replaced.entry.schema.version == before.schema.version.next());
    CHECK_FALSE(*state.apply(swap_of("words"))); // Asked once more.
    CHECK(*state.find("words") == recovered);
    check_sound(state);

    CHECK(*state.apply(drop_hidden{hidden_name("words", first)}));
    CHECK(state.hidden().empty());
    for (const auto& [shard, group] : before.groups)
      CHECK_FALSE(state.groups().contains(group));
    CHECK_FALSE(*state.apply(drop_hidden{hidden_name("words", first)}));
    check_sound(state);
  }

  TEST_CASE("a collection that is not there is created whole") {
    auto state = small_cluster(3, 1, 1);
    must(state, staged("new", 2));
    CHECK(state.find("new") == nullptr);
    must(state, filled("new"));

    must(state, swap_of("new"));

    CHECK(state.find("new")->schema == whole(schema_of(2)));
    CHECK(state.hidden().empty());
    CHECK(state.apply(swap_of("new")).error().code == errc::not_found);
  }

  TEST_CASE("what was given up takes nobody's place, and a name that became an alias stays one") {
    auto state = small_cluster(3, 1, 1);
    must(state, staged("words", 1));
    must(state, drop_hidden{hidden_name("words", first)});
    auto before = state;
    CHECK(state.apply(swap_of("words")).error().code == errc::not_found);
    CHECK(state.apply(filled("words")).error().code == errc::not_found);

    must(state, staged("w", 1));
    must(state, filled("w"));
    must(state, change_aliases{{create_alias{"words", "w"}}});
    before = state;
    CHECK(state.apply(swap_of("w")).error().code == errc::wrong_input);
    CHECK(state.apply(staged("w", 1, second)).error().code == errc::wrong_input);
    CHECK(state == before);
  }

  TEST_CASE(
      "a shard that was recovered has another log and another folder, its siblings the same") {
    auto state = small_cluster(3, 3, 2);
    must(state, stage_collection{"words", {}, first});
    const auto before = *state.find("words");
    CHECK(state.find_exact(hidden_name("words", first))->schema.version == before.schema.version);
    must(state, filled("words"));
    const auto recovered = *state.find_exact(hidden_name("words", first));
    REQUIRE(recovered.groups.size() == 1);

    CHECK(state.apply(swap_of("words")).error().code == errc::bad_request);
    must(state, swap_of("words", shard_id{1}));

    const auto& now = *state.find("words");
    CHECK(now.id == before.id);
    auto schema = before.schema;
    schema.version = recovered.schema.version.next(); // Newer than what either log says.
    CHECK(now.schema == schema);
    CHECK(now.slots == before.slots);
    auto expected = before.groups;
    expected.at(shard_id{1}) = recovered.groups.at(shard_id{0});
    CHECK(now.groups == expected);
    CHECK(now.home_of(shard_id{1}) == shard_home{recovered.id, shard_id{0}});
    CHECK(now.home_of(shard_id{2}) == shard_home{before.id, shard_id{2}});
    const auto& replaced = state.hidden().begin()->second.entry;
    CHECK(replaced.groups.at(shard_id{0}) == before.groups.at(shard_id{1}));
    CHECK(replaced.home_of(shard_id{0}) == shard_home{before.id, shard_id{1}});
    CHECK(replaced.schema.version > now.schema.version);
    check_sound(state);

    must(state, drop_hidden{hidden_name("words", first)});
    const auto own = std::to_string(before.id.value);
    const auto other = std::to_string(recovered.id.value);
    CHECK(forgotten_folders(state, {own, other, "99"}) == std::vector<std::string>{"99"});
    CHECK(forgotten_shards(state, own, {"0", "1", "2", "x"}) == std::vector<std::string>{"1"});
    CHECK(forgotten_shards(state, other, {"0", "1"}) == std::vector<std::string>{"1"});
  }

  TEST_CASE("a shard of a collection that was made anew meanwhile is left alone") {
    auto state = small_cluster(3, 2, 1);
    const auto options = state.find("words")->schema.options;
    must(state, stage_collection{"words", {}, first});
    must(state, filled("words"));
    must(state, delete_collection{"words"});
    must(state, create_collection{"words", options});
    const auto before = state;

    CHECK(state.apply(swap_of("words", shard_id{0})).error().code == errc::not_found);
    CHECK(state == before);
    CHECK(state.apply(stage_collection{"none", {}, first}).error().code == errc::not_found);
  }

  TEST_CASE("what nobody works on any more is dropped: by its node, or by whoever leads") {
    auto state = small_cluster(3, 1, 1);
    must(state, change_node{node_number{1}, "a", "b", 5});
    must(state, change_node{node_number{2}, "a", "b", 7});
    must(state, staged("words", 1));
    must(state, staged("words", 1, second));
    const auto of_first = hidden_name("words", first);
    const auto of_second = hidden_name("words", second);
    using names = std::vector<std::string>;

    CHECK(abandoned_recoveries(state).empty());
    CHECK(abandoned_here(state, node_number{1}, 5, {1}).empty());
    CHECK(abandoned_here(state, node_number{1}, 5, {2}) == names{of_first});
    CHECK(abandoned_here(state, node_number{1}, 6, {1}) == names{of_first});

    must(state, set_node_state{node_number{2}, node_state::away});
    CHECK(abandoned_recoveries(state).empty()); // It may be at work.
    must(state, set_node_state{node_number{2}, node_state::down});
    CHECK(abandoned_recoveries(state) == names{of_second});
    must(state, change_node{node_number{1}, "a", "b", 6}); // Started anew.
    CHECK(abandoned_recoveries(state) == names{of_first, of_second});

    coordinator leads{{}};
    std::vector<std::string> dropped;
    for (const auto& command : leads.look(state, {{node_number{2}}, {}}, 1'000).commands)
      if (const auto* drop = std::get_if<drop_hidden>(&command))
        dropped.push_back(drop->hidden);
    CHECK(dropped == names{of_first, of_second});
  }

  TEST_CASE("of a node that is alone, a start drops what the one before left") {
    metadata state;
    must(state, create_collection{"words", schema_of(1).options});
    const recovery_owner alone{node_number{}, 3, 1};
    must(state, stage_collection{"words", schema_of(1), alone});

    CHECK(abandoned_recoveries(state).empty());
    CHECK(abandoned_here(state, node_number{}, 3, {1}).empty());
    CHECK(abandoned_here(state, node_number{}, 4, {}) == std::vector{hidden_name("words", alone)});
  }

  TEST_CASE("whatever is asked in whatever order, a name means one whole collection") {
    std::mt19937_64 random{20};
    const auto any = [&random](std::uint32_t below) {
      return static_cast<std::uint32_t>(random() % below);
    };
    std::size_t swaps = 0;
    for (int round = 0; round < 50; ++round) {
      auto state = small_cluster(3, 2, 1);
      for (int i = 0; i < 60; ++i) {
        const std::string target = any(2) == 0 ? "words" : "more";
        const recovery_owner by{node_number{1 + any(2)}, 1, any(3)};
        const auto hidden = hidden_name(target, by);
        const std::vector<metadata_command> commands{
            create_collection{target, schema_of(2).options},
            delete_collection{target},
            stage_collection{target, schema_of(1 + any(3)), by},
            stage_collection{target, {}, by},
            end_filling{hidden},
            end_filling{hidden},
            swap_collection{hidden, {}},
            swap_collection{hidden, shard_id{any(3)}},
            drop_hidden{hidden},
        };
        const auto command = decode_metadata_command(
            encode(commands[any(static_cast<std::uint32_t>(commands.size()))]));
        REQUIRE(command.ok());
        const auto before = state;
        const auto done = state.apply(*command);
        if (!done || !*done)
          CHECK(state == before);
        const auto* swap = std::get_if<swap_collection>(&*command);
        if (swap == nullptr || !done || !*done)
          continue;
        ++swaps;
        const auto& staged = before.hidden().at(hidden);
        const auto& now = *state.find(target);
        if (!swap->shard)
          CHECK(now == staged.entry);
        else
          CHECK(now.groups.at(*swap->shard) == staged.entry.groups.at(shard_id{0}));
        for (const auto& [name, entry] : before.collections())
          if (name != target)
            CHECK(*state.find(name) == entry);
      }
      check_sound(state);
    }
    CHECK(swaps > 12);
  }

  TEST_CASE("their bytes keep their meaning") {
    auto state = small_cluster(3, 2, 1);
    must(state, stage_collection{"words", {}, first});
    must(state, staged("words", 1, second));
    must(state, filled("words"));
    must(state, swap_of("words", shard_id{1}));
    (void)testing::is_golden("metadata-hidden.bin", state.encode());
    const auto golden = metadata::restore(testing::golden("metadata-hidden.bin"));
    REQUIRE(golden.ok());
    CHECK(*golden == state);

    std::string all;
    for (const metadata_command& each :
         {metadata_command{staged("words", 2)},
          metadata_command{stage_collection{"words", {}, first}},
          metadata_command{swap_of("words")}, metadata_command{swap_of("words", shard_id{3})},
          metadata_command{drop_hidden{"words/recovery-1-5-1"}},
          metadata_command{filled("words")}}) {
      const auto back = decode_metadata_command(encode(each));
      REQUIRE(back.ok());
      CHECK(encode(*back) == encode(each));
      all += encode(each);
    }
    CHECK(testing::is_golden("metadata-recoveries.bin", all));
  }
}
