#include "core/shard/acknowledgement.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::shard;

namespace {

constexpr ack_demand waiting(write_ack ack, std::uint32_t copies = 1) {
  return {ack, true, copies};
}

constexpr ack_demand durable(write_ack ack, std::uint32_t copies = 1) {
  return {ack, false, copies};
}

constexpr entry_progress logged{.logged = true};
constexpr entry_progress committed{.logged = true, .committed = true};
constexpr entry_progress visible{.logged = true, .committed = true, .applied = true};
constexpr entry_progress everywhere{.logged = true, .committed = true, .everywhere = true};

raft::log_standing standing(std::vector<std::uint64_t> copies, std::size_t majority) {
  raft::log_standing made;
  for (const auto copy : copies)
    made.copies.push_back(log_index{copy});
  made.logged = made.copies.front();
  made.everywhere = made.copies.back();
  made.majority = majority;
  return made;
}

bool is_copied(std::uint64_t index, std::uint32_t copies, const raft::log_standing& leader) {
  entry_progress is;
  note(is, log_index{index}, durable(write_ack::write_quorum, copies), leader);
  return is.copied;
}

} // namespace

TEST_SUITE("shard.acknowledgement") {
  TEST_CASE("who waits is told when the write is visible, whatever acknowledges it") {
    constexpr entry_progress all{
        .logged = true, .committed = true, .everywhere = true, .applied = true};
    for (const auto ack : {write_ack::eventual, write_ack::write_quorum, write_ack::all}) {
      CHECK_FALSE(answer_for(waiting(ack), committed).has_value());
      CHECK(answer_for(waiting(ack), all) == write_progress::completed);
      CHECK(answer_for(waiting(ack), visible).has_value() == (ack != write_ack::all));
    }
  }

  TEST_CASE("who does not is told when it is as durable as asked") {
    constexpr entry_progress hasty{.logged = true, .everywhere = true};
    CHECK(answer_for(durable(write_ack::eventual), logged) == write_progress::acknowledged);
    CHECK(answer_for(durable(write_ack::eventual), {.committed = true})
          == write_progress::acknowledged);
    CHECK_FALSE(answer_for(durable(write_ack::eventual), {}).has_value());
    CHECK_FALSE(answer_for(durable(write_ack::write_quorum), logged).has_value());
    CHECK(answer_for(durable(write_ack::write_quorum), committed) == write_progress::acknowledged);
    CHECK_FALSE(answer_for(durable(write_ack::all), committed).has_value());
    CHECK(answer_for(durable(write_ack::all), everywhere) == write_progress::acknowledged);
    CHECK_FALSE(answer_for(durable(write_ack::all), hasty).has_value());
    CHECK_FALSE(answer_for(durable(write_ack::write_quorum), hasty).has_value());
  }

  TEST_CASE("copies are waited for beside the commit") {
    auto is = committed;
    CHECK_FALSE(answer_for(durable(write_ack::write_quorum, 3), is).has_value());
    is.copied = true;
    CHECK(answer_for(durable(write_ack::write_quorum, 3), is) == write_progress::acknowledged);
    CHECK_FALSE(answer_for(waiting(write_ack::write_quorum, 3), is).has_value());
    is.applied = true;
    CHECK(answer_for(waiting(write_ack::write_quorum, 3), is) == write_progress::completed);
  }

  TEST_CASE("what does not come in time is told as far as it is known, once it is committed") {
    for (const auto& wanted : {durable(write_ack::write_quorum, 3), durable(write_ack::all),
                               waiting(write_ack::write_quorum), waiting(write_ack::all, 3)}) {
      auto is = logged;
      is.expired = is.copies_given_up = true;
      CHECK_FALSE(answer_for(wanted, is).has_value()); // It may still be lost.
      is.committed = true;
      CHECK(answer_for(wanted, is) == write_progress::wait_timeout);
    }
  }

  TEST_CASE("without hope for copies a write still waits until it is visible") {
    auto is = committed;
    is.copies_given_up = true;
    CHECK_FALSE(answer_for(waiting(write_ack::write_quorum, 3), is).has_value());
    CHECK_FALSE(answer_for(waiting(write_ack::write_quorum), is).has_value());
    is.applied = true;
    CHECK(answer_for(waiting(write_ack::write_quorum, 3), is) == write_progress::wait_timeout);
    CHECK(answer_for(waiting(write_ack::write_quorum), is) == write_progress::completed);
  }

  TEST_CASE("up to a majority of copies is a commit, more are counted, and more than all are all") {
    const auto three = standing({9, 9, 5}, 2);
    CHECK(is_copied(9, 2, three));
    CHECK_FALSE(is_copied(9, 3, three));
    CHECK(is_copied(5, 3, three));
    CHECK_FALSE(is_copied(9, 7, three));
    CHECK(is_copied(5, 7, three));
    const auto with_witness = standing({9, 5}, 2); // Two with data, and one without.
    CHECK(is_copied(9, 2, with_witness));
    CHECK(is_copied(9, 1, standing({9}, 1)));
    CHECK(is_copied(9, 2, standing({9}, 1))); // There is no second one.
    CHECK_FALSE(is_copied(9, 3, {}));         // Nothing is known yet.
  }

  TEST_CASE("what was known of an entry stays known") {
    const auto wanted = durable(write_ack::all, 3);
    entry_progress is;
    note(is, log_index{7}, wanted, standing({9, 8, 7}, 2));
    note(is, log_index{7}, wanted, standing({9, 1, 1}, 2));
    CHECK(is.logged);
    CHECK(is.everywhere);
    CHECK(is.copied);
    CHECK(is.copies == 3);
  }

  TEST_CASE("only a receipt that comes too early counts the copies") {
    entry_progress is;
    is.copies = 2;
    CHECK(copies_told(write_progress::wait_timeout, durable(write_ack::all), is) == 2);
    CHECK(copies_told(write_progress::wait_timeout, waiting(write_ack::write_quorum, 3), is) == 2);
    CHECK(copies_told(write_progress::wait_timeout, waiting(write_ack::write_quorum), is) == 0);
    CHECK(copies_told(write_progress::acknowledged, durable(write_ack::all), is) == 0);
  }

  TEST_CASE("a write that asks for nothing gets what its collection promises") {
    collection_options of;
    of.write_consistency_factor = 3;
    CHECK(demand_of(of, {}, true) == waiting(write_ack::write_quorum, 3));
    CHECK(demand_of(of, write_ack::all, false) == durable(write_ack::all, 3));
    CHECK(demand_of(of, write_ack::eventual, false) == durable(write_ack::eventual));
    of.replication.mode = sync_mode::all;
    CHECK(demand_of(of, {}, false) == durable(write_ack::all, 3));
    CHECK(demand_of(of, write_ack::write_quorum, false) == durable(write_ack::write_quorum, 3));
    of.replication.mode = sync_mode::async;
    CHECK(demand_of(of, {}, false) == durable(write_ack::eventual));
  }

  TEST_CASE("what async may lose is bounded in time and bytes") {
    constexpr async_limits limits{.lag_ms_max = 10, .lag_bytes_max = 100};
    CHECK(check_lag(10, 100, limits).ok());
    CHECK(check_lag(11, 0, limits).code == errc::overloaded);
    CHECK(check_lag(0, 101, limits).code == errc::overloaded);
  }
}
