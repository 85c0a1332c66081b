#include "core/cluster/cluster_picture.hpp"
#include "core/cluster/hosting.hpp"
#include "core/cluster/shard_keys.hpp"
#include "tests/core/cluster/small_cluster.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};
constexpr std::uint32_t shards_max = 64;

create_collection by_keys(const std::string& name, std::uint32_t factor = 1) {
  create_collection made{name, {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = 2;
  made.options.replication_factor = factor;
  made.options.echoed_params.set("sharding_method", payload::value{"custom"});
  return made;
}

/// `nodes` nodes, 0 for one that is alone, and the collection `cats` without keys.
metadata with_cats(std::uint32_t nodes, std::uint32_t factor = 1) {
  auto state = nodes == 0 ? metadata{} : small_cluster(nodes, 1, 1);
  must(state, by_keys("cats", factor));
  return state;
}

/// As a person asks for it.
void add(metadata& state, const add_shard_key& what) {
  const auto command = command_of(state, {"cats", what}, shards_max);
  REQUIRE_MESSAGE(command.ok(), (command ? std::string{} : command.error().detail));
  must(state, *command);
}

std::string refusal(const metadata& state, change_shard_keys_request asked) {
  const auto command = command_of(state, asked, shards_max);
  return command ? std::string{} : to_string(command.error());
}

/// What the apply itself says.
std::string refusal(metadata& state, const metadata_command& command) {
  const auto done = state.apply(command);
  return done ? std::string{} : to_string(done.error());
}

const collection_entry& cats(const metadata& state) {
  return *state.find("cats");
}

std::set<node_number> homes(const metadata& state, const shard_key& key) {
  std::set<node_number> found;
  for (const auto shard : cats(state).keys.at(key).shards)
    for (const auto& each : state.groups().at(cats(state).groups.at(shard)).replicas)
      if (each.role == replica_role::voter)
        found.insert(each.node);
  return found;
}

/// Each shard belongs to one key, each key's table to its shards, each group to one shard.
void check_sound(const metadata& state) {
  const auto& entry = cats(state);
  std::set<shard_id> seen;
  for (const auto& [key, part] : entry.keys) {
    REQUIRE_FALSE(part.shards.empty());
    for (const auto shard : part.shards) {
      CHECK(seen.insert(shard).second);
      REQUIRE(entry.groups.contains(shard));
      CHECK(shard < entry.next_shard);
      CHECK(state.groups().contains(entry.groups.at(shard)) != state.nodes().empty());
    }
    std::set<std::uint32_t> owners;
    for (const auto owner : part.slots.owners())
      owners.insert(owner.value);
    CHECK(owners.size() == part.shards.size());
    CHECK(*owners.rbegin() + 1 == part.shards.size());
  }
  CHECK(seen.size() == entry.groups.size());
  const auto restored = metadata::restore(state.encode());
  REQUIRE(restored.ok());
  CHECK(*restored == state);
}

} // namespace

TEST_SUITE("core.cluster.shard_keys") {
  TEST_CASE("a collection that is sharded by keys has no shards before it has keys") {
    const auto state = with_cats(3);

    CHECK(cats(state).groups.empty());
    CHECK(cats(state).slots.owners().empty());
    const auto keys = list_shard_keys(state, {"cats"});
    CHECK(keys->by_keys);
    CHECK(keys->keys.empty());
    CHECK_FALSE(list_shard_keys(state, {"words"})->by_keys);
    check_sound(state);
  }

  TEST_CASE("a key has as many shards as were asked for, or as the collection says") {
    auto state = with_cats(0);

    add(state, {.key = "siamese"});
    add(state, {.key = std::uint64_t{7}, .shards = 3});

    CHECK(cats(state).keys.at("siamese").shards == std::vector{shard_id{0}, shard_id{1}});
    CHECK(cats(state).keys.at(std::uint64_t{7}).shards
          == std::vector{shard_id{2}, shard_id{3}, shard_id{4}});
    CHECK(list_shard_keys(state, {"cats"})->keys
          == std::vector<shard_key>{"siamese", std::uint64_t{7}});
    add(state, {.key = "persian"});
    CHECK(&cats(state).keys.at("siamese").slots.owners()
          == &cats(state).keys.at("persian").slots.owners());
    const auto restored = metadata::restore(state.encode());
    REQUIRE(restored.ok());
    CHECK(&cats(*restored).keys.at("siamese").slots.owners()
          == &cats(*restored).keys.at("persian").slots.owners());
    check_sound(state);
  }

  TEST_CASE("a key is no longer than every record can bear") {
    auto state = with_cats(0);
    const std::string longest(1'024, 'k');
    add(state, {.key = longest});
    CHECK(cats(state).keys.contains(longest));
    const add_shard_key longer{.key = longest + "k"};
    const auto expected = "a shard key may have at most 1024 bytes, got 1025";
    CHECK(refusal(state, {"cats", longer}).find(expected) != std::string::npos);
    CHECK(refusal(state, create_shard_key{"cats", longer}).find(expected) != std::string::npos);
  }

  TEST_CASE("numbers of dropped shards and groups are never given again") {
    auto state = with_cats(3, 2);
    add(state, {.key = "a"});
    const auto gone = cats(state).groups;
    must(state, drop_shard_key{"cats", "a"});
    CHECK(cats(state).groups.empty());
    for (const auto& [shard, group] : gone)
      CHECK_FALSE(state.groups().contains(group));

    add(state, {.key = "a"});

    CHECK(cats(state).groups.begin()->first == shard_id{2});
    for (const auto& [shard, group] : cats(state).groups)
      for (const auto& [old, before] : gone)
        CHECK(group != before);
    check_sound(state);
  }

  TEST_CASE("what cannot be is refused in the words that clients know, and by the group again") {
    auto state = with_cats(3);
    add(state, {.key = "a"});
    const auto before = state;

    CHECK(refusal(state, {"words", add_shard_key{.key = "a"}})
          == "bad_request: Shard Key cannot be created with Auto sharding method");
    CHECK(refusal(state, {"words", remove_shard_key{"a"}})
          == "bad_request: Shard Key cannot be created with Auto sharding method");
    CHECK(refusal(state, {"cats", add_shard_key{.key = "a"}})
          == "bad_request: Sharding key \"a\" already exists for collection cats");
    CHECK(refusal(state, {"cats", remove_shard_key{std::uint64_t{9}}})
          == "bad_request: Sharding key 9 does not exist for collection cats");
    CHECK(refusal(state,
                  {"cats", add_shard_key{.key = "b", .placement = std::vector{n3, node_number{8}}}})
          == "bad_request: Peer 8 does not exist");
    CHECK(
        refusal(state, {"cats", add_shard_key{.key = "b", .placement = std::vector<node_number>{}}})
        == "bad_request: Sharding key \"b\" placement cannot be empty. If you want to use random"
           " placement, do not specify placement");
    CHECK(refusal(state, {"cats", add_shard_key{.key = "b", .shards = shards_max}})
          == "bad_request: more than 64 shards per collection are not allowed here ([limits] "
             "shards_per_collection_max)");
    CHECK(refusal(state, {"dogs", remove_shard_key{"a"}})
          == "not_found: Collection `dogs` doesn't exist!");

    CHECK(refusal(state, create_shard_key{"cats", {.key = "a", .shards = 1}})
          == "bad_request: Sharding key \"a\" already exists for collection cats");
    CHECK(refusal(state, drop_shard_key{"cats", "b"})
          == "bad_request: Sharding key \"b\" does not exist for collection cats");
    CHECK(state == before);
  }

  TEST_CASE("a node that is alone is peer 1") {
    auto state = with_cats(0);

    CHECK(refusal(state, {"cats", add_shard_key{.key = "b", .placement = std::vector{n2}}})
          == "bad_request: Peer 2 does not exist");
    add(state, {.key = "b", .placement = std::vector{n1}});
    check_sound(state);
  }

  TEST_CASE("the shards of a key are spread, and each has the replicas wanted of the key") {
    auto state = with_cats(3);

    add(state, {.key = "wide", .shards = 6});
    add(state, {.key = "safe", .shards = 1, .replication_factor = 3});

    CHECK(homes(state, "wide") == std::set{n1, n2, n3});
    CHECK(homes(state, "safe") == std::set{n1, n2, n3});
    const auto factors = factor_of_shards(cats(state));
    CHECK(factors.at(shard_id{0}) == 1);
    CHECK(factors.at(shard_id{6}) == 3);
    CHECK(replication_warnings(state, cats(state)).empty());
    check_sound(state);
  }

  TEST_CASE("replicas go where the key is placed, and stay there however full it is") {
    auto state = with_cats(3);
    add(state, {.key = "eu", .shards = 6, .replication_factor = 2, .placement = std::vector{n3}});

    CHECK(homes(state, "eu") == std::set{n3});
    CHECK(factor_of_shards(cats(state)).at(shard_id{0}) == 1); // There is no second place.
    CHECK(plan_placement(state.placement(), {}, {}).empty());
    check_sound(state);
  }

  TEST_CASE("a key whose place goes away has its replicas elsewhere") {
    auto state = with_cats(3);
    add(state, {.key = "eu", .shards = 1, .placement = std::vector{n3}});
    const auto group = cats(state).groups.at(shard_id{0});

    must(state, set_node_state{n3, node_state::draining});
    const auto away = plan_placement(state.placement(), {}, {});
    REQUIRE(away.size() >= 1);
    const auto leaves = std::find_if(away.begin(), away.end(),
                                     [group](const auto& step) { return step.group == group; });
    REQUIRE(leaves != away.end());
    CHECK(leaves->from == n3);
    REQUIRE(leaves->to.has_value());
    CHECK(*leaves->to != n3);
  }

  TEST_CASE("a key whose place was away for long has its replicas there again once it is back") {
    auto state = with_cats(3);
    add(state, {.key = "eu", .shards = 1, .placement = std::vector{n3}});
    const auto group = cats(state).groups.at(shard_id{0});
    must(state, set_node_state{n3, node_state::away});
    must(state, set_node_state{n3, node_state::down});
    auto where = state.placement();
    for (const auto& step : plan_placement(where, {}, {}))
      where.groups.at(step.group) = after(where.groups.at(step.group), step);
    CHECK_FALSE(where.groups.at(group).data.contains(n3));

    where.nodes.at(n3).accepts = where.nodes.at(n3).keeps = true;
    const auto back = plan_placement(where, {}, {});

    const auto comes = std::find_if(back.begin(), back.end(),
                                    [group](const auto& step) { return step.group == group; });
    REQUIRE(comes != back.end());
    CHECK(comes->to == n3);
    where.groups.at(group) = after(where.groups.at(group), *comes);
    CHECK(where.groups.at(group).data == std::set{n3});
  }

  TEST_CASE("a key is not placed on a node that takes no replicas now, and its maker is told why") {
    auto state = with_cats(3);
    const auto asked = add_shard_key{.key = "eu", .shards = 1, .placement = std::vector{n1, n3}};
    const auto refused = [&state, &asked](node_state is) {
      auto now = state;
      must(now, set_node_state{n3, is});
      return refusal(now, {"cats", asked});
    };

    CHECK(refused(node_state::away)
          == "unavailable: Sharding key \"eu\" cannot be placed on peer 3 now: node `n3` is away;"
             " start it first, or leave it out of `placement`");
    CHECK(refused(node_state::down) == refused(node_state::away));
    CHECK(refused(node_state::draining)
          == "unavailable: Sharding key \"eu\" cannot be placed on peer 3 now: node `n3` gives its"
             " replicas away; activate it first, or leave it out of `placement`");
    CHECK(refused(node_state::active).empty());
  }

  TEST_CASE("who asks where the shards are is told their keys") {
    auto state = with_cats(3);
    add(state, {.key = "eu", .shards = 1, .placement = std::vector{n3}});
    add(state, {.key = std::uint64_t{5}, .shards = 1, .placement = std::vector{n1}});
    must(state, drop_shard_key{"cats", "eu"});
    add(state, {.key = "us", .shards = 1, .placement = std::vector{n2}});

    const auto shown = show_collection(state, all_is_well(state, n1), "cats");

    REQUIRE(shown.ok());
    CHECK(shown->shard_count == 2);
    REQUIRE(shown->local.size() == 1);
    CHECK(shown->local[0].shard == shard_id{1});
    CHECK(shown->local[0].key == shard_key{std::uint64_t{5}});
    REQUIRE(shown->remote.size() == 1);
    CHECK(shown->remote[0].shard == shard_id{2});
    CHECK(shown->remote[0].key == shard_key{"us"});
  }

  TEST_CASE("the folders of dropped shards are found, and no others") {
    auto state = with_cats(0);
    add(state, {.key = "a"});
    must(state, drop_shard_key{"cats", "a"});
    add(state, {.key = "b"});
    const auto folder = std::to_string(cats(state).id.value);

    CHECK(forgotten_shards(state, folder, {"0", "1", "2", "3", "4", "notes"})
          == std::vector<std::string>{"0", "1", "4"});
  }

  TEST_CASE("what a recovery fills gets its keys, and they come with it") {
    auto state = with_cats(3);
    add(state, {.key = "old"});
    const recovery_owner by{n1, 5, 1};
    const auto hidden = hidden_name("cats", by);
    must(state, stage_collection{"cats", cats(state).schema, by});
    must(state, create_shard_key{hidden, {.key = "new", .shards = 3}});
    CHECK(list_shard_keys(state, {"cats"})->keys == std::vector<shard_key>{"old"});

    must(state, end_filling{hidden});
    must(state, swap_collection{hidden, {}});
    must(state, drop_hidden{hidden});

    CHECK(list_shard_keys(state, {"cats"})->keys == std::vector<shard_key>{"new"});
    CHECK(cats(state).groups.size() == 3);
    check_sound(state);
  }

  TEST_CASE("one shard of a key can be recovered, and goes with its key") {
    auto state = with_cats(3);
    add(state, {.key = "a"});
    const recovery_owner by{n1, 5, 1};
    must(state, stage_collection{"cats", std::nullopt, by});
    must(state, end_filling{hidden_name("cats", by)});
    must(state, swap_collection{hidden_name("cats", by), shard_id{1}});
    must(state, drop_hidden{hidden_name("cats", by)});
    CHECK(cats(state).moved_in.size() == 1);
    check_sound(state);

    must(state, drop_shard_key{"cats", "a"});

    CHECK(cats(state).moved_in.empty());
    CHECK(state.groups().size() == 2); // The control plane's, and that of `words`.
    check_sound(state);
  }

  TEST_CASE("any order of commands leaves a sound state, the same on every node") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      auto state = with_cats(static_cast<std::uint32_t>(random() % 4));
      auto other = state;
      for (int step = 0; step < 25; ++step) {
        const auto number = random() % 6;
        const auto key = number < 3 ? shard_key{number} : shard_key{"k" + std::to_string(number)};
        metadata_command command = drop_shard_key{"cats", key};
        if (random() % 3 != 0)
          command = create_shard_key{
              "cats", {.key = key, .shards = static_cast<std::uint32_t>(1 + random() % 3)}};
        const auto decoded = decode_metadata_command(encode(command));
        REQUIRE(decoded.ok());
        const auto done = state.apply(command);
        REQUIRE(done.ok() == other.apply(*decoded).ok());
      }
      CHECK(state == other);
      check_sound(state);
    }
  }

  TEST_CASE("what stands on disk is what it was") {
    auto state = with_cats(3);
    const create_shard_key made{
        "cats",
        {.key = "eu", .shards = 2, .replication_factor = 2, .placement = std::vector{n1, n3}}};
    must(state, made);
    must(state, create_shard_key{"cats", {.key = std::uint64_t{7}, .shards = 1}});
    const drop_shard_key dropped{"cats", std::uint64_t{7}};

    CHECK(testing::is_golden("metadata-create-shard-key.bin", encode(made)));
    CHECK(testing::is_golden("metadata-drop-shard-key.bin", encode(dropped)));
    (void)testing::is_golden("metadata-shard-keys.bin", state.encode());
    const auto golden = metadata::restore(testing::golden("metadata-shard-keys.bin"));
    REQUIRE(golden.ok());
    CHECK(*golden == state);
  }
}
