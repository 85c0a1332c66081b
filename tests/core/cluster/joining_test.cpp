#include "core/cluster/joining.hpp"

#include "core/cluster/peer_links.hpp"
#include "core/link/hello.hpp"
#include "tests/core/cluster/small_cluster.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n3{3};
constexpr node_number n4{4};

join_request asks(const std::string& name, std::uint64_t disk) {
  join_request asked;
  asked.protocol = link::protocol_version;
  asked.name = name;
  asked.disk = disk;
  asked.peer_address = name + ":6335";
  asked.http_address = name + ":6333";
  asked.cluster_name = "grape";
  return asked;
}

/// As META does; nothing: refused.
std::optional<node_number> join(metadata& state, const join_request& asked) {
  const auto before = check_join(state, "grape", asked);
  if (!before)
    return std::nullopt;
  if (*before)
    return *before;
  must(state, command_to_admit(asked));
  const auto after = check_join(state, "grape", asked);
  REQUIRE(after.ok());
  REQUIRE(after->has_value());
  return *after;
}

std::string refusal(const metadata& state, const join_request& asked) {
  const auto answered = check_join(state, "grape", asked);
  return answered ? "" : to_string(answered.error());
}

std::string refusal_of(metadata& state, const metadata_command& command) {
  const auto done = state.apply(command);
  return done ? "" : to_string(done.error());
}

node_entry waiting_for(const std::string& name) {
  return {name, name + ":6335", name + ":6333", 0, node_state::expected};
}

} // namespace

TEST_SUITE("cluster.joining") {
  TEST_CASE("whoever asks twice from one disk is one node, whatever was lost in between") {
    auto state = small_cluster(3, 1, 3);
    CHECK(join(state, asks("n4", 77)) == n4);
    CHECK(join(state, asks("n4", 77)) == n4);
    CHECK(state.nodes().size() == 4);
    CHECK(state.nodes().at(n4).disk == 77);
    CHECK(state.nodes().at(n4).state == node_state::active);
    CHECK(*metadata::restore(state.encode()) == state);

    CHECK_FALSE(join(state, asks("n4", 78)).has_value()); // Another disk.
    CHECK_FALSE(join(state, asks("n3", 78)).has_value());
    CHECK(refusal(state, asks("n3", 78))
          == "already_exists: node 3 `n3` is in the cluster, with another disk; if that is lost, "
             "run `grapectl node replace n3` against another node, and start this one again");
  }

  TEST_CASE("a node that was replaced comes back by its name, once, as another one") {
    auto state = small_cluster(3, 1, 3);
    must(state, replace_node{waiting_for("n3")});
    CHECK(state.nodes().at(n3).state == node_state::removed);
    CHECK(state.nodes().at(n4).state == node_state::expected);
    CHECK(*state.apply(replace_node{waiting_for("n3")}) == false); // Nobody came since.
    CHECK_FALSE(state.placement().nodes.at(n4).accepts);
    CHECK(state.apply(set_node_state{n4, node_state::active}).error().code == errc::bad_request);

    CHECK(join(state, asks("n3", 99)) == n4);
    CHECK(state.nodes().at(n4).state == node_state::active);
    CHECK_FALSE(state.placement().nodes.at(n4).accepts);
    must(state, change_node{n4, "n3:6335", "n3:6333", 1});
    CHECK(state.placement().nodes.at(n4).accepts);
    CHECK(join(state, asks("n3", 99)) == n4);
    CHECK_FALSE(join(state, asks("n3", 100)).has_value());

    must(state, replace_node{waiting_for("n3")});
    CHECK(join(state, asks("n3", 100)) == node_number{5});
  }

  TEST_CASE("who does not belong here is told why") {
    auto state = small_cluster(3, 1, 3);
    auto other = asks("n4", 5);
    other.protocol = 1;
    CHECK(refusal(state, other)
          == "bad_request: node `n4` speaks version 1 of the protocol between nodes, this cluster "
             "version "
               + std::to_string(link::protocol_version) + ": run the same release on both");
    other = asks("n4", 5);
    other.cluster_name = "wine";
    CHECK(refusal(state, other)
          == "bad_request: node `n4` wants to join the cluster `wine`, this is `grape`: [cluster] "
             "name must be the same on every node");
    other = asks("n4", 5);
    other.cluster_id = "c-2";
    other.number = n4;
    CHECK(refusal(state, other)
          == "already_exists: the disk of node `n4` belongs to the cluster c-2, this is c-1: a "
             "node that changes its cluster starts with an empty data directory");
    CHECK(refusal({}, asks("n4", 5)) == "unavailable: the cluster is not formed yet here");

    other.cluster_id = "c-1";
    CHECK(**check_join(state, "grape", other) == n4); // Not known here yet.
    CHECK(join(state, asks("n4", 5)) == n4);
    CHECK(**check_join(state, "grape", other) == n4);
    must(state, set_node_state{n4, node_state::removed});
    CHECK(refusal(state, other)
          == "already_exists: node 4 `n4` was removed from the cluster: it starts again with an "
             "empty data directory");
  }

  TEST_CASE("whoever asked, and has not said hello to any node, gets nothing of the cluster's") {
    auto state = small_cluster(3, 1, 3);
    REQUIRE(join(state, asks("n4", 77)) == n4);
    CHECK_FALSE(state.placement().nodes.at(n4).accepts);
    const auto group = words_group(state, 0);
    CHECK(refusal_of(state, begin_move{{group, node_number{1}, n4}})
          == "bad_request: node 4 `n4` has not said hello yet and takes no replica");
    create_collection more{"more", {}};
    more.options.vectors[""].size = 4;
    more.options.shard_number = 8;
    more.options.replication_factor = 4;
    must(state, more);
    for (const auto& [number, of] : state.groups())
      CHECK(of.on(n4) == nullptr);

    must(state, change_node{n4, "n4:6335", "n4:6333", 1}); // By its links, after their hello.
    CHECK(state.placement().nodes.at(n4).accepts);
    must(state, begin_move{{group, node_number{1}, n4}});
  }

  TEST_CASE("strangers fill only so many places, and not for ever") {
    auto state = small_cluster(3, 1, 3);
    for (std::uint32_t i = 0; i < pending_nodes_max; ++i)
      REQUIRE(join(state, asks("s" + std::to_string(i), 100 + i)).has_value());
    CHECK(refusal_of(state, command_to_admit(asks("n4", 77)))
          == "overloaded: 8 nodes were admitted and have not said hello yet: start them, or remove "
             "them by `grapectl node remove`");
    CHECK(join(state, asks("s0", 100)) == n4); // Again.
    CHECK(state.nodes().size() == 3 + pending_nodes_max);

    must(state, change_node{n4, "s0:6335", "s0:6333", 1});
    CHECK(join(state, asks("n4", 77)).has_value());
    must(state, set_node_state{node_number{5}, node_state::removed}); // As the coordinator does.
    CHECK(join(state, asks("n5", 78)).has_value());
  }

  TEST_CASE("no announcement takes the address of a node that is known") {
    auto state = small_cluster(3, 1, 3);
    auto thief = asks("n4", 77);
    thief.peer_address = "n1:6335";
    CHECK(refusal(state, thief)
          == "already_exists: node `n4` says that it is at n1:6335, which is where node 1 `n1` is; "
             "give it an address of its own ([peer] port, advertise), or remove the other one by "
             "`grapectl node remove` first");
    thief = asks("n1", 77); // In its name, with another address.
    thief.peer_address = "evil:1";
    CHECK_FALSE(join(state, thief).has_value());
    CHECK(state.apply(command_to_admit(thief)).error().code == errc::already_exists);
    CHECK(state.nodes().at(node_number{1}).peer_address == "n1:6335");

    thief = asks("n4", 77);
    thief.peer_address = "nowhere";
    CHECK(refusal(state, thief)
          == "bad_request: node `n4`: an address is host:port, with a host of at most 255 bytes");
    CHECK(refusal(state, asks("n 4", 77))
          == "bad_request: the name of a node has 1 to 64 of A-Z a-z 0-9 _ . -");
  }

  TEST_CASE("links take a founder with an empty disk for the one that is expected") {
    auto state = small_cluster(3, 1, 3);
    CHECK(number_before_joining(state, n3) == n3);
    CHECK(number_now(state, n3, "n3") == n3);
    must(state, replace_node{waiting_for("n3")});
    CHECK(number_before_joining(state, n4) == n3);
    CHECK(number_now(state, n3, "n3") == n4);
    CHECK(number_now(state, n3, "n2") == n3); // A stranger.
    CHECK(plan_peer_links(state, node_number{1}, {node_number{2}, n3}).begin.contains(n4));
    REQUIRE(join(state, asks("n3", 9)) == n4);
    CHECK(number_before_joining(state, n4) == n4);
    CHECK(number_now(state, n3, "n3") == n4);
    must(state, replace_node{waiting_for("n3")});
    CHECK(number_before_joining(state, node_number{5}) == n3);
    CHECK(number_now(state, n3, "n3") == node_number{5});
    CHECK(number_now(state, n4, "n3") == node_number{5});
  }

  TEST_CASE("questions and answers come back as they were, in pinned bytes") {
    auto asked = asks("n4", 77);
    asked.cluster_id = "c-1";
    asked.number = n4;
    asked.protocol = 1; // What another release says must be understood so far.
    const join_reply reply{"c-1", n4, log_index{9}, "state"};
    CHECK(*decode_join_request(encode(asked)) == asked);
    CHECK(*decode_join_reply(encode(reply)) == reply);
    CHECK(testing::is_golden("joining.bin", encode(asked) + encode(reply)));

    std::mt19937 random{5};
    for (const auto& good : {encode(asked), encode(reply)})
      for (int i = 0; i < 5'000; ++i) {
        auto bytes = good;
        bytes[random() % bytes.size()] = static_cast<char>(random());
        bytes.resize(random() % (bytes.size() + 1));
        (void)decode_join_request(bytes);
        (void)decode_join_reply(bytes);
      }
  }

  TEST_CASE("the control plane's bytes of one that joined are pinned") {
    auto state = small_cluster(3, 1, 3);
    const auto command = command_to_admit(asks("n4", 77));
    must(state, command);
    CHECK(testing::is_golden("metadata-joined-3.bin", encode(command) + state.encode()));
    // Vectors had no datatypes yet; nothing was hidden yet.
    for (const auto* older : {"metadata-joined.bin", "metadata-joined-2.bin"}) {
      const auto before = testing::golden(older);
      REQUIRE(before.starts_with(encode(command)));
      const auto state_before = metadata::restore(before.substr(encode(command).size()));
      REQUIRE(state_before.ok());
      CHECK(*state_before == state);
    }
    REQUIRE(decode_metadata_command(encode(command)).ok());
    CHECK(encode(*decode_metadata_command(encode(command))) == encode(command));
  }
}
