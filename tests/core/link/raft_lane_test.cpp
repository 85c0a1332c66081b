// Goal: what somebody waits for leaves at once; what may share a frame waits for company.

#include "core/link/raft_lane.hpp"

#include <doctest/doctest.h>

using namespace grape;
using link::lane;
using raft::message_kind;

namespace {

raft::message of(message_kind kind, std::uint64_t context = 0) {
  raft::message made;
  made.kind = kind;
  made.context = context;
  return made;
}

} // namespace

TEST_SUITE("core.link.raft_lane") {
  TEST_CASE("votes, acks and rounds of reads overtake everything") {
    for (const auto kind :
         {message_kind::vote, message_kind::prevote_response, message_kind::append_response,
          message_kind::timeout_now, message_kind::read, message_kind::read_response})
      CHECK(link::lane_of(of(kind)) == lane::urgent);
    CHECK(link::lane_of(of(message_kind::heartbeat, 7)) == lane::urgent);
    CHECK(link::lane_of(of(message_kind::heartbeat_response, 7)) == lane::urgent);
  }

  TEST_CASE("heartbeats of nobody's read, and news of the commit alone, wait for company") {
    CHECK(link::lane_of(of(message_kind::heartbeat)) == lane::heartbeat);
    CHECK(link::lane_of(of(message_kind::append)) == lane::heartbeat);
  }

  TEST_CASE("an append with entries waits for nothing") {
    auto append = of(message_kind::append);
    append.entries.emplace_back();

    CHECK(link::lane_of(append) == lane::normal);
  }
}
