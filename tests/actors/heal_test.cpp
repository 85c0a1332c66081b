#include "tests/actors/deterministic_house.hpp"

#include <set>

using namespace grape;
using namespace grape::actors;

namespace {

std::vector<actor_report> tree_of(deterministic_node& node) {
  const auto tree = node.ask<actor_tree>(list_actors_request{});
  REQUIRE(tree.ok());
  return tree->actors;
}

actor_report report_of(deterministic_node& node, const std::string& name) {
  for (const auto& one : tree_of(node))
    if (one.name == name)
      return one;
  FAIL("no actor is called " << name);
  return {};
}

} // namespace

TEST_SUITE("actors.heal") {
  TEST_CASE("the tree of care is as drawn") {
    storage::faulty_files disk{1};
    deterministic_node node{disk};
    node.create("words");

    std::map<std::string, std::string> parents;
    for (const auto& one : tree_of(node))
      parents[one.name] = one.parent;

    CHECK(parents.at("node").empty());
    CHECK(parents.at("log_writer") == "node");
    CHECK(parents.at("search_pool") == "node");
    CHECK(parents.at("meta") == "control");
    CHECK(parents.at("shard words/0") == "shards");
    CHECK(parents.at("family words/0") == "shards");
    CHECK(parents.at("replica words/0") == "family words/0");
    CHECK(parents.at("gateway 0") == "node");
  }

  // Goal: whoever falls, what was acknowledged stays and service comes back without a hand.
  // Method: each actor of the tree in turn, with writes on their way at that moment.
  TEST_CASE("killing any actor but NODE loses nothing acknowledged and heals") {
    storage::faulty_files disk{2};
    deterministic_node node{disk};
    node.create("words", 2);
    auto acknowledged = std::make_shared<std::set<std::uint64_t>>();
    std::uint64_t next = 1;

    for (const auto& victim : tree_of(node)) {
      if (victim.parent.empty())
        continue;
      CAPTURE(victim.name);
      auto answered = std::make_shared<int>(0);
      for (int i = 0; i < 5; ++i, ++next)
        node.door.ask(deterministic_node::upsert_of("words", next, 1, i % 2 == 0),
                      reply_to<write_receipts>{
                        [acknowledged, answered, id = next](const outcome<write_receipts>& one) {
                          ++*answered;
                          if (one)
                            acknowledged->insert(id);
                        }});
      for (int i = 0; i < 7; ++i) // Some way into them.
        node.scheduler.try_run_once();
      CHECK(node.ask<changed>(kill_actor_request{victim.name}).ok());

      node.until([answered] { return *answered == 5; });
      node.until([&node, &next] { return node.upsert("words", next, 1).ok(); });
      acknowledged->insert(next++);
      CHECK(node.count("words") >= acknowledged->size());
      CHECK(report_of(node, victim.name).restarts > 0);
      node.advance(11'000); // Out of every window.
    }

    auto all = deterministic_node::records_of("words", {});
    for (const auto id : *acknowledged)
      all.ids.emplace_back(id);
    const auto found = node.ask<retrieve_reply>(all);
    REQUIRE(found.ok());
    CHECK(found->points.size() == acknowledged->size());
  }

  // Rule 34: what a failed write or sync left on the disk is unknown, and a second sync may succeed
  // without it.
  TEST_CASE("a log that cannot be written promises nothing, and ends the node") {
    for (const auto what : {storage::file_operation::append, storage::file_operation::sync}) {
      storage::faulty_files disk{3};
      {
        deterministic_node node{disk};
        node.create("words");
        REQUIRE(node.upsert("words", 1, 1).ok());
        auto ended = std::make_shared<status>();
        node.root->attach_functor(
          [ended](const caf::error& why) { *ended = to_status_of_fall(why); });

        disk.fail(what, 1, errc::io_error);
        const auto refused = node.upsert("words", 2, 1);
        node.until([ended] { return !ended->ok(); });

        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().code == errc::commit_unknown);
        CHECK(ended->code == errc::io_error);
        CHECK(ended->detail.starts_with("log_failed: data/log/log-"));
        disk.power_cut(storage::torn_tail::nothing);
      }

      deterministic_node node{disk};

      CHECK(node.count("words") == 1);
    }
  }

  TEST_CASE("a killed actor that nobody knows is not found") {
    storage::faulty_files disk{4};
    deterministic_node node{disk};

    CHECK(node.ask<changed>(kill_actor_request{"nobody"}).error().code == errc::not_found);
  }
}
