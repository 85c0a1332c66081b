#include "core/cluster/operator_wishes.hpp"

#include "core/cluster/cluster_picture.hpp"
#include "tests/core/cluster/small_cluster.hpp"

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr shard_id s0{0};

/// One shard on two of four nodes, with a witness on a third.
struct bed {
  metadata state = small_cluster(4, 1, 2);
  group_id words = words_group(state, 0);
  node_number a; ///< Have replicas.
  node_number b;
  node_number witness;
  node_number spare;

  bed() {
    const auto placed = of().placed(2);
    a = *placed.data.begin();
    b = *placed.data.rbegin();
    REQUIRE(placed.witness.has_value());
    witness = *placed.witness;
    for (spare = node_number{1}; of().on(spare) != nullptr;)
      spare = spare.next();
  }

  const shard_replicas& of() const { return state.groups().at(words); }

  /// The command of a wish, applied.
  template <class Wish>
  void grant(Wish wish) {
    const auto command = command_of(state, {"words", wish});
    REQUIRE_MESSAGE(command.ok(), (command ? std::string{} : command.error().detail));
    must(state, *command);
  }

  template <class Wish>
  std::string refusal(Wish wish) const {
    const auto command = command_of(state, {"words", wish});
    REQUIRE_FALSE(command.ok());
    return to_string(command.error());
  }

  std::string n(node_number node) const { return std::to_string(node.value); }
};

} // namespace

TEST_SUITE("core.cluster.operator_wishes") {
  TEST_CASE("a move begins as one step, a copy without a source") {
    bed of;
    of.grant(move_shard{s0, of.a, of.spare});
    REQUIRE(of.of().move.has_value());
    CHECK(of.of().move->from->node == of.a);
    CHECK(of.of().move->to->node == of.spare);

    bed other;
    other.grant(replicate_shard{s0, other.b, other.spare});
    CHECK_FALSE(other.of().move->from.has_value());
    CHECK(other.of().move->to->node == other.spare);
  }

  TEST_CASE("a transfer is aborted by the names it was begun with, before it switches over") {
    bed of;
    const auto unknown = [&of](node_number from) {
      return "not_found: Shard transfer " + of.n(from) + " -> " + of.n(of.spare)
             + " for collection words:0 does not exist";
    };
    CHECK(of.refusal(abort_transfer{s0, of.a, of.spare}) == unknown(of.a));
    of.grant(move_shard{s0, of.a, of.spare});
    CHECK(of.refusal(abort_transfer{s0, of.b, of.spare}) == unknown(of.b));

    auto late = of;
    must(late.state, advance_move{of.words, of.of().move->number, move_stage::indexing});
    must(late.state, advance_move{of.words, of.of().move->number, move_stage::switching});
    CHECK(late.refusal(abort_transfer{s0, of.a, of.spare})
          == "bad_request: Shard 0 is switching over to peer " + of.n(of.spare)
                 + ": its transfer cannot be aborted any more");

    of.grant(abort_transfer{s0, of.a, of.spare});
    CHECK(of.of().move->stage == move_stage::undoing);
    CHECK(of.refusal(abort_transfer{s0, of.a, of.spare}) == unknown(of.a));

    bed copy;
    copy.grant(replicate_shard{s0, copy.a, copy.spare});
    copy.grant(abort_transfer{s0, copy.a, copy.spare});
    CHECK(copy.of().move->stage == move_stage::undoing);
  }

  TEST_CASE("a transfer to the witness's node waits for it to make room") {
    bed of;
    of.grant(move_shard{s0, of.a, of.witness});
    CHECK(of.of().then->to == of.witness);
    CHECK(of.refusal(drop_replica{s0, of.b})
          == "bad_request: Shard 0 is already making room for a transfer to " + of.n(of.witness));
    CHECK(of.refusal(abort_transfer{s0, of.b, of.witness}).starts_with("not_found: "));

    auto other = of;
    other.grant(abort_transfer{s0, of.a, of.witness});
    CHECK_FALSE(other.of().then.has_value());

    const auto room = of.of().move->number;
    must(of.state, advance_move{of.words, room, move_stage::leaving});
    must(of.state, end_move{of.words, room});
    REQUIRE(of.of().move.has_value());
    CHECK(of.of().move->number == move_number{room.value + 1});
    CHECK(of.of().move->to->node == of.witness);
  }

  TEST_CASE("a transfer whose target takes no replicas any more does not begin") {
    bed of;
    of.grant(move_shard{s0, of.a, of.witness});
    must(of.state, set_node_state{of.witness, node_state::draining});
    const auto room = of.of().move->number;
    must(of.state, advance_move{of.words, room, move_stage::leaving});
    must(of.state, end_move{of.words, room});
    CHECK_FALSE(of.of().move.has_value());
    CHECK_FALSE(of.of().then.has_value());
    CHECK(of.of().on(of.witness) == nullptr);
  }

  TEST_CASE("a transfer that comes while the last one is cleared away begins after that") {
    bed of;
    of.grant(move_shard{s0, of.a, of.spare});
    const auto first = of.of().move->number;
    for (const auto stage : {move_stage::indexing, move_stage::switching, move_stage::leaving})
      must(of.state, advance_move{of.words, first, stage});

    CHECK(of.refusal(move_shard{s0, of.a, of.spare})
          == "bad_request: Shard 0 is not active on peer " + of.n(of.a));
    CHECK(of.refusal(drop_replica{s0, of.b})
          == "bad_request: Shard 0 is still clearing away what its last transfer left");
    of.grant(move_shard{s0, of.spare, of.a}); // Back to where its files still are.
    CHECK(of.of().move->number == first);
    CHECK(show_collection(of.state, all_is_well(of.state, of.b), "words")->moves.at(0).stage
          == "clearing away");
    CHECK(of.refusal(move_shard{s0, of.b, of.a}).ends_with("for a transfer to " + of.n(of.a)));

    auto other = of;
    other.grant(abort_transfer{s0, of.spare, of.a});
    must(other.state, end_move{of.words, first});
    CHECK_FALSE(other.of().move.has_value());

    must(of.state, end_move{of.words, first});
    REQUIRE(of.of().move.has_value());
    CHECK(first < of.of().move->number);
    CHECK(of.of().move->stage == move_stage::joining);
    CHECK(of.of().move->from->node == of.spare);
    CHECK(of.of().move->to->node == of.a);
  }

  TEST_CASE("a replica is dropped unless it is the last") {
    bed of;
    of.grant(drop_replica{s0, of.a});
    CHECK(of.of().move->stage == move_stage::switching);
    must(of.state, advance_move{of.words, of.of().move->number, move_stage::leaving});
    CHECK(of.refusal(drop_replica{s0, of.b})
          == "bad_request: Shard 0 must have at least one active replica after removing "
                 + of.n(of.b));
  }

  TEST_CASE("what cannot be is refused in the words clients know") {
    bed of;
    const auto a = of.n(of.a);
    const auto b = of.n(of.b);

    CHECK(of.refusal(move_shard{shard_id{1}, of.a, of.spare})
          == "bad_request: Shard 1 of words does not exist");
    CHECK(of.refusal(move_shard{s0, of.a, node_number{9}}) == "bad_request: Peer 9 does not exist");
    CHECK(of.refusal(replicate_shard{s0, node_number{}, of.spare})
          == "bad_request: Peer 0 does not exist");
    CHECK(of.refusal(move_shard{s0, of.spare, of.a})
          == "bad_request: Shard 0 is not active on peer " + of.n(of.spare));
    CHECK(of.refusal(replicate_shard{s0, of.witness, of.spare})
          == "bad_request: Shard 0 is not active on peer " + of.n(of.witness));
    CHECK(of.refusal(move_shard{s0, of.a, of.b})
          == "bad_request: Shard 0 has a replica on peer " + b + " already");
    CHECK(of.refusal(drop_replica{s0, of.witness})
          == "bad_request: Peer " + of.n(of.witness) + " has no replica of shard 0");
    CHECK(of.refusal(drop_replica{s0, node_number{9}}) == "bad_request: Peer 9 does not exist");

    of.grant(move_shard{s0, of.a, of.spare});
    CHECK(of.refusal(drop_replica{s0, of.b})
          == "bad_request: Shard 0 is already involved in transfer " + a + " -> " + of.n(of.spare));
    of.grant(abort_transfer{s0, of.a, of.spare});
    CHECK(of.refusal(move_shard{s0, of.a, of.spare})
          == "bad_request: Shard 0 is still clearing away what its last transfer left");

    CHECK(to_string(command_of(of.state, {"verbs", drop_replica{s0, of.a}}).error())
          == "not_found: Collection `verbs` doesn't exist!");
  }

  TEST_CASE("nodes are drained, removed and taken back by name or number") {
    bed of;
    const auto state_after = [&of](const change_node_request& asked) {
      const auto commands = commands_of(of.state, asked);
      REQUIRE(commands.ok());
      for (const auto& command : *commands)
        must(of.state, command);
      return of.state.nodes().at(node_number{2}).state;
    };

    CHECK(state_after({.which = "n2", .wish = node_wish::drain}) == node_state::draining);
    CHECK(state_after({.which = "n2", .wish = node_wish::activate}) == node_state::active);
    CHECK(state_after({.which = node_number{2}, .wish = node_wish::leave}) == node_state::leaving);
    CHECK(state_after({.which = "n2", .wish = node_wish::forget}) == node_state::removed);

    const auto wished = change_node_request{.which = "n3", .wish = node_wish::replace};
    const auto alive = commands_of(of.state, wished, {node_number{3}});
    CHECK(to_string(alive.error())
          == "bad_request: node `n3` is up and connected: a node whose disk is lost is not; stop "
             "it first");
    for (int twice = 0; twice < 2; ++twice) {
      const auto replaced = commands_of(of.state, wished);
      REQUIRE(replaced.ok());
      must(of.state, replaced->front());
    }
    CHECK(of.state.nodes().at(node_number{3}).state == node_state::removed);
    CHECK(of.state.nodes().rbegin()->second.state == node_state::expected);
    CHECK(of.state.nodes().rbegin()->second.name == "n3");

    const auto gone = commands_of(of.state, {.which = "n2"});
    REQUIRE_FALSE(gone.ok());
    CHECK(to_string(gone.error()) == "not_found: there is no node `n2`");
    CHECK(commands_of(of.state, {.which = node_number{2}}).error().detail
          == "Peer 2 does not exist");
    CHECK(commands_of(of.state, {.which = of.a == node_number{2} ? of.b : of.a,
                                 .wish = node_wish::leave,
                                 .unless_it_holds_shards = true})
              .error()
              .detail
          == "Cannot remove peer " + of.n(of.a == node_number{2} ? of.b : of.a)
                 + " as there are shards on it");
  }
}
