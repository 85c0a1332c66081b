#include "core/raft/compaction.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::raft;

namespace {

constexpr compaction_options keep{.kept_min = 10, .kept_max = 100, .step_min = 5};

peer_status with(std::uint64_t first, std::uint64_t applied,
                 const std::vector<std::uint64_t>& matches = {}) {
  peer_status is;
  is.first = log_index{first};
  is.applied = log_index{applied};
  for (const auto match : matches) {
    progress_status member;
    member.match = log_index{match};
    is.progress.push_back(member);
  }
  return is;
}

std::uint64_t through(const peer_status& of, std::uint64_t durable) {
  return compact_through(of, log_index{durable}, keep).value;
}

} // namespace

TEST_SUITE("raft.compaction") {
  TEST_CASE("a follower keeps some entries below what its state has durably") {
    CHECK(through(with(1, 100), 80) == 70);
    CHECK(through(with(1, 60), 80) == 50); // Never beyond what is applied.
  }

  TEST_CASE("a leader waits for its slowest member, but not for ever") {
    CHECK(through(with(1, 150, {150, 140, 120}), 150) == 120);
    CHECK(through(with(1, 150, {150, 140, 20}), 150) == 50);
  }

  TEST_CASE("little is not worth a record: the log begins where it began") {
    CHECK(through(with(68, 100), 80) == 67);
    CHECK(through(with(65, 100), 80) == 70);
    CHECK(through(with(1, 8), 8) == 0);
  }
}
