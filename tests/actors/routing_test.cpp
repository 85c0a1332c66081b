#include "core/shard/command.hpp"
#include "tests/actors/hand_made_cluster.hpp"

#include <map>
#include <random>
#include <set>

using namespace grape;
using namespace grape::actors;

TEST_SUITE("actors.routing") {
  TEST_CASE_FIXTURE(elsewhere, "a node without a replica takes a write to the leader") {
    lead(far);
    const auto answer = upsert();

    const auto asked = take();
    CHECK(asked.to == far);
    const auto& write = std::get<shard::remote_write>(asked.request);
    CHECK(write.wait);
    CHECK(write.validated_against == schema_version{1});
    asked.answer(receipt(5));
    settle();

    REQUIRE(answer->size() == 1);
    REQUIRE(answer->front().ok());
    CHECK(answer->front()->receipts.front().operation_id == 5);
    CHECK(answer->front()->receipts.front().progress == write_progress::completed);
  }

  TEST_CASE_FIXTURE(elsewhere, "a hint to the leader is followed, and remembered") {
    const auto answer = upsert();
    auto asked = take();
    CHECK(asked.to == near);
    asked.refuse(errc::unavailable, far);
    asked = take();
    CHECK(asked.to == far);
    asked.answer(receipt(5));
    settle();
    REQUIRE(answer->size() == 1);
    CHECK(answer->front().ok());

    upsert();

    CHECK(take().to == far);
  }

  TEST_CASE_FIXTURE(elsewhere, "who takes a write without having been named leads from then on") {
    upsert();
    take().answer(receipt(5));
    settle();

    CHECK(home->leaders.of(group) == near);
  }

  TEST_CASE_FIXTURE(elsewhere, "a read that one replica refuses is answered by another") {
    lead(middle);
    const auto answer = count();
    auto asked = take();
    CHECK(asked.to == middle);
    CHECK(std::get<shard::remote_read>(asked.request).level == read_level::linearizable);
    asked.refuse(errc::unavailable);
    asked = take();
    CHECK(asked.to == near);
    asked.answer(counted(3));
    settle();

    REQUIRE(answer->size() == 1);
    REQUIRE(answer->front().ok());
    CHECK(answer->front()->count == 3);
  }

  TEST_CASE_FIXTURE(elsewhere, "a read is asked twice after a silence, and answered once") {
    lead(far);
    const auto answer = count();
    const auto silent = take();
    advance(499);
    CHECK(sent->empty());
    advance(2);
    const auto second = take();
    CHECK(silent.to == far);
    CHECK(second.to == near);
    advance(1'000);
    CHECK(sent->empty()); // Never a third.
    second.answer(counted(3));
    settle();
    silent.answer(counted(2));
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front()->count == 3);
  }

  TEST_CASE_FIXTURE(elsewhere, "an overloaded leader's word goes back to the client at once") {
    lead(far);
    const auto answer = upsert();
    take().refuse(errc::overloaded);
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front().error().code == errc::overloaded);
    CHECK(sent->empty());
  }

  TEST_CASE_FIXTURE(elsewhere, "a write that finds no leader ends with who was asked, unapplied") {
    const auto answer = upsert();
    const auto asked = serve(9'999, [](const carried& one) { one.refuse(errc::unavailable); });
    CHECK(answer->empty());
    CHECK(asked > 30);
    CHECK(asked < 150);
    serve(500, [](const carried& one) { one.refuse(errc::unavailable); });

    REQUIRE(answer->size() == 1);
    const auto& why = answer->front().error();
    CHECK(why.code == errc::unavailable);
    CHECK(why.detail.starts_with("shard words/0: as the test says (asked n"));
    for (const auto holder : holders)
      CHECK(why.detail.find("n" + std::to_string(holder.value) + " ") != std::string::npos);
  }

  TEST_CASE_FIXTURE(elsewhere, "a leader that is elected meanwhile takes the write") {
    bool elected = false;
    const auto answer = upsert();
    serve(2'000, [](const carried& one) { one.refuse(errc::unavailable); });
    CHECK(answer->empty());
    elected = true;
    serve(400, [this, &elected](const carried& one) {
      if (elected && one.to == middle)
        one.answer(receipt(8));
      else
        one.refuse(errc::unavailable, middle);
    });

    REQUIRE(answer->size() == 1);
    CHECK(answer->front().ok());
  }

  TEST_CASE_FIXTURE(elsewhere, "a read that nobody answers ends at its deadline and says so") {
    const auto answer = count(read_level::linearizable, 3'000);
    const auto first = take();
    CHECK(first.deadline_ms == now_ms + 3'000);
    CHECK(serve(2'998, [](const carried&) {}) == 1);
    CHECK(answer->empty());
    advance(5);

    REQUIRE(answer->size() == 1);
    const auto& why = answer->front().error();
    CHECK(why.code == errc::timed_out);
    CHECK(why.detail.starts_with("shard words/0: no replica of the shard has answered in time"));
  }

  TEST_CASE_FIXTURE(elsewhere, "a read of level `eventual` goes to the nearest that is heard") {
    lead(far);
    count(read_level::eventual);
    auto asked = take();
    CHECK(asked.to == near);
    CHECK(std::get<shard::remote_read>(asked.request).level == read_level::eventual);
    home->peers.change(near, [](peer_table::peer& one) { one.health = cluster::health::suspect; });

    count(read_level::eventual);

    CHECK(take().to == middle);
  }

  TEST_CASE_FIXTURE(elsewhere, "a node without a link is no reason to wait") {
    lead(far);
    home->board.put(role::link(far), nullptr);
    upsert();

    CHECK(take().to == near);
  }

  TEST_CASE_FIXTURE(elsewhere, "what is wrong with a question is told as it is") {
    const auto answer = count();
    take().refuse(errc::wrong_input);
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front().error() == status{errc::wrong_input, "as the test says"});
  }

  TEST_CASE_FIXTURE(elsewhere, "a reply that is none counts as a refusal") {
    const auto answer = count();
    take().answer(receipt(3));
    take().answer(std::string{"\x02garbage"});
    take().answer(counted(4));
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front()->count == 4);
  }

  TEST_CASE_FIXTURE(elsewhere, "what must exist is asked for first, at the level of a client") {
    lead(middle);
    write_request request;
    request.collection = "words";
    set_payload change;
    change.points = std::vector<point_id>{point_id{1}};
    change.payload.set("a", payload::value{true});
    request.operations.emplace_back(change);
    const auto missing = ask<write_receipts>(request);
    const auto check = take();
    CHECK(check.to == middle);
    CHECK(std::get<shard::remote_read>(check.request).level == read_level::linearizable);
    check.answer(shard::answer{log_index{7}, shard::shard_missing{{point_id{1}}}});
    settle();
    REQUIRE(missing->size() == 1);
    CHECK(missing->front().error() == status{errc::not_found, "No point with id 1 found"});
    CHECK(sent->empty());

    ask<write_receipts>(request);
    take().answer(shard::answer{log_index{7}, shard::shard_missing{}});

    CHECK(std::holds_alternative<shard::remote_write>(take().request));
  }

  TEST_CASE_FIXTURE(elsewhere, "a write planned by an old schema is planned again") {
    const auto answer = upsert();
    take().refuse(errc::stale_route);
    settle();
    CHECK(sent->empty());
    advance(25);
    take().answer(receipt(6));
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front().ok());
  }

  TEST_CASE_FIXTURE(elsewhere, "level `all` hears every replica, or says that it could not") {
    const auto whole = count(read_level::all_replicas, 2'000);
    REQUIRE(sent->size() == 3);
    for (const auto& one : std::exchange(*sent, {})) {
      CHECK(whole->empty());
      one.answer(counted(3));
      settle();
    }
    REQUIRE(whole->size() == 1);
    CHECK(whole->front()->count == 3);

    const auto partial = count(read_level::all_replicas, 2'000);
    serve(2'100, [this](const carried& one) {
      if (one.to != far)
        one.answer(counted(3));
    });
    REQUIRE(partial->size() == 1);
    CHECK(partial->front().error().code == errc::unavailable);
    CHECK(partial->front().error().detail.ends_with("(asked n" + std::to_string(far.value) + ")"));
  }

  TEST_CASE_FIXTURE(elsewhere, "a schema goes to the leader as a write does") {
    lead(far);
    auto schema = std::make_shared<collection_schema>();
    schema->version = schema_version{4};
    caf::scoped_actor asker{system};
    asker->send(home->board.get<router_actor>(role::router(0)),
                wrap(routed_schema{group, schema, now_ms + 5'000}));

    const auto asked = take();
    CHECK(asked.to == far);
    const auto& change = std::get<shard::remote_schema>(asked.request);
    CHECK(change.version == schema_version{4});
    CHECK(std::get<shard::change_schema>(shard::decode(change.command).value()).schema == *schema);
    asked.answer(receipt(11));
    settle();
    asker->receive([](const shard_receipt& told) { CHECK(told.index == log_index{11}); });
  }

  TEST_CASE_FIXTURE(elsewhere, "a shard is reached once any replica serves") {
    caf::scoped_actor asker{system};
    asker->send(home->board.get<router_actor>(role::router(0)),
                wrap(reach_group{group, now_ms + 5'000}));
    serve(1'000, [](const carried& one) { one.refuse(errc::unavailable); });
    serve(400, [](const carried& one) {
      CHECK(std::get<shard::remote_read>(one.request).level == read_level::eventual);
      one.answer(shard::answer{log_index{7}, shard::shard_missing{}});
    });
    CHECK(asker->mailbox().size() == 1);
    asker->receive([](done) {});
  }

  TEST_CASE_FIXTURE(elsewhere, "in any weather each question is answered once, and truly") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      std::vector<answers<write_receipts>> writes;
      std::vector<answers<count_reply>> reads;
      auto leader = far;
      std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> applied; // What, where.
      const auto number_of = [](const carried& one) {
        const auto stamp = stamp_of(one);
        return std::pair{stamp.session.router, stamp.number};
      };
      std::vector<carried> slow;
      for (int i = 0; i < 20; ++i) {
        writes.push_back(upsert());
        reads.push_back(count());
      }
      const auto told = [this](const auto& all) {
        return std::all_of(all.begin(), all.end(), [](const auto& one) { return !one->empty(); });
      };
      const auto treat = [&](const carried& one) {
        const auto is_write = std::holds_alternative<shard::remote_write>(one.request);
        if (random() % 4 == 0)
          return slow.push_back(one);
        if (is_write && one.to != leader)
          return one.refuse(errc::unavailable, random() % 2 ? std::optional{leader} : std::nullopt);
        if (is_write)
          applied.emplace(number_of(one), applied.size() + 1);
        if (random() % 8 == 0) // The answer is lost.
          return one.refuse(is_write ? errc::commit_unknown : errc::unavailable);
        one.answer(is_write ? receipt(applied.at(number_of(one))) : counted(applied.size()));
      };
      for (int step = 0; step < 3'000 && !(told(writes) && told(reads)); ++step) {
        for (const auto& one : std::exchange(*sent, {}))
          treat(one);
        if (random() % 50 == 0)
          leader = holders[random() % 3];
        if (random() % 10 == 0)
          for (const auto& one : std::exchange(slow, {}))
            treat(one);
        advance(10);
      }
      slow.clear();
      std::set<std::uint64_t> told_of;
      for (const auto& one : writes) {
        REQUIRE(one->size() == 1);
        REQUIRE(one->front().ok()); // Whoever leads knows it when it is asked again.
        told_of.insert(one->front()->receipts.front().operation_id);
      }
      CHECK(told_of.size() == writes.size());
      CHECK(applied.size() == writes.size());
      for (const auto& one : reads) {
        REQUIRE(one->size() == 1);
        CHECK(one->front().ok());
      }
    }
  }
}
