#include "core/cluster/metadata_snapshot.hpp"

#include "core/storage/memory_store.hpp"
#include "tests/core/cluster/small_cluster.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::cluster;

namespace {

saved_metadata state_through(std::uint64_t entry, std::uint32_t shards) {
  return {small_cluster(3, shards, 3), log_index{entry}};
}

staged_metadata staged_through(std::uint64_t entry, std::uint64_t term_of_it) {
  return {staged_name({log_index{entry}, term{term_of_it}, {}}), state_through(entry, 2)};
}

/// A log that begins after `entry`; by a snapshot that may not be in its place yet, if named.
storage::log_base begins_after(std::uint64_t entry, const std::string& staged) {
  return {{log_index{entry}, term{4}, {}}, staged};
}

} // namespace

TEST_SUITE("cluster.metadata_snapshot") {
  TEST_CASE("pieces make the whole, however often the sender begins again or repeats one") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      std::mt19937 random{seed};
      std::string state(2 * metadata_piece_bytes + random() % 1000, ' ');
      for (auto& letter : state)
        letter = static_cast<char>(random());
      metadata_gathering gathered;
      std::uint64_t have = 0;
      while (have < state.size()) {
        const auto lie = random() % 3 == 0 ? metadata_piece_bytes * (random() % 3) : have;
        const auto now = gathered.take(piece_of("message", state, lie));
        REQUIRE(now.ok());
        have = *now;
        CHECK(gathered.is_whole() == (have == state.size()));
      }
      CHECK(gathered.state() == state);
      CHECK(gathered.message() == "message");
    }
  }

  TEST_CASE("another state takes the place of one that is not whole, from its beginning only") {
    const std::string first(metadata_piece_bytes + 5, 'a');
    metadata_gathering gathered;
    REQUIRE(*gathered.take(piece_of("one", first, 0)) == metadata_piece_bytes);
    CHECK(*gathered.take(piece_of("two", "short", 3)) == 0);
    CHECK(*gathered.take(piece_of("one", first, metadata_piece_bytes)) == first.size());
    CHECK(*gathered.take(piece_of("two", "short", 0)) == 5);
    CHECK(gathered.is_whole());
    CHECK(gathered.state() == "short");
  }

  TEST_CASE("a piece beyond the whole, and a whole beyond all measure, are refused") {
    metadata_gathering gathered;
    CHECK(gathered.take({"m", 3, 0, "four"}).error().code == errc::corrupted);
    CHECK(gathered.take({"n", metadata_bytes_max + 1, 0, ""}).error().code == errc::too_large);
  }

  TEST_CASE("a staged state lies beside the own one, and goes when it is settled") {
    const auto made = storage::make_memory_store();
    auto& store = *made;
    auto own = state_through(5, 1);
    own.log_of = replica_id{2};
    REQUIRE(save(store, own).ok());
    CHECK(load(store)->log_of == replica_id{2});
    REQUIRE(load_staged(store).ok());
    CHECK_FALSE(load_staged(store)->has_value());

    const auto staged = staged_through(9, 4);
    REQUIRE(stage(store, staged).ok());
    CHECK(load(store)->applied == log_index{5});
    const auto found = load_staged(store);
    REQUIRE(found.ok());
    REQUIRE(found->has_value());
    CHECK((*found)->name == staged.name);
    CHECK((*found)->what.applied == log_index{9});
    CHECK((*found)->what.state == staged.what.state);

    REQUIRE(save_settled(store, staged.what).ok());
    CHECK(load(store)->applied == log_index{9});
    CHECK_FALSE(load_staged(store)->has_value());
  }

  TEST_CASE("whatever a crash left, the start goes on from what the log begins after") {
    const auto staged = staged_through(9, 4);
    struct row {
      const char* what;
      std::uint64_t own;
      bool is_staged;
      storage::log_base said;
      std::uint64_t expected; ///< 0: corrupted.
      bool is_other;
    };
    const row rows[] = {
        {"nothing was under way", 12, false, begins_after(7, ""), 12, false},
        {"it was staged, but the log never heard of it", 5, true, begins_after(3, ""), 5, true},
        {"the log had switched to it", 5, true, begins_after(9, staged.name), 9, true},
        {"it is in its place already", 9, false, begins_after(9, staged.name), 9, false},
        {"so is one that was staged before", 11, true, begins_after(9, staged.name), 11, true},
        {"it was lost", 5, false, begins_after(9, staged.name), 0, false},
        {"another one was staged", 5, true, begins_after(9, "metadata-9-3"), 0, false},
        {"no log was ever written", 0, false, {}, 0, false},
    };
    for (const auto& row : rows) {
      CAPTURE(row.what);
      const auto settled =
          settle_staged(state_through(row.own, 1),
                        row.is_staged ? std::optional{staged} : std::nullopt, row.said);
      if (row.expected == 0 && row.own != 0) {
        CHECK(settled.error().code == errc::corrupted);
        continue;
      }
      REQUIRE(settled.ok());
      CHECK(settled->now.applied == log_index{row.expected});
      CHECK(settled->is_other == row.is_other);
      const auto came = row.expected == 9 && row.own < 9;
      CHECK(settled->now.state.find("words")->groups.size() == (came ? 2 : 1));
    }
  }

  TEST_CASE("a member goes by its log alone until it has left, or is another one") {
    auto state = small_cluster(4, 1, 1);
    const auto& members = state.groups().at(metadata_group);
    for (std::uint32_t node = 1; node <= 4; ++node) {
      const auto* own = members.on(node_number{node});
      CHECK(may_mirror(state, node_number{node}, std::nullopt));
      CHECK(may_mirror(state, node_number{node}, replica_id{77}));
      if (own != nullptr)
        CHECK_FALSE(may_mirror(state, node_number{node}, own->id));
    }
    CHECK(may_mirror(metadata{}, node_number{1}, replica_id{1}));
  }

  TEST_CASE("a log tells everything until its member is to leave, and nothing once it has left") {
    saved_metadata now{small_cluster(4, 1, 1), log_index{5}};
    const auto members = now.state.groups().at(metadata_group).replicas;
    node_number outsider{1};
    while (now.state.groups().at(metadata_group).on(outsider) != nullptr)
      outsider = outsider.next();
    const auto leaves = members.front();
    const auto standing = [&now](node_number self, replica_id log_of) {
      now.log_of = log_of;
      return membership_of(now, self);
    };
    CHECK(standing(outsider, {}) == membership_standing::outsider);
    CHECK(standing(leaves.node, {}) == membership_standing::outsider); // It has no log yet.
    CHECK(standing(leaves.node, members.back().id) == membership_standing::outsider);
    CHECK(standing(leaves.node, leaves.id) == membership_standing::member);
    CHECK(membership_of({}, leaves.node) == membership_standing::outsider);

    must(now.state, begin_move{{metadata_group, leaves.node, outsider}});
    const auto move = now.state.groups().at(metadata_group).move;
    const auto comes = move->to->id;
    struct row {
      move_stage stage;
      membership_standing of_leaving, of_coming;
    };
    using is = membership_standing;
    for (const auto& row : {row{move_stage::joining, is::member, is::member},
                            {move_stage::indexing, is::member, is::member},
                            {move_stage::switching, is::departing, is::member},
                            {move_stage::leaving, is::outsider, is::member}}) {
      if (row.stage != move_stage::joining)
        must(now.state, advance_move{metadata_group, move->number, row.stage});
      CHECK(standing(leaves.node, leaves.id) == row.of_leaving);
      CHECK(standing(outsider, comes) == row.of_coming);
      CHECK(standing(members.back().node, members.back().id) == is::member);
    }
  }

  TEST_CASE("a member begins with no log of another one, and goes when its move is over") {
    saved_metadata now{small_cluster(4, 1, 1), log_index{5}};
    const auto members = [&now]() -> const shard_replicas& {
      return now.state.groups().at(metadata_group);
    };
    node_number outsider{1};
    while (members().on(outsider) != nullptr)
      outsider = outsider.next();
    const auto insider = members().replicas.front();
    const auto step = [&now](node_number self, bool is_hosted,
                             const std::set<replica_id>& deleted = {}) {
      return next_membership(now, self, is_hosted, deleted);
    };
    CHECK(step(insider.node, false) == membership_step::host);
    CHECK(step(outsider, false) == membership_step::none);
    now.log_of = insider.id;
    CHECK(step(insider.node, true) == membership_step::none);
    CHECK(step(insider.node, false) == membership_step::host);

    must(now.state, begin_move{{metadata_group, insider.node, outsider}});
    const auto move = members().move->number;
    for (const auto stage : {move_stage::indexing, move_stage::switching}) {
      must(now.state, advance_move{metadata_group, move, stage});
      CHECK(step(insider.node, true) == membership_step::none);
    }
    must(now.state, advance_move{metadata_group, move, move_stage::leaving});
    CHECK(step(insider.node, true) == membership_step::none); // It may have to vote.
    CHECK(step(insider.node, true, {insider.id}) == membership_step::leave);
    CHECK(step(insider.node, false, {insider.id}) == membership_step::forget);
    must(now.state, end_move{metadata_group, move});
    CHECK(step(insider.node, true) == membership_step::leave);
    CHECK(step(insider.node, false) == membership_step::forget);
    now.log_of = {};
    CHECK(step(insider.node, false) == membership_step::none);

    must(now.state, begin_move{{metadata_group, outsider, insider.node}});
    CHECK(step(insider.node, false) == membership_step::host);
    now.log_of = insider.id; // It was away all the time.
    CHECK(step(insider.node, true) == membership_step::leave);
    CHECK(step(insider.node, false) == membership_step::forget);
    CHECK(next_membership({}, insider.node, false, {}) == membership_step::none);
  }
}
