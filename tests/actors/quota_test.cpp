#include "tests/actors/cluster_by_hand.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

constexpr quota_config half_of_the_disk{true, {}, 50, {}};

/// Makes the disk so large that what is on it is this share.
void use(storage::faulty_files& disk, std::uint64_t percent) {
  disk.limit_bytes(std::uint64_t{1} << 40);
  const auto space = disk.space("data");
  REQUIRE(space.ok());
  const auto used = space->total_bytes - space->free_bytes;
  disk.limit_bytes(used * 100 / percent);
}

outcome<write_receipts> remove_one(deterministic_node& node, std::uint64_t id) {
  write_request asked;
  asked.collection = "words";
  asked.operations = {delete_points{std::vector{point_id{id}}}};
  asked.options.wait = true;
  return node.ask<write_receipts>(asked);
}

quota_status quotas(deterministic_node& node) {
  const auto told = node.ask<quota_status>(get_quotas_request{});
  REQUIRE(told.ok());
  return *told;
}

} // namespace

TEST_SUITE("actors.quota") {
  TEST_CASE("a node over its quota lets in what deletes and nothing that grows, and says why") {
    storage::faulty_files disk{1};
    deterministic_node node{disk};
    node.create("words");
    CHECK(quotas(node).config == quota_config{});
    CHECK_FALSE(quotas(node).peers.has_value());
    REQUIRE(node.upsert("words", 1, 100).ok());
    REQUIRE(node.ask<changed>(set_quotas_request{half_of_the_disk}).ok());
    CHECK(node.upsert("words", 101, 1).ok());

    use(disk, 60);
    node.advance(1'000);

    const auto refused = node.upsert("words", 102, 1);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::no_space);
    CHECK(refused.error().detail.find("global quota config") != std::string::npos);
    CHECK(quotas(node).exceeded == quota_exceeded{{}, true});
    CHECK(remove_one(node, 1).ok());
    CHECK(node.count("words") == 100);

    use(disk, 47); // Below the limit, and not yet by the margin.
    node.advance(1'000);
    CHECK_FALSE(node.upsert("words", 102, 1).ok());
    use(disk, 40);
    node.advance(1'000);
    CHECK(node.upsert("words", 102, 1).ok());
  }

  TEST_CASE("a quota is every node's, and any of them tells what all use") {
    cluster_by_hand cluster{3};
    REQUIRE(cluster.ask<changed>(n1, set_quotas_request{half_of_the_disk}).ok());
    cluster.until([&] {
      const auto known = cluster.at(n2).home->known.get();
      return known && known->state.quota() == half_of_the_disk;
    });
    use(cluster.disk(n3), 60);
    cluster.advance(1'000);

    const auto told = cluster.ask<quota_status>(n2, get_quotas_request{});
    REQUIRE(told.ok());
    REQUIRE(told->peers.has_value());
    REQUIRE(told->peers->size() == 3);
    CHECK_FALSE(told->peers->at(1).exceeded);
    CHECK(told->peers->at(3).exceeded);
    CHECK(told->peers->at(3).usage.disk >= std::uint8_t{55});

    cluster.kill(n3);
    const auto without = cluster.ask<quota_status>(n2, get_quotas_request{});
    REQUIRE(without.ok());
    CHECK(without->peers->size() == 2);
  }
}
