#include "core/cluster/hosting.hpp"
#include "core/cluster/metadata_store.hpp"
#include "core/storage/memory_store.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

metadata with(std::initializer_list<std::pair<const char*, std::uint32_t>> collections) {
  metadata state;
  for (const auto& [name, shards] : collections) {
    create_collection made{name, {}};
    made.options.vectors[""].size = 4;
    made.options.shard_number = shards;
    const auto applied = state.apply(made);
    REQUIRE(applied.ok());
  }
  return state;
}

} // namespace

TEST_SUITE("core.cluster.hosting") {
  TEST_CASE("exactly the committed shards are to be served") {
    const auto state = with({{"a", 2}, {"b", 1}});
    const auto all = shards_of(state);
    REQUIRE(all.size() == 3);
    const group_id stranger{77};

    const auto plan = plan_hosting(state, {all[0].group, stranger});

    REQUIRE(plan.begin.size() == 2);
    CHECK(plan.begin[0].collection == "a");
    CHECK(plan.begin[0].shard == shard_id{1});
    CHECK(plan.begin[1].collection == "b");
    CHECK(plan.end == std::vector<group_id>{stranger});
  }

  TEST_CASE("what is served already is left alone") {
    const auto state = with({{"a", 2}});
    std::set<group_id> hosted;
    for (const auto& one : shards_of(state))
      hosted.insert(one.group);

    const auto plan = plan_hosting(state, hosted);

    CHECK(plan.begin.empty());
    CHECK(plan.end.empty());
  }

  TEST_CASE("groups and folders of dropped collections are found, and nothing else") {
    const auto state = with({{"a", 1}});
    const auto own = shards_of(state).front();

    CHECK(forgotten_groups(state, {group_id{0}, own.group, group_id{9}})
          == std::vector<group_id>{group_id{9}});
    CHECK(forgotten_folders(state, {std::to_string(own.entry->id.value), "12", "notes", "1x", ""})
          == std::vector<std::string>{"12"});
  }

  TEST_CASE("the control plane's state comes back as it was saved") {
    const auto kept = storage::make_memory_store();
    auto& store = *kept;
    const auto fresh = load(store);
    REQUIRE(fresh.ok());
    CHECK(fresh->applied == log_index{0});

    const saved_metadata saved{with({{"a", 3}, {"b", 1}}), log_index{0x1122334455}};
    REQUIRE(save(store, saved).ok());
    const auto back = load(store);

    REQUIRE(back.ok());
    CHECK(back->state == saved.state);
    CHECK(back->applied == saved.applied);
  }

  TEST_CASE("half of a saved state is refused") {
    const auto kept = storage::make_memory_store();
    auto& store = *kept;
    REQUIRE(save(store, {with({{"a", 1}}), log_index{3}}).ok());
    storage::write_batch batch;
    batch.erase("control/applied");
    REQUIRE(store.commit(batch, storage::durability::synced).ok());

    CHECK(load(store).error().code == errc::corrupted);
  }

  TEST_CASE("a state that is older than what was shown is not shown") {
    CHECK(may_be_shown(log_index{0}, std::nullopt));
    CHECK(may_be_shown(log_index{8}, log_index{7}));
    CHECK(may_be_shown(log_index{7}, log_index{7}));
    CHECK_FALSE(may_be_shown(log_index{6}, log_index{7}));
  }
}
