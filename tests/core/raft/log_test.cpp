#include "core/raft/log.hpp"

#include "small_group.hpp"

#include "core/raft/chance.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace grape;
using namespace grape::testing;

namespace {

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

raft::entry entry_of(std::uint64_t index, std::uint64_t term, std::string data = {}) {
  return {log_index{index}, grape::term{term}, raft::entry_kind::normal, bytes(std::move(data))};
}

raft_drive::memory_log disk_with(std::vector<std::uint64_t> terms, std::uint64_t behind = 0) {
  std::vector<raft::entry> entries;
  for (const auto one : terms)
    entries.push_back(entry_of(behind + entries.size() + 1, one));
  return {{log_index{behind}, grape::term{behind > 0 ? 1u : 0u}, voters(3)}, std::move(entries)};
}

raft::write written_out(raft::log& log, std::uint64_t token) {
  raft::write asked;
  asked.token = raft::write_token{token};
  log.hand_out(asked);
  return asked;
}

void receive(raft::log& log, std::vector<raft::entry> entries) {
  log.append_received(entries);
}

} // namespace

TEST_SUITE("core.raft.log") {
  // rule 16
  TEST_CASE("only the last write that holds an entry makes it durable") {
    const auto disk = disk_with({1});
    raft::log log{disk, no_limit};

    receive(log, {entry_of(2, 1)});
    written_out(log, 1);
    receive(log, {entry_of(2, 2)});
    written_out(log, 2);
    receive(log, {entry_of(2, 1), entry_of(3, 3)}); // The first entry again: A, B, A.
    const auto third = written_out(log, 3);

    CHECK(third.entries.size() == 2);
    log.written(raft::write_token{1});
    CHECK(log.durable() == log_index{1});
    log.written(raft::write_token{2});
    CHECK(log.durable() == log_index{1});
    log.written(raft::write_token{3});
    CHECK(log.durable() == log_index{3});
  }

  // rule 13
  TEST_CASE("an append that ends inside the log cuts nothing") {
    const auto disk = disk_with({1, 1, 2, 2});
    raft::log log{disk, no_limit};

    receive(log, {entry_of(2, 1), entry_of(3, 2)});

    CHECK(log.last() == log_index{4});
    CHECK_FALSE(log.has_unwritten());
  }

  TEST_CASE("a conflict cuts durable entries as well, and they count as not durable") {
    const auto disk = disk_with({1, 1, 2, 2});
    raft::log log{disk, no_limit};

    receive(log, {entry_of(2, 1), entry_of(3, 3)});

    CHECK(log.last() == log_index{3});
    CHECK(log.durable() == log_index{2});
    CHECK(log.term_at(log_index{3}) == grape::term{3});
    CHECK_FALSE(log.term_at(log_index{4}));
    CHECK(written_out(log, 1).entries.size() == 1);
  }

  // rule 15, against a slow twin
  TEST_CASE("the place where logs may agree is the last one whose term is not newer") {
    raft::chance dice{7};
    for (int round = 0; round < 2'000; ++round) {
      CAPTURE(round);
      std::vector<std::uint64_t> terms;
      std::uint64_t term = 1;
      for (auto left = dice.below(12); left > 0; --left)
        terms.push_back(term += dice.below(3));
      const std::uint64_t behind = dice.below(2) * 5;
      const auto disk = disk_with(terms, behind);
      const raft::log log{disk, no_limit};
      const log_index asked{behind + dice.below(15)};
      const grape::term at_most{1 + dice.below(12)};

      const auto place = log.agreement(asked, at_most);

      auto expected = std::min(asked, log.last());
      while (expected.value > behind && *log.term_at(expected) > at_most)
        expected = log_index{expected.value - 1};
      CHECK(place.index == expected);
      CHECK(place.term == log.term_at(expected).value_or(grape::term{}));
    }
  }

  TEST_CASE("entries come from disk and memory as one sequence, and at least one") {
    const auto disk = disk_with({1, 1});
    raft::log log{disk, no_limit};
    receive(log, {entry_of(3, 1, "ccc"), entry_of(4, 1, "dddd")});

    CHECK(log.entries(log_index{1}, log_index{4}, no_limit).size() == 4);
    CHECK(log.entries(log_index{1}, log_index{4}, 3).size() == 3);
    CHECK(log.entries(log_index{4}, log_index{4}, 1).size() == 1);
    CHECK(log.entries(log_index{2}, log_index{3}, no_limit).front().index == log_index{2});
    std::vector<log_index> seen;
    log.each(log_index{2}, log_index{4}, [&seen](const auto& one) { seen.push_back(one.index); });
    CHECK(seen == std::vector{log_index{2}, log_index{3}, log_index{4}});
  }

  // rule 38
  TEST_CASE("durable entries in memory are bounded, and what left memory is on the disk") {
    auto disk = disk_with({});
    raft::log log{disk, 10'000};

    for (std::uint64_t index = 1; index <= 100; ++index) {
      log.append(entry_of(index, 1, std::string(1'000, 'x')));
      disk.complete(written_out(log, index));
      log.written(raft::write_token{index});
      CHECK(log.bytes_in_memory() <= 10'000);
    }

    CHECK(log.entries(log_index{1}, log_index{100}, no_limit).size() == 100);
    CHECK(log.term_at(log_index{1}) == grape::term{1});
    log.compacted(log_index{100});
    CHECK(log.bytes_in_memory() == 0);
  }

  TEST_CASE("a restored log goes on behind the snapshot once that is written") {
    const auto disk = disk_with({1, 1});
    raft::log log{disk, no_limit};
    log.restore(std::make_shared<const raft::snapshot_mark>(
      raft::snapshot_mark{log_index{9}, grape::term{3}, voters(3)}));
    receive(log, {entry_of(10, 3)});

    const auto asked = written_out(log, 1);

    CHECK(asked.snapshot->index == log_index{9});
    CHECK(asked.entries.size() == 1);
    CHECK(log.first() == log_index{10});
    CHECK(log.durable() == log_index{0});
    CHECK(log.term_at(log_index{9}) == grape::term{3});
    CHECK_FALSE(log.term_at(log_index{2}));
    log.written(raft::write_token{1});
    CHECK(log.durable() == log_index{10});
    CHECK(log.unwritten_snapshot() == nullptr);
  }
}
