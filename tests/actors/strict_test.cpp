#include "tests/actors/deterministic_house.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

struct strict_node {
  strict_node() { node.create("c", 2); }

  void limit(payload::object strict) {
    strict.set("enabled", payload::value{true});
    update_collection_request request{"c", {}};
    request.changes.strict_mode = payload::value{std::move(strict)};
    REQUIRE(node.ask<changed>(std::move(request)).ok());
  }

  static payload::filter odd_one() {
    payload::filter filter;
    filter.must.push_back({payload::has_id{{point_id{1}, point_id{3}, point_id{99}}}});
    return filter;
  }

  outcome<write_receipts> remove(payload::filter filter) {
    write_request request;
    request.collection = "c";
    request.operations.emplace_back(delete_points{std::move(filter)});
    request.options.wait = true;
    return node.ask<write_receipts>(std::move(request));
  }

  storage::faulty_files disk{1};
  deterministic_node node{disk};
};

payload::value whole(std::int64_t of) {
  return payload::value{of};
}

} // namespace

TEST_SUITE("actors.strict") {
  TEST_CASE_FIXTURE(strict_node, "points go by filter on all shards, in the order of a batch") {
    write_request request = node.upsert_of("c", 0, 10, true);
    request.operations.emplace_back(delete_points{odd_one()});
    request.operations.push_back(node.upsert_of("c", 3, 1, true).operations.front());
    const auto done = node.ask<write_receipts>(std::move(request));

    REQUIRE(done.ok());
    CHECK(done->receipts.size() == 3);
    CHECK(done->receipts.front().progress == write_progress::completed);
    CHECK(node.count("c") == 9);
    CHECK(remove({}).ok());
    CHECK(node.count("c") == 0);
    const auto nothing = remove({});
    REQUIRE(nothing.ok());
    CHECK(nothing->receipts.front().operation_id > 0);
  }

  TEST_CASE_FIXTURE(strict_node, "writes of a minute are bounded, and may come later") {
    limit({{"write_rate_limit", whole(10)}});
    CHECK(node.upsert("c", 0, 11).error().code == errc::rate_limited);
    CHECK(node.upsert("c", 0, 10).ok());
    CHECK(node.upsert("c", 0, 1).error().code == errc::rate_limited);
    node.advance(6'000);
    CHECK(node.upsert("c", 0, 1).ok());
    node.advance(60'000);
    CHECK(remove(odd_one()).ok()); // Two of the ten points.
    CHECK(node.upsert("c", 0, 8).ok());
    CHECK(node.upsert("c", 0, 1).error().code == errc::rate_limited);
    limit({{"write_rate_limit", whole(20)}});
    CHECK(node.upsert("c", 0, 20).ok());
  }

  TEST_CASE_FIXTURE(strict_node, "reads of a minute are bounded; a description costs nothing") {
    limit({{"read_rate_limit", whole(2)}});
    const auto counted = [this] {
      return node.ask<count_reply>(node.count_of("c"));
    };
    CHECK(counted().ok());
    CHECK(counted().ok());
    CHECK(counted().error().code == errc::rate_limited);
    describe_collection_request about;
    about.collection = "c";
    CHECK(node.ask<collection_description>(about).ok());
    node.advance(30'000);
    CHECK(counted().ok());
  }

  TEST_CASE_FIXTURE(strict_node, "a collection that is full takes nothing more, but lets go") {
    limit({{"max_points_count", whole(10)}});
    CHECK(node.upsert("c", 0, 10).ok());
    CHECK(node.upsert("c", 20, 1).error()
          == status{errc::bad_request, "Max points count limit of 10 reached!"});
    CHECK(remove(odd_one()).ok());
    CHECK(node.upsert("c", 20, 1).ok());
    limit({{"max_points_count", whole(1'000)}, {"max_collection_vector_size_bytes", whole(72)}});
    CHECK(node.upsert("c", 30, 1).error().detail.starts_with("Max vector storage size limit of"));
  }
}
