#include "core/link/hello.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <string>

using namespace grape;
using link::hello;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

hello from(node_number number, std::string name) {
  return {.protocol = link::protocol_version,
          .cluster_id = "c0ffee",
          .cluster_name = "grape",
          .number = number,
          .node_name = std::move(name),
          .incarnation = {.disk = 70 + number.value, .boots = 4, .drawn = 9},
          .epochs = {log_index{1'000}, epoch{17}},
          .http_address = "127.0.0.1:6333"};
}

const auto own = from(n1, "a");

const link::known_peers known{{n2, {"b", from(n2, "b").incarnation}}, {n3, {"c", {}}}};

/// What node `a` says to `b`, changed.
status answer_to(const std::function<void(hello&)>& change) {
  auto theirs = from(n2, "b");
  change(theirs);
  return check_hello(known, own, theirs);
}

TEST_SUITE("core.link.hello") {
  TEST_CASE("a known member is welcome: as before, started anew, or for the first time") {
    CHECK(answer_to([](hello&) {}).ok());
    CHECK(answer_to([](hello& theirs) {
            theirs.incarnation.boots = 5;
            theirs.incarnation.drawn = 1;
          }).ok());
    CHECK(check_hello(known, own, from(n3, "c")).ok());
  }

  TEST_CASE("who may not know less: epochs and addresses refuse nobody") {
    CHECK(answer_to([](hello& theirs) {
            theirs.epochs = {};
            theirs.http_address = "10.0.0.1:1";
          }).ok());
  }

  TEST_CASE("another protocol is refused before all else") {
    CHECK(answer_to([](hello& theirs) {
            theirs.protocol = 2; // Knows no shard keys, so it could not follow the metadata.
            theirs.cluster_name = "wine";
          })
          == status{errc::wrong_version,
                    "node `b` (number 2) speaks version 2 of the protocol between nodes, node `a` "
                    "(number 1) version "
                      + std::to_string(link::protocol_version) + ": run the same release on both"});
  }

  TEST_CASE("another cluster is named") {
    CHECK(answer_to([](hello& theirs) { theirs.cluster_name = "wine"; })
          == status{errc::bad_config,
                    "node `b` (number 2) belongs to cluster `wine`, node `a` (number 1) to "
                    "`grape`: [cluster] name must be the same on every node"});
    CHECK(answer_to([](hello& theirs) { theirs.cluster_id = "decaf"; })
          == status{errc::bad_config,
                    "node `b` (number 2) belongs to the cluster with the id decaf, node `a` "
                    "(number 1) to the one with c0ffee: clusters do not mix; a node that changes "
                    "its cluster starts with an empty data directory"});
  }

  TEST_CASE("a number that is ours is refused, and told from meeting oneself") {
    CHECK(answer_to([](hello& theirs) { theirs = own; })
          == status{errc::bad_config,
                    "node `a` (number 1) was connected with itself: an address in [cluster] "
                    "founders or [peer] advertise of another node is its"});
    CHECK(answer_to([](hello& theirs) { theirs.number = n1; })
          == status{errc::bad_config,
                    "node `b` (number 1) has the number of node `a` (number 1): each needs a data "
                    "directory of its own, not a copy"});
  }

  TEST_CASE("number and name belong together") {
    CHECK(answer_to([](hello& theirs) { theirs.node_name = "x"; })
          == status{errc::bad_config, "number 2 is node `b` in this cluster, not node `x`: start "
                                      "each node from its own data directory"});
    const status moved{errc::bad_config, "node `b` (number 7) has number 2 in this cluster: start "
                                         "it from the data directory of node `b`"};
    CHECK(answer_to([](hello& theirs) { theirs.number = node_number{7}; }) == moved);
    CHECK(answer_to([](hello& theirs) { theirs.node_name = "c"; }).code == errc::bad_config);
  }

  TEST_CASE("a node that nobody knows is told how to join") {
    CHECK(check_hello(known, own, from(node_number{4}, "d"))
          == status{errc::not_found,
                    "node `d` (number 4) is not known to node `a` (number 1): it must announce "
                    "itself by POST /grape/v1/cluster/join to the HTTP address of any member "
                    "([cluster] join)"});
  }

  TEST_CASE("a node with another disk is another node") {
    CHECK(answer_to([](hello& theirs) {
            theirs.incarnation.disk = 5;
            theirs.incarnation.boots = 100;
          })
          == status{errc::corrupted,
                    "node `b` (number 2) comes with another disk than before: with a lost disk it "
                    "is a new node; run `grapectl node replace b` against another node"});
  }

  TEST_CASE("an older start than the last one is refused, and a second process of the same") {
    CHECK(answer_to([](hello& theirs) { theirs.incarnation.boots = 3; })
          == status{errc::corrupted,
                    "node `b` (number 2) comes with start 3 of its disk, but start 4 was here "
                    "before: the process is an old one, or its data directory was restored from a "
                    "copy; stop it, or run `grapectl node replace b` against another node"});
    CHECK(answer_to([](hello& theirs) { theirs.incarnation.drawn = 8; })
          == status{errc::corrupted,
                    "node `b` (number 2) comes with start 4 of its disk, but another process was "
                    "that start: two processes run from copies of one data directory; stop one"});
  }

  TEST_CASE("starts that the cluster has seen count, also for who has seen none itself") {
    auto theirs = from(n2, "b");
    auto only_told = known;
    only_told[n2] = {"b", std::nullopt, theirs.incarnation.boots};
    CHECK(check_hello(only_told, own, theirs).ok());
    only_told[n2].boots += 1;
    CHECK(check_hello(only_told, own, theirs)
          == status{errc::corrupted,
                    "node `b` (number 2) comes with start 4 of its disk, but start 5 was here "
                    "before: the process is an old one, or its data directory was restored from a "
                    "copy; stop it, or run `grapectl node replace b` against another node"});
    only_told[n2].accepted = theirs.incarnation;
    CHECK(check_hello(only_told, own, theirs).code == errc::corrupted);
  }

  TEST_CASE("of two nodes exactly one dials") {
    CHECK(link::dials(n1, n2));
    CHECK_FALSE(link::dials(n2, n1));
    CHECK_FALSE(link::dials(n1, n1));
  }
}

TEST_SUITE("core.link.hello_codec") {
  TEST_CASE("the bytes are those of the first release") {
    auto said = from(n2, "b");
    said.protocol = 1; // A node that speaks another protocol must be understood so far.
    CHECK(testing::is_golden("link-hello.bin", encode(said)));
  }

  TEST_CASE("what was said is heard") {
    auto said = from(node_number{UINT32_MAX}, "Bäcker");
    said.incarnation = {UINT64_MAX, 1, UINT64_MAX - 1};
    said.epochs = {log_index{UINT64_MAX}, epoch{3}};
    said.cluster_name = std::string(link::hello_text_bytes_max, 'x');
    const auto heard = link::decode_hello(encode(said));
    REQUIRE(heard.ok());
    CHECK(*heard == said);
  }

  TEST_CASE("a newer layout is refused as such, whatever the rest is") {
    for (const std::string rest : {"", "x", "anything at all, of any length, with \xff"}) {
      CHECK(link::decode_hello("GH\x02" + rest).error()
            == status{errc::wrong_version,
                      "hello of a node: layout version 2, this program reads version 1: run the "
                      "same release on both nodes"});
    }
  }

  TEST_CASE("cut, flipped, lengthened or foreign bytes are refused") {
    const auto whole = encode(from(n2, "b"));
    for (std::size_t length = 0; length < whole.size(); ++length)
      CHECK(link::decode_hello(whole.substr(0, length)).error().code == errc::corrupted);
    CHECK(link::decode_hello(whole + "x").error().code == errc::corrupted);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto damaged = whole;
      damaged[bit / 8] ^= static_cast<char>(1 << bit % 8);
      CHECK_FALSE(link::decode_hello(damaged).ok());
    }
    CHECK(link::decode_hello("GET / HTTP/1.1\r\n").error()
          == status{errc::corrupted, "hello of a node: these bytes are none"});
    std::mt19937_64 random{1};
    for (int i = 0; i < 10'000; ++i) {
      std::string noise(random() % 100, '\0');
      for (auto& byte : noise)
        byte = static_cast<char>(random());
      CHECK_FALSE(link::decode_hello(noise).ok());
      CHECK_FALSE(link::decode_hello("GH\x01" + noise).ok());
    }
  }

  TEST_CASE("texts that do not fit in one line of a log are refused, and number 0") {
    const auto refused = [](const std::function<void(hello&)>& change) {
      auto said = from(n2, "b");
      change(said);
      const auto heard = link::decode_hello(encode(said));
      return !heard.ok() && heard.error().code == errc::corrupted;
    };
    const auto long_text = std::string(link::hello_text_bytes_max + 1, 'x');
    for (const auto& text :
         {std::string{}, std::string{"b\nfatal: all is lost"}, std::string{"\x7f"}, long_text}) {
      CHECK(refused([&](hello& said) { said.node_name = text; }));
      CHECK(refused([&](hello& said) { said.cluster_id = text; }));
      CHECK(refused([&](hello& said) { said.cluster_name = text; }));
      CHECK(refused([&](hello& said) { said.http_address = text; }));
    }
    CHECK(refused([](hello& said) { said.number = node_number{}; }));
    CHECK_FALSE(refused([](hello&) {}));
  }
}

} // namespace
