#include "tests/actors/linked_pair.hpp"

using namespace grape;
using namespace grape::actors;
using namespace std::chrono_literals;

TEST_SUITE("actors.remote") {
  TEST_CASE("founders with empty disks form one cluster, and who loses his disk then is refused") {
    const auto configs = cluster_of(free_ports(3));
    std::vector<disk> disks(3);
    for (std::size_t i = 0; i < 3; ++i)
      disks[i].who.node_id = configs[i].node.id;
    std::vector<std::unique_ptr<peers_node>> nodes;
    nodes.push_back(std::make_unique<peers_node>(configs[0], disks[0]));
    nodes.push_back(std::make_unique<peers_node>(configs[1], disks[1]));
    until("two of three see that one is missing",
          [&] { return !nodes[0]->peer(3).last_error.empty(); });
    CHECK_FALSE(nodes[0]->home->member.get());
    nodes.push_back(std::make_unique<peers_node>(configs[2], disks[2]));

    for (auto& node : nodes)
      until("the cluster is formed", [&] { return node->home->member.get() != nullptr; });

    const auto id = nodes[0]->home->member.get()->cluster_id;
    CHECK(id.size() == 36);
    for (std::uint32_t i = 0; i < 3; ++i) {
      CHECK(nodes[i]->home->member.get()->cluster_id == id);
      CHECK(nodes[i]->home->member.get()->self == node_number{i + 1});
      CHECK(disks[i].who.cluster_id == id);
      CHECK(disks[i].who.founding == cluster::founding_stage::formed);
      for (std::uint32_t other = 1; other <= 3; ++other)
        if (other != i + 1)
          until("all see all", [&] { return nodes[i]->sees(other); });
    }

    nodes[1] = nullptr;
    disks[1] = {};
    disks[1].who.node_id = "n2";
    nodes[1] = std::make_unique<peers_node>(configs[1], disks[1]);
    const auto waited = play_meta(*nodes[0], {errc::unavailable, "there is no leader now"});
    const auto waited_too = play_meta(*nodes[2], {errc::unavailable, "there is no leader now"});
    until("the wiped founder asks to be admitted, again and again",
          [&] { return *waited + *waited_too >= 3; });
    CHECK_FALSE(nodes[1]->ended().has_value());
    CHECK(contains(nodes[1]->notes(), "there is no leader now"));
    play_meta(*nodes[0], {errc::already_exists, "n2 has another disk"});
    play_meta(*nodes[2], {errc::already_exists, "n2 has another disk"});
    until("the wiped founder gives up", [&] { return nodes[1]->ended().has_value(); });
    CHECK(nodes[1]->ended()->code == errc::corrupted);
    CHECK(contains(nodes[1]->ended()->detail, "grapectl node replace n2"));
    CHECK_FALSE(nodes[1]->home->member.get());
    CHECK(nodes[0]->sees(3));
  }

  TEST_CASE("founders whose configurations differ do not form a cluster") {
    auto configs = cluster_of(free_ports(2));
    configs[1].cluster.name = "pear";
    std::vector<disk> disks(2);
    peers_node one{configs[0], disks[0]};
    peers_node two{configs[1], disks[1]};

    // The first one to hear of it gives up; the other may find nobody any more.
    until("one gives up", [&] { return one.ended() || two.ended(); });

    const auto why = one.ended() ? *one.ended() : *two.ended();
    CHECK(why.code == errc::bad_config);
    CHECK(contains(why.detail, "[cluster] name must be the same"));
    CHECK_FALSE(one.home->member.get());
    CHECK_FALSE(two.home->member.get());
  }

  TEST_CASE_FIXTURE(pair_of_nodes, "questions are answered or refused, and the refusal says who "
                                   "leads") {
    with_shard(*one);
    with_shard(*two);

    CHECK(answered(*one, 2, "hello").value() == "from n1: hello");
    CHECK(answered(*two, 1, "hello").value() == "from n2: hello");
    const auto refused = answered(*one, 2, "who leads?").error();
    CHECK(refused.code == errc::unavailable);
    CHECK(refused.detail == "another one leads (leader 3)");
    const auto absent = came(ask(*one, 2, "hello", group_id{8})).error();
    CHECK(absent.code == errc::unavailable);
    CHECK(contains(absent.detail, "shard/8 is not here, on `n2`"));
    CHECK(came(ask(*one, 2, "say nothing", seven, 300)).error().code == errc::timed_out);
    CHECK(came(ask(*one, 2, "hello", seven, 0)).error().code == errc::timed_out);
    until("pings measure the way", [&] { return one->peer(2).rtt_us > 0; });
  }

  TEST_CASE_FIXTURE(pair_of_nodes, "long questions and answers arrive whole, and too many are "
                                   "refused at once") {
    with_shard(*two);
    const std::string mebibytes(20u << 20, 'x');
    CHECK(answered(*one, 2, mebibytes).value() == "from n1: " + mebibytes);

    std::vector<answer_future> answers;
    for (int i = 0; i < 8; ++i)
      answers.push_back(ask(*one, 2, mebibytes));
    int served = 0;
    int refused = 0;
    for (const auto& each : answers) {
      const auto said = came(each);
      served += said.ok();
      refused += !said.ok() && said.error().code == errc::overloaded;
    }
    CHECK(served + refused == 8);
    CHECK(served >= 3);
    CHECK(one->sees(2));
    CHECK(came(ask(*one, 2, std::string(40u << 20, 'x'))).error().code == errc::too_large);
  }

  TEST_CASE_FIXTURE(pair_of_nodes, "posts arrive in order") {
    const auto played = with_shard(*two);
    for (int i = 0; i < 2'000; ++i) {
      link_post post;
      post.group = seven;
      post.bytes = std::to_string(i);
      caf::anon_send(one->link(2), post);
    }

    until("all came", [&] { return played->count() == 2'000; });

    for (int i = 0; i < 2'000; ++i)
      REQUIRE(played->delivered[static_cast<std::size_t>(i)] == std::to_string(i));
  }

  TEST_CASE_FIXTURE(pair_of_nodes, "who waits for a node that dies is told at once, and it is "
                                   "found again after its restart") {
    const auto groups = with_shard(*one);
    const auto played = with_shard(*two);
    const auto waiting = ask(*one, 2, "say nothing");
    until("the question is there", [&] { return played->silent == 1; });
    const auto killed = std::chrono::steady_clock::now();

    two->kill();

    CHECK(came(waiting).error().code == errc::commit_unknown);
    CHECK(std::chrono::steady_clock::now() - killed < 3s);
    until("it is seen", [&] { return !one->sees(2); });
    CHECK(answered(*one, 2, "hello").error().code == errc::unavailable);
    CHECK_FALSE(one->peer(2).last_error.empty());
    until("it is suspected", [&] { return one->peer(2).health != cluster::health::alive; });
    until("and the groups here are told", [&] { return groups->health_changes > 0; });

    two = std::make_unique<peers_node>(configs[1], disks[1]);
    with_shard(*two);
    until("they see each other again", [&] { return one->sees(2) && two->sees(1); });
    CHECK(answered(*one, 2, "hello").value() == "from n1: hello");
    until("it is trusted", [&] { return one->peer(2).health == cluster::health::alive; });
  }

  TEST_CASE("a port that is taken ends the floor with its name") {
    const auto configs = cluster_of(free_ports(2));
    disk first = formed_disk(1);
    disk second = formed_disk(2);
    peers_node holder{configs[0], first};
    until("the port is taken", [&] { return holder.home->remote->port != 0; });
    auto wants_the_same = configs[1];
    wants_the_same.peer.port = configs[0].peer.port;

    peers_node late{wants_the_same, second};

    until("it gives up", [&] { return late.ended().has_value(); });
    CHECK(late.ended()->code == errc::bad_config);
    CHECK(contains(late.ended()->detail, "127.0.0.1:" + std::to_string(configs[0].peer.port)));
  }

  TEST_CASE("nodes of different clusters, or of lost disks, refuse each other in words") {
    const auto configs = cluster_of(free_ports(2));
    std::vector<disk> disks{formed_disk(1, "apples"), formed_disk(2, "pears")};
    peers_node one{configs[0], disks[0]};
    {
      peers_node two{configs[1], disks[1]};
      until("both say why", [&] {
        return contains(one.peer(2).last_error, "clusters do not mix")
               && contains(two.notes(), "clusters do not mix");
      });
      CHECK(contains(one.notes(), "apples"));
      CHECK(contains(one.notes(), "pears"));
      CHECK_FALSE(one.sees(2));
    }
    disks[1] = formed_disk(2, "apples");
    {
      peers_node two{configs[1], disks[1]};
      until("the right one is accepted", [&] { return one.sees(2); });
    }
    disks[1].who.disk = 77;
    peers_node copy{configs[1], disks[1]};
    until("another disk is refused",
          [&] { return contains(one.peer(2).last_error, "comes with another disk"); });
    CHECK(contains(one.peer(2).last_error, "grapectl node replace n2"));
  }

  TEST_CASE("an address that swallows everything stalls no other link, nor the end") {
    loopback_socket hole; // Listens, accepts nobody, and its queue is full.
    const auto swallowing = hole.bind();
    REQUIRE(::listen(hole.handle(), 0) == 0);
    std::vector<std::unique_ptr<loopback_socket>> queued;
    for (int i = 0; i < 4; ++i) {
      queued.push_back(std::make_unique<loopback_socket>(SOCK_NONBLOCK));
      (void)queued.back()->connect(swallowing);
    }
    auto ports = free_ports(2);
    ports.insert(ports.begin() + 1, swallowing);
    const auto configs = cluster_of(ports);
    disk first = formed_disk(1);
    disk third = formed_disk(3);
    const auto begun = std::chrono::steady_clock::now();
    {
      peers_node one{configs[0], first};
      until("the hole is dialled", [&] { return one.link(2) != nullptr; });
      peers_node three{configs[2], third};
      until(
          "the others see each other", [&] { return one.sees(3) && three.sees(1); }, 10s);
      until(
          "the hole is noticed", [&] { return contains(one.peer(2).last_error, "nobody answers"); },
          10s);
    }
    CHECK(std::chrono::steady_clock::now() - begun < 20s);
  }
}
