#include "tests/actors/linked_pair.hpp"

using namespace grape;
using namespace grape::actors;

TEST_SUITE("actors.remote.heal") {
  TEST_CASE_FIXTURE(pair_of_nodes, "every actor of the floor heals") {
    with_shard(*two);
    for (const auto* name : {"link/2", "link/1"}) {
      auto& node = name == std::string{"link/2"} ? *one : *two;
      const auto before = node.home->board.get<caf::actor>(name);
      caf::anon_send<caf::message_priority::high>(before,
                                                  caf::exit_msg{{}, caf::exit_reason::kill});
      until("it is renewed", [&] { return node.home->board.get<caf::actor>(name) != before; });
      until("they see each other", [&] {
        const auto said = answered(*one, 2, "hello");
        return said.ok();
      });
    }
    CHECK(one->home->restarts + two->home->restarts == 2);
  }

  TEST_CASE_FIXTURE(pair_of_nodes, "who is let in, and who seems gone, is judged again after a "
                                   "fall, and questions go on meanwhile") {
    with_shard(*two);
    const auto port = two->home->remote->port.load();
    std::vector<answer_future> under_way;
    for (const auto* name : {"door", "detector", "door"}) {
      for (int i = 0; i < 50; ++i)
        under_way.push_back(ask(*one, 2, "hello"));
      two->kill_one(name);
    }
    one->kill_one("detector");
    for (const auto& each : under_way)
      CHECK(came(each).value() == "from n1: hello");
    until("it listens where it listened", [&] { return two->home->remote->port == port; });

    two->kill_one("link 1"); // The door is needed again.

    until("they see each other again", [&] { return answered(*one, 2, "hello").ok(); });
    two->kill();
    until("it is suspected", [&] { return one->peer(2).health != cluster::health::alive; });
  }

  TEST_CASE("founders fall while they form their cluster, and form it") {
    const auto configs = cluster_of(free_ports(3));
    std::vector<disk> disks(3);
    std::vector<std::unique_ptr<peers_node>> nodes;
    for (std::size_t i = 0; i < 3; ++i) {
      disks[i].who.node_id = configs[i].node.id;
      nodes.push_back(std::make_unique<peers_node>(configs[i], disks[i]));
      for (auto& node : nodes)
        if (i < 2) // With the third the cluster is formed, and FOUNDER is done.
          node->kill_one("founder");
    }
    for (auto& node : nodes)
      until("the cluster is formed", [&] { return node->home->member.get() != nullptr; });
    for (const auto& each : disks)
      CHECK(each.who.cluster_id == nodes[0]->home->member.get()->cluster_id);
  }

  TEST_CASE_FIXTURE(pair_of_nodes, "a start that the cluster has seen is remembered by its "
                                   "metadata, also after a restart of whoever accepted it") {
    two->kill();
    one = nullptr;
    one = std::make_unique<peers_node>(configs[0], disks[0]); // It remembers nothing itself.
    cluster::metadata seen;
    const auto entry_of = [this](std::size_t i, std::uint64_t boots) {
      const auto& founder = configs[0].cluster.founders[i];
      return cluster::node_entry{founder.id, founder.address, "", boots};
    };
    const auto next = disks[1].who.incarnation + 2;
    REQUIRE(seen.apply(cluster::found_cluster{"the-cluster", {entry_of(0, 1), entry_of(1, next)}})
                .ok());
    auto now = std::make_shared<catalog>();
    now->state = seen;
    one->home->known.set(now);

    two = std::make_unique<peers_node>(configs[1], disks[1]); // One start too old.

    until("it is refused", [&] { return contains(one->peer(2).last_error, "was here before"); });
    CHECK_FALSE(one->sees(2));
    two = nullptr;
    two = std::make_unique<peers_node>(configs[1], disks[1]);
    until("the next start is accepted", [&] { return one->sees(2) && two->sees(1); });
  }
}
