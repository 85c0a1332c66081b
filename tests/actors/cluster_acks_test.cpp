// Goal: a write is acknowledged when it is as durable as it asked, and what cannot be had in time
// is told as it is; an eventual read says how old its state may be. Method: real nodes in virtual
// time.

#include "tests/actors/cluster_by_hand.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

/// Three nodes, and one shard on each.
struct three_copies {
  explicit three_copies(std::uint32_t factor = 1, sync_mode mode = sync_mode::quorum,
                        std::uint32_t batch = 0) {
    auto request = deterministic_node::collection_of("words", 1, 3);
    request.options.write_consistency_factor = factor;
    request.options.replication.mode = mode;
    request.options.replication.batch_size = batch;
    REQUIRE(cluster.ask<changed>(n1, std::move(request)).ok());
    group = cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    cluster.until([this] { return cluster.leader_of(group).has_value(); });
    leader = *cluster.leader_of(group);
    for (const auto node : {n1, n2, n3})
      if (node != leader)
        (other == node_number{} ? other : third) = node;
    REQUIRE(write({.wait = true}).ok());
  }

  outcome<write_receipts> write(const write_options& how) {
    auto request = deterministic_node::upsert_of("words", next++, 1, true);
    request.options = how;
    const auto before_ms = cluster.at(leader).now_ms;
    auto told = cluster.ask<write_receipts>(leader, std::move(request));
    took_ms = cluster.at(leader).now_ms - before_ms;
    return told;
  }

  /// Does not wait for the answer.
  std::shared_ptr<std::vector<outcome<write_receipts>>> begin(const write_options& how) {
    auto came = std::make_shared<std::vector<outcome<write_receipts>>>();
    auto request = deterministic_node::upsert_of("words", next++, 1, true);
    request.options = how;
    cluster.at(leader).door.ask(std::move(request), reply_to<write_receipts>{[came](auto one) {
                                  came->push_back(std::move(one));
                                }});
    return came;
  }

  write_receipt receipt(const write_options& how) {
    const auto told = write(how);
    REQUIRE_MESSAGE(told.ok(), (told ? std::string{} : to_string(told.error())));
    return told->receipts.at(0);
  }

  explanation explained(node_number by, read_level level) {
    query_request request;
    request.collection = "words";
    request.query = nearest_query{vector_value{dense_vector{1.0F, 0.0F}}};
    request.limit = 1;
    request.read.level = level;
    request.read.explain = true;
    const auto found = cluster.ask<query_reply>(by, request);
    REQUIRE_MESSAGE(found.ok(), (found ? std::string{} : to_string(found.error())));
    return found->explain.value();
  }

  cluster_by_hand cluster{3};
  group_id group;
  node_number leader;
  node_number other{};
  node_number third{};
  std::uint64_t next = 1;
  std::uint64_t took_ms = 0;
};

} // namespace

TEST_SUITE("actors.cluster_acks") {
  TEST_CASE("a write chooses how durable it is when it is acknowledged") {
    three_copies at;
    at.cluster.cut(at.leader, at.other);
    at.cluster.cut(at.leader, at.third);
    CHECK(at.receipt({.ack = write_ack::eventual}).progress == write_progress::acknowledged);
    CHECK(at.took_ms < 50);
    const auto waits = at.begin({.ack = write_ack::write_quorum});
    at.cluster.advance(300);
    CHECK(waits->empty());
    at.cluster.heal();
    at.cluster.until([&] { return !waits->empty(); }, 5'000);
    CHECK(waits->front().ok());

    three_copies with;
    with.cluster.cut(with.leader, with.other);
    CHECK(with.receipt({.ack = write_ack::write_quorum}).progress == write_progress::acknowledged);
    CHECK(with.took_ms < 50);
    CHECK(with.receipt({.ack = write_ack::all}).progress == write_progress::acknowledged);
    CHECK(with.took_ms > 500); // As long as the other one counts as heard lately.
  }

  TEST_CASE("what is acknowledged before a majority has it is bounded, whatever the collection") {
    three_copies at;
    at.cluster.cut(at.leader, at.other);
    at.cluster.cut(at.leader, at.third);
    CHECK(at.write({.ack = write_ack::eventual}).ok());
    at.cluster.advance(1'500);
    CHECK_FALSE(at.write({.ack = write_ack::eventual}).ok());
  }

  TEST_CASE("as many replicas have a write as the collection wants") {
    three_copies at{3};
    CHECK(at.receipt({.wait = true}).progress == write_progress::completed);
    CHECK(at.receipt({}).progress == write_progress::acknowledged);

    at.cluster.cut(at.leader, at.other);
    const auto waited = at.receipt({.wait = true, .timeout_ms = 2'000});
    CHECK(waited.progress == write_progress::wait_timeout);
    CHECK(waited.copies == 2);
    CHECK(at.took_ms >= 2'000);
    CHECK(at.took_ms < 2'100);
    const auto patient = at.receipt({});
    CHECK(patient.progress == write_progress::wait_timeout);
    CHECK(patient.copies == 2);
    CHECK(at.took_ms < 13'000);

    at.cluster.heal();
    at.cluster.advance(2'000);
    CHECK(at.receipt({.wait = true}).progress == write_progress::completed);
  }

  TEST_CASE("a copy that comes late is waited for, no longer") {
    three_copies at{3};
    at.cluster.cut(at.leader, at.other);
    const auto came = at.begin({});
    at.cluster.advance(800);
    CHECK(came->empty());
    at.cluster.heal();
    at.cluster.until([&] { return !came->empty(); }, 2'000);
    REQUIRE(came->front().ok());
    CHECK(came->front()->receipts.at(0).progress == write_progress::acknowledged);
  }

  TEST_CASE("a leader that is overruled says what it knows of a write that waits for copies") {
    three_copies at{3};
    at.cluster.cut(at.leader, at.other);
    const auto came = at.begin({});
    at.cluster.advance(200);
    CHECK(came->empty());
    at.cluster.cut(at.leader, at.third);
    at.cluster.until([&] { return !came->empty(); }, 4'000);
    REQUIRE(came->front().ok());
    CHECK(came->front()->receipts.at(0).progress == write_progress::wait_timeout);
    CHECK(came->front()->receipts.at(0).copies == 2);
  }

  TEST_CASE("pairs that make no sense are refused before anything is logged") {
    three_copies at;
    CHECK(at.write({.wait = true, .ack = write_ack::eventual}).error().code == errc::bad_request);
    three_copies async{1, sync_mode::async};
    CHECK(async.write({.ack = write_ack::write_quorum}).error().code == errc::bad_request);
    CHECK(async.write({.ack = write_ack::all}).error().code == errc::bad_request);
    CHECK(async.write({.ack = write_ack::eventual}).ok());
    CHECK(async.write({.wait = true}).ok());
  }

  TEST_CASE("no message to a follower has more entries than the collection's batch_size") {
    three_copies at{1, sync_mode::async, 1};
    const auto counted = [&](const std::string& series) {
      const auto text = at.cluster.at(at.leader).home->metrics.series().text();
      const auto place = text.find("\n" + series + " ");
      REQUIRE(place != std::string::npos);
      return std::stod(text.substr(place + series.size() + 2));
    };
    at.cluster.cut(at.leader, at.other);
    for (int i = 0; i < 40; ++i)
      CHECK(at.write({.ack = write_ack::eventual}).ok());
    at.cluster.advance(200);
    const auto messages = counted("grape_raft_appends_total");
    const auto entries = counted("grape_raft_appended_entries_total");
    at.cluster.heal();
    at.cluster.advance(2'000); // It is sent all that it missed.
    const auto more = counted("grape_raft_appended_entries_total") - entries;
    CHECK(more >= 30);
    CHECK(counted("grape_raft_appends_total") - messages == more);
  }

  TEST_CASE("an eventual read says how old its state may be") {
    three_copies at;
    for (const auto node : {at.leader, at.other}) {
      const auto told = at.explained(node, read_level::eventual);
      REQUIRE(told.staleness_ms.has_value());
      CHECK(*told.staleness_ms <= 500);
      CHECK(told.shards.at(0).staleness_ms == told.staleness_ms);
      CHECK(at.explained(node, read_level::linearizable).staleness_ms == 0);
    }
    at.cluster.cut(at.other, at.leader);
    at.cluster.cut(at.other, at.third);
    at.cluster.advance(5'000);
    CHECK(at.write({.wait = true}).ok());
    const auto told = at.explained(at.other, read_level::eventual);
    CHECK(told.target_nodes == std::vector{at.other.value});
    REQUIRE(told.staleness_ms.has_value());
    CHECK(*told.staleness_ms >= 5'000);
    CHECK(*told.staleness_ms < 6'000);

    at.cluster.heal();
    at.cluster.advance(1'000);
    CHECK(at.write({.wait = true}).ok());
    CHECK(at.explained(at.other, read_level::eventual).staleness_ms.value() <= 500);
  }
}
