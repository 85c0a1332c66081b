#include "tests/actors/deterministic_house.hpp"

#include <new>

using namespace grape;
using namespace grape::actors;

namespace {

/// Refuses while `full`.
class narrow_pool final : public job_pool {
public:
  bool post(std::function<void()> job) override {
    if (full)
      return false;
    job();
    return true;
  }

  bool run_here(const std::function<void()>& job) override {
    if (full)
      return false;
    ++here;
    job();
    return true;
  }

  bool run_waiting() override { return false; }
  std::size_t waiting() const override { return 0; }
  void close() override {}
  void join() override {}

  bool full = false;
  int here = 0; // Jobs that ran on the threads of their callers.
};

/// Runs nothing before it is told to.
class slow_pool final : public job_pool {
public:
  bool post(std::function<void()> job) override {
    jobs.push_back(std::move(job));
    return true;
  }

  bool run_here(const std::function<void()>&) override { return false; }

  bool run_waiting() override {
    if (jobs.empty())
      return false;
    const auto job = std::move(jobs.front());
    jobs.erase(jobs.begin());
    job();
    return true;
  }

  void run() {
    for (const auto& job : std::exchange(jobs, {}))
      job();
  }

  std::size_t waiting() const override { return jobs.size(); }
  void close() override {}
  void join() override {}

  std::vector<std::function<void()>> jobs;
};

struct one_node {
  storage::faulty_files disk{1};
  deterministic_node node{disk};
};

query_request nearest(float x, std::uint64_t limit) {
  query_request request;
  request.collection = "words";
  request.query = nearest_query{vector_value{dense_vector{x, 0.0F}}};
  request.limit = limit;
  return request;
}

} // namespace

TEST_SUITE("actors.flow") {
  TEST_CASE_FIXTURE(one_node, "what is written through the gateway is found through it") {
    node.create("words", 3);

    const auto receipts = node.upsert("words", 1, 50);

    REQUIRE(receipts.ok());
    CHECK(receipts->receipts.front().progress == write_progress::completed);
    CHECK(node.count("words") == 50);
    const auto found = node.ask<query_reply>(nearest(1.0F, 3));
    REQUIRE(found.ok());
    REQUIRE(found->points.size() == 3);
    CHECK(found->points[0].point.id == point_id{50});
    CHECK(found->points[0].score == 50.0F);
  }

  TEST_CASE_FIXTURE(one_node, "who leaves the shards to the node gets as many as it says") {
    node.home->config.collections = {5, 2};
    for (const auto wanted : {0u, 3u}) {
      create_collection_request request;
      request.collection = "words" + std::to_string(wanted);
      request.options.single_unnamed = true;
      request.options.vectors[""].size = 2;
      request.options.shard_number = wanted;
      request.options.replication_factor = wanted;
      REQUIRE(node.ask<changed>(request).ok());
      const auto made =
          node.ask<collection_description>(describe_collection_request{request.collection});
      REQUIRE(made.ok());
      CHECK(made->schema.options.shard_number == (wanted == 0 ? 5 : 3));
      CHECK(made->schema.options.replication_factor == (wanted == 0 ? 2 : 3));
    }
  }

  TEST_CASE_FIXTURE(one_node, "a write that is only acknowledged is seen by the next read") {
    node.create("words");

    const auto receipts = node.upsert("words", 1, 7, false);

    REQUIRE(receipts.ok());
    CHECK(receipts->receipts.front().progress == write_progress::acknowledged);
    CHECK(node.count("words") == 7);
  }

  TEST_CASE_FIXTURE(one_node, "a read meets no actor where nothing has to be waited for") {
    node.create("words", 3);
    REQUIRE(node.upsert("words", 1, 50).ok());
    std::vector<std::uint64_t> counts;

    node.door.ask(deterministic_node::count_of("words"),
                  reply_to<count_reply>{[&counts](const outcome<count_reply>& one) {
                    counts.push_back(one ? one->count : 0);
                  }});

    CHECK(counts == std::vector<std::uint64_t>{50}); // No actor has run since it was asked.
  }

  TEST_CASE_FIXTURE(one_node, "a read that runs out of memory takes nobody along") {
    node.create("words", 3);
    REQUIRE(node.upsert("words", 1, 50).ok());

    CHECK_NOTHROW(node.door.ask(
      deterministic_node::count_of("words"),
      reply_to<count_reply>{[](const outcome<count_reply>&) { throw std::bad_alloc{}; }}));

    CHECK(node.count("words") == 50);
  }

  TEST_CASE_FIXTURE(one_node, "a read asked as soon as a write is acknowledged sees it") {
    node.create("words", 2);
    std::uint64_t asked_early = 0;

    for (std::uint64_t id = 1; id <= 20; ++id) {
      bool acknowledged = false;
      node.door.ask(deterministic_node::upsert_of("words", id, 1, false),
                    reply_to<write_receipts>{[&acknowledged](const outcome<write_receipts>& one) {
                      acknowledged = one.ok();
                    }});
      while (!acknowledged)
        REQUIRE(node.scheduler.try_run_once());
      auto count = std::make_shared<std::uint64_t>(0);
      node.door.ask(deterministic_node::count_of("words"),
                    reply_to<count_reply>{[count](const outcome<count_reply>& one) {
                      *count = one ? one->count : 0;
                    }});
      asked_early += *count == 0;
      node.until([count] { return *count > 0; });
      CHECK(*count == id);
    }

    CHECK(asked_early > 0); // Some came before what was acknowledged was visible.
  }

  TEST_CASE_FIXTURE(one_node, "what does not exist is missing before anything is done") {
    node.create("words", 2);
    REQUIRE(node.upsert("words", 1, 1).ok());
    write_request request;
    request.collection = "words";
    set_payload change;
    change.points = std::vector<point_id>{point_id{1}, point_id{2}};
    change.payload.set("a", payload::value{true});
    request.operations.emplace_back(change);

    const auto refused = node.ask<write_receipts>(request);
    const auto absent = node.ask<count_reply>(deterministic_node::count_of("nowhere"));

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error() == status{errc::not_found, "No point with id 2 found"});
    CHECK(absent.error().code == errc::not_found);
    const auto record
      = node.ask<retrieve_reply>(deterministic_node::records_of("words", {point_id{1}}));
    REQUIRE(record.ok());
    CHECK(record->points.front().payload->empty());
  }

  TEST_CASE_FIXTURE(one_node, "a field index is there for whoever was told so") {
    node.create("words", 2);
    REQUIRE(node.upsert("words", 1, 10).ok());

    const auto made = node.ask<write_receipt>(create_field_index_request{
      .collection = "words", .field = "n", .schema = {field_type::integer, {}}, .write = {}});

    REQUIRE(made.ok());
    const auto told = node.ask<collection_description>(describe_collection_request{"words"});
    REQUIRE(told.ok());
    CHECK(told->schema.fields.contains("n"));
    CHECK(told->points == 10);
    CHECK(node.upsert("words", 11, 1).ok());
  }

  TEST_CASE_FIXTURE(one_node, "a batch planned by an old schema is planned again, unseen") {
    node.create("words");
    auto index = create_field_index_request{
      .collection = "words", .field = "n", .schema = {field_type::integer, {}}, .write = {}};
    auto answers = std::make_shared<std::vector<status>>();

    // Planned on this thread by the schema of now, and overtaken by the index.
    node.door.ask(index, reply_to<write_receipt>{[](const outcome<write_receipt>&) {}});
    for (std::uint64_t i = 0; i < 20; ++i)
      node.door.ask(deterministic_node::upsert_of("words", i, 1, true),
                    reply_to<write_receipts>{[answers](const outcome<write_receipts>& one) {
                      answers->push_back(one ? status{} : one.error());
                    }});
    node.until([answers] { return answers->size() == 20; });

    for (const auto& answer : *answers)
      CHECK_MESSAGE(answer.ok(), to_string(answer));
    CHECK(node.count("words") == 20);
  }

  TEST_CASE_FIXTURE(one_node, "a dropped collection leaves nothing behind") {
    node.create("words", 2);
    REQUIRE(node.upsert("words", 1, 10).ok());

    REQUIRE(node.ask<changed>(delete_collection_request{"words"})->yes);
    node.advance(5'000);

    CHECK(node.ask<count_reply>(deterministic_node::count_of("words")).error().code
          == errc::not_found);
    CHECK(disk.list("data/shards")->empty());
    node.create("words");
    CHECK(node.count("words") == 0);
  }

  TEST_CASE("a full search pool answers overloaded, and only that") {
    storage::faulty_files disk{2};
    auto narrow = std::make_shared<narrow_pool>();
    deterministic_node node{disk};
    node.create("words");
    REQUIRE(node.upsert("words", 1, 5).ok());
    node.home->search_pool.set(narrow);

    narrow->full = true;
    const auto refused = node.ask<count_reply>(deterministic_node::count_of("words"));
    narrow->full = false;

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::overloaded);
    CHECK(node.count("words") == 5);
  }

  TEST_CASE_FIXTURE(one_node, "a lent thread works on its read if a place is free") {
    node.create("words");
    REQUIRE(node.upsert("words", 1, 5).ok());
    const auto narrow = std::make_shared<narrow_pool>();
    const auto slow = std::make_shared<slow_pool>();
    gateway lent{node.door, gateway::lent_threads{}};
    std::vector<std::uint64_t> counts;
    const auto count_at = [&counts](gateway& door) {
      door.ask(deterministic_node::count_of("words"),
               reply_to<count_reply>{[&counts](const outcome<count_reply>& one) {
                 counts.push_back(one ? one->count : 0);
               }});
    };

    node.home->search_pool.set(narrow);
    count_at(lent);
    CHECK(narrow->here == 1);
    count_at(node.door);
    CHECK(narrow->here == 1);
    CHECK(counts == std::vector<std::uint64_t>{5, 5});
    node.home->search_pool.set(slow);
    count_at(lent);
    CHECK(counts.size() == 2);
    CHECK_FALSE(node.door.work()); // It did not lend itself.
    CHECK(lent.work());
    CHECK_FALSE(lent.work());

    CHECK(counts == std::vector<std::uint64_t>{5, 5, 5});
  }

  TEST_CASE_FIXTURE(one_node, "more reads than can be served soon are refused, writes are not") {
    node.create("words");
    REQUIRE(node.upsert("words", 1, 5).ok());
    const auto fast = node.home->search_pool.get();
    auto slow = std::make_shared<slow_pool>();
    node.home->search_pool.set(slow);
    auto answers = std::make_shared<std::vector<errc>>();
    const auto count = [answers](const outcome<count_reply>& one) {
      answers->push_back(one ? errc::ok : one.error().code);
    };
    node.door.ask(deterministic_node::count_of("words"), reply_to<count_reply>{count});
    node.now_ms += 2'000; // So long does a read take.
    slow->run();
    REQUIRE(*answers == std::vector<errc>{errc::ok});
    answers->clear();

    for (int i = 0; i < 30; ++i)
      node.door.ask(deterministic_node::count_of("words"), reply_to<count_reply>{count});
    CHECK(*answers == std::vector<errc>(10, errc::overloaded)); // At once.
    CHECK(node.door.refusal_of_reads().code == errc::overloaded); // And before it is decoded.
    CHECK(node.upsert("words", 6, 1).ok());
    slow->run();
    node.home->search_pool.set(fast);

    REQUIRE(answers->size() == 30);
    CHECK(std::count(answers->begin(), answers->end(), errc::ok) == 20);
    CHECK(node.door.refusal_of_reads().ok());
    CHECK(node.count("words") == 6);
    CHECK(node.ask<collection_description>(describe_collection_request{"words"})->points == 6);
  }

  TEST_CASE_FIXTURE(one_node, "in a flood a read that has waited too long is refused at its turn") {
    node.create("words");
    REQUIRE(node.upsert("words", 1, 5).ok());
    const auto fast = node.home->search_pool.get();
    auto slow = std::make_shared<slow_pool>();
    node.home->search_pool.set(slow);
    auto answers = std::make_shared<std::vector<errc>>();
    const auto count = [answers](const outcome<count_reply>& one) {
      answers->push_back(one ? errc::ok : one.error().code);
    };
    const auto ask = [&] {
      node.door.ask(deterministic_node::count_of("words"), reply_to<count_reply>{count});
    };
    ask();
    node.now_ms += 2'000; // A second for each place: 20 take 20 s.
    slow->run();
    answers->clear();
    for (int i = 0; i < 21; ++i)
      ask();
    REQUIRE(*answers == std::vector<errc>{errc::overloaded});

    CHECK(slow->run_waiting());
    node.now_ms += 41'000;
    CHECK(slow->run_waiting());
    node.home->search_pool.set(fast);

    CHECK(*answers == std::vector<errc>{errc::overloaded, errc::ok, errc::overloaded});
    slow->run();
  }

  TEST_CASE("what was acknowledged survives a power cut") {
    storage::faulty_files disk{3};
    {
      deterministic_node node{disk};
      node.create("words", 2);
      REQUIRE(node.upsert("words", 1, 30).ok());
      REQUIRE(node.upsert("words", 31, 10, false).ok());
      disk.power_cut();
    }

    deterministic_node node{disk};

    CHECK(node.count("words") == 40);
  }

  TEST_CASE("an orderly end keeps everything and answers everybody once") {
    storage::faulty_files disk{4};
    auto answers = std::make_shared<std::vector<errc>>();
    {
      deterministic_node node{disk};
      node.create("words");
      REQUIRE(node.upsert("words", 1, 30).ok());
      node.door.ask(deterministic_node::upsert_of("words", 31, 1, true),
                    reply_to<write_receipts>{[answers](const outcome<write_receipts>& one) {
                      answers->push_back(one ? errc::ok : one.error().code);
                    }});
      node.end();
      node.door.ask(deterministic_node::count_of("words"),
                    reply_to<count_reply>{[answers](const outcome<count_reply>& one) {
                      answers->push_back(one ? errc::ok : one.error().code);
                    }});
    }

    REQUIRE(answers->size() == 2);
    CHECK((answers->at(0) == errc::ok || answers->at(0) == errc::commit_unknown));
    CHECK(answers->at(1) == errc::closed);
    deterministic_node node{disk};
    CHECK(node.count("words") >= 30);
  }
}
