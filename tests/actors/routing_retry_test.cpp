#include "tests/actors/hand_made_cluster.hpp"

using namespace grape;
using namespace grape::actors;

TEST_SUITE("actors.routing_retry") {
  TEST_CASE_FIXTURE(elsewhere, "a write that may have taken effect is sent again as the same one") {
    for (const auto how : {errc::commit_unknown, errc::timed_out, errc::internal}) {
      const auto answer = upsert();
      const auto first = take();
      CHECK_FALSE(stamp_of(first).again);
      first.refuse(how, far);
      const auto second = take();
      CHECK(second.to == far);
      CHECK(command_of(second) == command_of(first));
      auto expected = stamp_of(first);
      expected.again = true;
      CHECK(stamp_of(second) == expected);
      second.answer(receipt(5));
      settle();

      REQUIRE(answer->size() == 1);
      CHECK(answer->front().ok());
      home->leaders.erase(group);
    }
    const auto figures = home->metrics.series().text();
    CHECK(figures.find("\ngrape_router_repeated_writes_total 3\n") != std::string::npos);
    CHECK(figures.find("\ngrape_router_retries_total 3\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(elsewhere, "a write that nobody can tell the fate of ends as unknown") {
    const auto answer = upsert();
    const auto asked = serve(10'500, [](const carried& one) { one.refuse(errc::commit_unknown); });
    CHECK(asked > 10);

    REQUIRE(answer->size() == 1);
    REQUIRE_FALSE(answer->front().ok());
    CHECK(answer->front().error().code == errc::commit_unknown);
  }

  TEST_CASE_FIXTURE(elsewhere, "writes count up, and say which of them are settled") {
    lead(far);
    const auto write = [this] {
      upsert();
      auto asked = take();
      return asked;
    };
    const auto first = write();
    first.answer(receipt(5));
    settle();
    (void)write(); // By the other ROUTER.
    const auto second = write();

    CHECK(stamp_of(second).session == stamp_of(first).session);
    CHECK(stamp_of(second).number == stamp_of(first).number + 1);
    CHECK(stamp_of(second).settled == stamp_of(second).number);
    CHECK(stamp_of(second).since == log_index{5});
  }

  TEST_CASE_FIXTURE(elsewhere, "a write that meets silence goes to another one too") {
    lead(far);
    const auto answer = upsert();
    const auto silent = take();
    advance(501);
    const auto second = take();
    CHECK(second.to == near);
    CHECK(stamp_of(second).again);
    second.refuse(errc::unavailable, far); // It is only slow.
    settle();
    take().refuse(errc::unavailable, far);
    settle();
    CHECK(sent->empty());
    silent.answer(receipt(9));
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front()->receipts.front().operation_id == 9);
  }

  TEST_CASE_FIXTURE(elsewhere, "a shard that does not know a session is asked since when it may") {
    lead(far);
    const auto answer = upsert();
    carried asked = take();
    for (int attempt = 0; attempt < 2; ++attempt) {
      asked.refuse(errc::stale_route);
      settle();
      advance(25);
      asked = take();
    }
    CHECK(std::holds_alternative<shard::remote_read>(asked.request));
    asked.answer(shard::answer{log_index{70}, shard::shard_missing{}});
    asked = take();
    CHECK(stamp_of(asked).since == log_index{70});
    asked.answer(receipt(71));
    settle();

    REQUIRE(answer->size() == 1);
    CHECK(answer->front().ok());
  }

  TEST_CASE_FIXTURE(elsewhere, "a write whose points nobody can look up is not late but refused") {
    set_payload change;
    change.points = std::vector<point_id>{point_id{1}};
    const auto answer = ask<write_receipts>(write_request{"words", {change}, {}});
    advance(read_options{}.timeout_ms + 5'000);
    settle();

    REQUIRE(answer->size() == 1);
    REQUIRE_FALSE(answer->front().ok());
    CHECK(answer->front().error().code == errc::unavailable); // 503, not 408.
    CHECK_FALSE(sent->empty());
    for (const auto& one : *sent)
      CHECK(std::holds_alternative<shard::remote_read>(one.request));
  }
}
