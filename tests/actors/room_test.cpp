// A disk without room: writes are refused as such, reads go on, and all of it heals when there is
// room again. Nothing acknowledged is lost, and nobody of the tree of care falls but a replica
// whose store is opened anew.

#include "tests/actors/deterministic_house.hpp"

#include <algorithm>
#include <set>

using namespace grape;
using namespace grape::actors;

namespace {

constexpr std::uint64_t unlimited = 1ull << 40;

std::uint64_t restarts_of(deterministic_node& node, const std::string& name) {
  const auto tree = node.ask<actor_tree>(list_actors_request{});
  REQUIRE(tree.ok());
  for (const auto& one : tree->actors)
    if (one.name == name)
      return one.restarts;
  FAIL("no actor is called " << name);
  return 0;
}

outcome<std::uint64_t> count_at(deterministic_node& node, read_level level) {
  auto asked = deterministic_node::count_of("words");
  asked.read.level = level;
  const auto counted = node.ask<count_reply>(asked);
  if (!counted)
    return counted.error();
  return counted->count;
}

std::size_t found_of(deterministic_node& node, const std::set<std::uint64_t>& ids) {
  auto asked = deterministic_node::records_of("words", {});
  for (const auto id : ids)
    asked.ids.emplace_back(id);
  const auto found = node.ask<retrieve_reply>(asked);
  REQUIRE_MESSAGE(found.ok(), (found ? std::string{} : to_string(found.error())));
  return found->points.size();
}

outcome<changed> create(deterministic_node& node) {
  create_collection_request request;
  request.collection = "words";
  request.options.single_unnamed = true;
  request.options.vectors[""].size = 2;
  request.options.vectors[""].distance = metric::dot;
  return node.ask<changed>(std::move(request));
}

/// No room from the moment at which a shard's store is to take what the log has taken.
void fill_before_apply(storage::faulty_files& disk) {
  disk.on_operation([&disk](storage::file_operation what, const std::string& path) {
    if (what == storage::file_operation::append && path.find("/points/") != std::string::npos)
      disk.limit_bytes(1);
  });
}

void make_room(storage::faulty_files& disk) {
  disk.on_operation({});
  disk.limit_bytes(unlimited);
}

} // namespace

TEST_SUITE("actors.room") {
  TEST_CASE("a full disk refuses writes and schemas, answers reads, and takes writes again") {
    storage::faulty_files disk{1};
    {
      deterministic_node node{disk};
      node.create("words");
      REQUIRE(node.upsert("words", 1, 10).ok());
      disk.limit_bytes(1);

      for (std::uint64_t id = 11; id <= 20; ++id) {
        const auto refused = node.upsert("words", id, 1, id % 2 == 0);
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().code == errc::no_space);
        CHECK(refused.error().detail.find("data/log/log-") != std::string::npos);
      }
      const auto index = node.ask<write_receipt>(create_field_index_request{
        .collection = "words", .field = "n", .schema = {field_type::integer, {}}, .write = {}});
      CHECK(index.error().code == errc::no_space);
      CHECK(node.count("words") == 10);

      disk.limit_bytes(unlimited);
      CHECK(node.upsert("words", 21, 5).ok());
      CHECK(node.upsert("words", 26, 5, false).ok());
      CHECK(node.count("words") == 20);
      CHECK(node.home->restarts == 0);
      disk.power_cut();
    }

    deterministic_node node{disk};

    CHECK(node.count("words") == 20);
  }

  TEST_CASE("a store without room: reads go on, and what the log took is applied later") {
    storage::faulty_files disk{2};
    deterministic_node node{disk};
    node.create("words");
    REQUIRE(node.upsert("words", 1, 10).ok());
    fill_before_apply(disk);

    const auto unknown = node.upsert("words", 11, 1);

    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.error().code == errc::commit_unknown);
    CHECK(node.upsert("words", 12, 1).error().code == errc::no_space);
    CHECK(node.count("words") == 10);
    node.advance(20'000);
    CHECK(node.upsert("words", 13, 1, false).error().code == errc::no_space);
    CHECK(node.count("words") == 10);
    CHECK(node.home->restarts == 0);

    make_room(disk);
    node.advance(7'000);
    CHECK(node.upsert("words", 14, 1).ok());
    CHECK(node.count("words") == 12); // With the one in the log.
    CHECK(restarts_of(node, "replica words/0") == 1);
  }

  TEST_CASE("what was acknowledged and cannot be made visible is not hidden from strict reads") {
    storage::faulty_files disk{3};
    deterministic_node node{disk};
    node.create("words");
    REQUIRE(node.upsert("words", 1, 10).ok());
    fill_before_apply(disk);

    REQUIRE(node.upsert("words", 11, 1, false).ok());

    CHECK(count_at(node, read_level::linearizable).error().code == errc::no_space);
    const auto stale = count_at(node, read_level::eventual);
    REQUIRE(stale.ok());
    CHECK(*stale == 10);
    make_room(disk);
    node.advance(7'000);
    CHECK(node.count("words") == 11);
  }

  TEST_CASE("a shard renewed while there is no room waits for it, and the node goes on") {
    storage::faulty_files disk{4};
    deterministic_node node{disk};
    node.create("words");
    REQUIRE(node.upsert("words", 1, 10).ok());
    disk.limit_bytes(1);

    REQUIRE(node.ask<changed>(kill_actor_request{"storage words/0"}).ok());
    node.advance(20'000);
    CHECK(count_at(node, read_level::linearizable).error().code == errc::no_space);
    CHECK(node.upsert("words", 11, 1).error().code == errc::no_space);
    CHECK(restarts_of(node, "storage words/0") == 1);

    disk.limit_bytes(unlimited);
    node.advance(7'000);
    CHECK(node.count("words") == 10);
    CHECK(node.upsert("words", 11, 1).ok());
  }

  TEST_CASE("a log that finds no room makes shards let go of what they have applied") {
    storage::faulty_files disk{6};
    deterministic_node node{disk};
    node.create("words");
    disk.limit_bytes(2'000'000); // Neither a segment of the log nor a table is ever full.
    std::uint64_t refused = 0;
    std::uint64_t next = 1;

    for (int writes = 0; writes < 1'000 && refused == 0; ++writes) {
      const auto done = node.upsert("words", next, 200);
      if (!done) {
        CHECK(done.error().code == errc::no_space);
        ++refused;
      } else {
        next += 200;
      }
    }

    REQUIRE(refused == 1);
    node.advance(100);
    const auto done = node.upsert("words", next, 200);
    CHECK_MESSAGE(done.ok(), (done ? std::string{} : to_string(done.error())));
    CHECK(node.count("words") == next + 199);
    CHECK(node.home->restarts == 0);
  }

  // Every write to the disk in turn finds no room, once.
  TEST_CASE("wherever room ends while points are written, nothing acknowledged is lost") {
    for (std::uint64_t nth = 1; nth <= 40; ++nth) {
      CAPTURE(nth);
      storage::faulty_files disk{nth};
      std::set<std::uint64_t> acknowledged;
      {
        deterministic_node node{disk};
        node.create("words");
        disk.fail(storage::file_operation::append, nth, errc::no_space);
        for (std::uint64_t id = 1; id <= 15; ++id) {
          const auto done = node.upsert("words", id, 1, id % 2 == 0);
          if (done)
            acknowledged.insert(id);
          else
            CHECK_MESSAGE((done.error().code == errc::no_space
                           || done.error().code == errc::commit_unknown),
                          to_string(done.error()));
          if (!done)
            node.advance(7'000);
        }
        CHECK(acknowledged.size() >= 14);
        node.advance(7'000); // The last of them may be acknowledged, but not visible yet.
        CHECK(found_of(node, acknowledged) == acknowledged.size());
        CHECK(restarts_of(node, "log_writer") == 0);
        CHECK(restarts_of(node, "meta") == 0);
        disk.power_cut();
      }

      deterministic_node node{disk};

      CHECK(found_of(node, acknowledged) == acknowledged.size());
    }
  }

  TEST_CASE("wherever room ends while a collection is created, it is there or can be created") {
    for (std::uint64_t nth = 1; nth <= 40; ++nth) {
      CAPTURE(nth);
      storage::faulty_files disk{nth};
      bool made = false;
      {
        deterministic_node node{disk};
        disk.fail(storage::file_operation::append, nth, errc::no_space);

        const auto first = create(node);
        made = first.ok();
        if (!made) {
          CHECK_MESSAGE(first.error().code == errc::no_space, to_string(first.error()));
          CHECK(first.error().detail.find("data/") != std::string::npos);
          CHECK(create(node).ok());
        }
        node.advance(7'000); // Stores that found no room are opened anew.

        if (!node.upsert("words", 1, 5).ok()) { // It was this that found no room.
          node.advance(7'000);
          CHECK(node.upsert("words", 1, 5).ok());
        }
        CHECK(node.count("words") == 5);
        CHECK(restarts_of(node, "log_writer") == 0);
        CHECK(restarts_of(node, "meta") == 0);
        CHECK(restarts_of(node, "catalog") == 0);
        disk.power_cut();
      }

      deterministic_node node{disk};

      CHECK(node.count("words") == 5);
    }
  }

  TEST_CASE("a control plane without room keeps what it has, and refuses changes meanwhile") {
    storage::faulty_files disk{5};
    {
      deterministic_node node{disk};
      disk.on_operation([&disk](storage::file_operation what, const std::string& path) {
        if (what == storage::file_operation::append && path.starts_with("data/meta/"))
          disk.limit_bytes(1);
      });

      CHECK(create(node).ok()); // It is in the log.
      node.advance(3'000);
      const auto refused = node.ask<changed>(delete_collection_request{"words"});
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == errc::no_space);
      CHECK(refused.error().detail.find("data/meta") != std::string::npos);

      make_room(disk);
      node.advance(7'000);
      CHECK(node.upsert("words", 1, 5).ok());
      CHECK(restarts_of(node, "meta") == 0);
      disk.power_cut(storage::torn_tail::nothing);
    }

    deterministic_node node{disk};

    CHECK(node.count("words") == 5);
    CHECK(node.ask<changed>(delete_collection_request{"words"}).ok());
  }

  TEST_CASE("a shard that cannot be opened is named by reads, by the health check and by the log") {
    storage::faulty_files disk{1};
    {
      deterministic_node node{disk};
      node.create("words", 2);
      REQUIRE(node.upsert("words", 1, 20).ok());
    }
    disk.on_operation([&disk](storage::file_operation, const std::string& path) {
      disk.limit_bytes(path.find("/1/1/0/points") != std::string::npos ? 1 : unlimited);
    });
    deterministic_node node{disk};

    node.advance(20'000); // It is tried again every five seconds.

    const auto counted = count_at(node, read_level::eventual);
    REQUIRE_FALSE(counted.ok());
    CHECK(counted.error().code == errc::no_space);
    CHECK(counted.error().detail.starts_with("shard words/1 cannot be opened: "));
    const auto health = node.ask<health_report>(check_health_request{});
    REQUIRE(health.ok());
    REQUIRE(health->findings.size() == 1);
    CHECK(health->findings.front().kind == "replica_out_of_service");
    CHECK(health->findings.front().shard == "words/1");
    const auto notes = node.home->notes.all();
    CHECK(std::count_if(notes.begin(), notes.end(), [](const std::string& note) {
            return note.starts_with("shard words/1 cannot be opened before there is room: ");
          }) == 1);

    make_room(disk);
    node.advance(7'000);
    CHECK(node.count("words") == 20);
    CHECK(node.ask<health_report>(check_health_request{})->findings.empty());
  }

  TEST_CASE("a node that could not open more shards creates none, and says what would help") {
    storage::faulty_files disk{1};
    deterministic_node node{disk};
    node.home->host.replicas_max = 3;
    node.create("words", 2);

    const auto refused = node.ask<changed>(deterministic_node::collection_of("cats", 2));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::no_space);
    CHECK(refused.error().detail.find("`ulimit -n`") != std::string::npos);
    CHECK(node.ask<changed>(deterministic_node::collection_of("cats", 1)).ok());
    CHECK(node.upsert("cats", 1, 5).ok());
    REQUIRE(node.ask<changed>(delete_collection_request{"words"}).ok());
    CHECK(node.ask<changed>(deterministic_node::collection_of("words", 2)).ok());
  }
}
