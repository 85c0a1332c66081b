#include "core/raft/codec.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::raft;

namespace {

payload bytes(std::string of) {
  return std::make_shared<const std::string>(std::move(of));
}

snapshot_mark sample_mark() {
  snapshot_mark made{log_index{11}, term{4}, {}};
  made.members.voters = {replica_id{2}, replica_id{3}, replica_id{9}};
  made.members.outgoing = {replica_id{1}, replica_id{2}};
  made.members.learners = {replica_id{7}};
  made.members.learners_next = {replica_id{1}};
  made.members.witnesses = {replica_id{9}};
  made.members.auto_leave = true;
  return made;
}

message sample_message() {
  message made;
  made.kind = message_kind::append;
  made.from = replica_id{1};
  made.to = replica_id{2};
  made.term = term{5};
  made.index = log_index{10};
  made.log_term = term{4};
  made.commit = log_index{9};
  made.hint = log_index{8};
  made.hint_term = term{3};
  made.context = 0x0123456789abcdefull;
  made.reject = true;
  made.entries = {{log_index{11}, term{5}, entry_kind::normal, bytes("one")},
                  {log_index{12}, term{5}, entry_kind::configuration, nullptr}};
  return made;
}

message message_with_mark() {
  message made;
  made.kind = message_kind::snapshot;
  made.force = true;
  made.snapshot = std::make_shared<const snapshot_mark>(sample_mark());
  return made;
}

replica_set any_set(std::mt19937_64& engine) {
  replica_set made;
  for (std::uint64_t next = engine() % 8; made.size() < engine() % 6; next += 1 + engine() % 9)
    made.emplace_back(next);
  return made;
}

message any_message(std::mt19937_64& engine) {
  message made;
  made.kind = static_cast<message_kind>(1 + engine() % 14);
  made.from = replica_id{engine()};
  made.to = replica_id{engine()};
  made.term = term{engine()};
  made.index = log_index{engine()};
  made.log_term = term{engine()};
  made.commit = log_index{engine()};
  made.reject = engine() % 2 == 0;
  made.hint = log_index{engine()};
  made.hint_term = term{engine()};
  made.context = engine();
  made.force = engine() % 2 == 0;
  for (auto left = engine() % 5; left > 0; --left)
    made.entries.push_back({log_index{engine()}, term{engine()},
                            static_cast<entry_kind>(1 + engine() % 2),
                            bytes(std::string(engine() % 300, static_cast<char>(engine())))});
  if (engine() % 3 == 0) {
    snapshot_mark mark{log_index{engine()}, term{engine()}, {}};
    mark.members = {any_set(engine), any_set(engine), any_set(engine),
                    any_set(engine), any_set(engine), engine() % 2 == 0};
    made.snapshot = std::make_shared<const snapshot_mark>(mark);
  }
  return made;
}

/// Every changed bit and every cut is refused; so is a byte too many.
template <class Decode>
void check_guarded(const std::string& whole, Decode decode) {
  REQUIRE(decode(whole).ok());
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    auto damaged = whole;
    damaged[bit / 8] ^= static_cast<char>(1 << bit % 8);
    CAPTURE(bit);
    const auto refused = decode(damaged);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == (bit < 8 ? errc::wrong_version : errc::corrupted));
  }
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(decode(whole.substr(0, length)).error().code == errc::corrupted);
  CHECK(decode(whole + '\0').error().code == errc::corrupted);
}

} // namespace

TEST_SUITE("core.raft.codec") {
  TEST_CASE("messages come back equal, by seed, and in as many bytes as foretold") {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 engine{seed};
      const auto sent = any_message(engine);

      const auto whole = encode(sent);
      const auto came = decode_message(whole);

      CHECK(whole.size() == encoded_bytes(sent));
      REQUIRE(came.ok());
      CHECK(*came == sent);
      CHECK(encode(*came) == whole);
    }
  }

  TEST_CASE("a damaged, cut or lengthened value is refused, whatever it is") {
    check_guarded(encode(sample_message()), decode_message);
    check_guarded(encode(message_with_mark()), decode_message);
    check_guarded(encode(sample_message().entries[0]), decode_entry);
    check_guarded(encode(sample_mark()), decode_mark);
    check_guarded(encode(hard_state{term{7}, replica_id{3}, log_index{5}}), decode_hard_state);
    check_guarded(encode(configuration_change{change_mode::joint,
                                              {{change_kind::add_voter, replica_id{4}}}}),
                  decode_change);
  }

  TEST_CASE("one kind of value is not read as another") {
    CHECK_FALSE(decode_entry(encode(sample_message())).ok());
    CHECK_FALSE(decode_message(encode(sample_mark())).ok());
    CHECK_FALSE(decode_change(encode(hard_state{})).ok());
    CHECK_FALSE(decode_hard_state(encode(configuration_change{})).ok());
    CHECK_FALSE(decode_mark(encode(sample_message().entries[0])).ok());
  }

  TEST_CASE("a set that is not ascending is refused though its checksum is right") {
    auto mark = sample_mark();
    std::swap(mark.members.voters[0], mark.members.voters[1]);
    CHECK(decode_mark(encode(mark)).error().code == errc::corrupted);
    mark.members.voters = {replica_id{2}, replica_id{2}};
    CHECK(decode_mark(encode(mark)).error().code == errc::corrupted);
  }

  TEST_CASE("enumerators out of range are refused though the checksum is right") {
    CHECK_FALSE(decode_change(encode(configuration_change{static_cast<change_mode>(5), {}})).ok());
    CHECK_FALSE(decode_change(encode(configuration_change{
                                change_mode::joint, {{static_cast<change_kind>(0), {}}}})).ok());
    message of;
    CHECK_FALSE(decode_message(encode(of)).ok());
    of.kind = static_cast<message_kind>(15);
    CHECK_FALSE(decode_message(encode(of)).ok());
    CHECK_FALSE(decode_entry(encode(entry{{}, {}, static_cast<entry_kind>(3), {}})).ok());
  }

  TEST_CASE("equality looks at the payload's bytes, and an empty one is none") {
    const entry one{log_index{1}, term{1}, entry_kind::normal, bytes("x")};
    CHECK(one == entry{log_index{1}, term{1}, entry_kind::normal, bytes("x")});
    CHECK_FALSE(one == entry{log_index{1}, term{1}, entry_kind::normal, bytes("y")});
    CHECK(entry{{}, {}, entry_kind::normal, bytes("")} == entry{});
    CHECK_FALSE(message_with_mark() == message{});
    auto other = message_with_mark();
    CHECK(other == message_with_mark());
    other.snapshot = std::make_shared<const snapshot_mark>();
    CHECK_FALSE(other == message_with_mark());
  }

  TEST_CASE("the bytes are those of the first release") {
    CHECK(testing::is_golden("raft-message.bin", encode(sample_message())));
    CHECK(testing::is_golden("raft-snapshot-message.bin", encode(message_with_mark())));
    CHECK(testing::is_golden("raft-entry.bin", encode(sample_message().entries[0])));
    CHECK(testing::is_golden("raft-mark.bin", encode(sample_mark())));
    CHECK(testing::is_golden("raft-hard-state.bin",
                             encode(hard_state{term{7}, replica_id{3}, log_index{5}})));
    const configuration_change change{change_mode::simple,
                                      {{change_kind::add_voter, replica_id{4}},
                                       {change_kind::add_learner, replica_id{5}},
                                       {change_kind::remove, replica_id{6}},
                                       {change_kind::add_witness, replica_id{7}}}};
    CHECK(testing::is_golden("raft-change.bin", encode(change)));
    CHECK(*decode_message(testing::golden("raft-message.bin")) == sample_message());
    CHECK(*decode_message(testing::golden("raft-snapshot-message.bin")) == message_with_mark());
    CHECK(*decode_mark(testing::golden("raft-mark.bin")) == sample_mark());
    CHECK(*decode_change(testing::golden("raft-change.bin")) == change);
  }
}
