// Goal: what arrives damaged is never switched to, and whenever the power goes off the next start
// has the old state or the new one. Method: bytes are changed on the way and on the disk; the power
// goes off at seeded changes of the disk while a snapshot is received, staged and settled.

#include "snapshot_world.hpp"

using namespace grape;
using namespace grape::test;

namespace {

using verdict = shard::snapshot_receiver::verdict;

/// Sends everything but the end, which is returned.
shard::snapshot_end send_points(machine_world& source, receiving_replica& replica) {
  auto from = shard::snapshot_source::open(source->read());
  REQUIRE(from.ok());
  auto* receiver = replica.receiver().value();
  for (;;) {
    auto next = from->next(from->begin(receiver->standing(replica.own())));
    REQUIRE(next.ok());
    if (!*next)
      continue;
    if (auto* end = std::get_if<shard::snapshot_end>(&**next))
      return *end;
    REQUIRE(receiver->take(std::get<shard::snapshot_chunk>(**next)).ok());
  }
}

outcome<verdict> checked(receiving_replica& replica, const shard::snapshot_end& end) {
  for (;;) {
    auto found = (*replica.receiver())->check(end, replica.own_points(), 4'096);
    if (!found || *found != verdict::unknown)
      return found;
  }
}

storage::stored_point some_point(machine_world& source) {
  std::optional<storage::stored_point> found;
  REQUIRE(source->read()
              .scan_stored({},
                           [&](storage::stored_point&& one) {
                             found = std::move(one);
                             return false;
                           })
              .ok());
  return *found;
}

/// Behind by some entries, or with nothing.
void begin(machine_world& source, receiving_replica& replica, random_history& history,
           bool behind) {
  history.live(source, 30);
  if (behind) {
    REQUIRE(replica.start().ok());
    random_history::follow(history.entries, replica.machine());
    REQUIRE(replica.machine().sync().ok());
  }
  history.live(source, 25);
}

} // namespace

TEST_SUITE("core.shard.snapshot_faults") {
  TEST_CASE("a point too many, too few or with another byte is refused") {
    for (const auto behind : {false, true})
      for (int fault = 0; fault < 4; ++fault) {
        CAPTURE(behind);
        CAPTURE(fault);
        machine_world source;
        receiving_replica replica{1};
        random_history history{5};
        begin(source, replica, history, behind);
        auto end = send_points(source, replica);
        if (fault == 0) {
          REQUIRE(checked(replica, end).value() == verdict::right);
          continue;
        }
        const auto at = *(*replica.receiver())->standing({}).staged;
        auto wrong = some_point(source);
        shard::snapshot_chunk more{.from = at, .to = at, .schema = {}, .erased = {}, .points = {}};
        switch (fault) {
          case 1: more.points.push_back({point_id{9'999}, {1, 1}, "\1x", "\1\x80"}); break;
          case 2: more.erased.push_back({end.index, wrong.id}); break;
          default:
            wrong.vectors.back() = static_cast<char>(wrong.vectors.back() ^ 1);
            more.points.push_back(wrong);
        }
        REQUIRE((*replica.receiver())->take(more).ok());

        CHECK(checked(replica, end).error().code == errc::corrupted);
      }
  }

  TEST_CASE("a byte that changed on the way is noticed in the frame") {
    machine_world source;
    random_history{5}.live(source, 30);
    auto from = shard::snapshot_source::open(source->read());
    const auto bytes = shard::encode(**from->next(from->begin({})));
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
      CHECK_FALSE(shard::decode_snapshot_question(damaged).ok());
    }
  }

  TEST_CASE("a chunk that does not fit changes nothing, and a beginning begins anew") {
    machine_world source;
    receiving_replica replica{1};
    random_history history{5};
    begin(source, replica, history, false);
    auto from = shard::snapshot_source::open(source->read());
    auto& receiver = **replica.receiver();
    const auto first =
        std::get<shard::snapshot_chunk>(**from->next(from->begin(receiver.standing({})), 700));
    const auto second = std::get<shard::snapshot_chunk>(**from->next(first.to, 700));

    REQUIRE(receiver.take(second).ok());
    CHECK(receiver.standing({}).staged == std::nullopt);
    REQUIRE(receiver.take(first).ok());
    REQUIRE(receiver.take(second).ok());
    REQUIRE(receiver.take(second).ok());
    CHECK(receiver.standing({}).staged == second.to);
    auto end = shard::snapshot_end{};
    end.at = first.to;
    CHECK(receiver.check(end, {}, 1'000).value() == verdict::elsewhere);

    REQUIRE(receiver.take(first).ok());
    CHECK(receiver.standing({}).staged == first.to);
  }

  TEST_CASE("without room nothing is taken, and it goes on when there is some") {
    machine_world source;
    receiving_replica replica{1};
    random_history history{5};
    begin(source, replica, history, false);
    auto from = shard::snapshot_source::open(source->read());
    auto& receiver = **replica.receiver();
    const auto first = std::get<shard::snapshot_chunk>(**from->next(from->begin({}), 700));
    REQUIRE(receiver.take(first).ok());
    replica.files().limit_bytes(32u << 20);
    const auto second = std::get<shard::snapshot_chunk>(**from->next(first.to, 700));

    CHECK(receiver.take(second).code == errc::no_space);
    CHECK(receiver.standing({}).staged == first.to);

    replica.files().limit_bytes(1u << 30);
    CHECK(send_points(source, replica).index == source->applied());
  }

  TEST_CASE("a staged store that is damaged is dropped, and the stream begins anew") {
    machine_world source;
    receiving_replica replica{1};
    random_history history{5};
    begin(source, replica, history, false);
    (void)send_points(source, replica);
    replica.restart_receiver();
    const auto names = replica.files().list("shard/receiving");
    for (const auto& name : *names)
      for (std::uint64_t at = 0; at < 2'000; at += 100)
        (void)replica.files().flip_byte("shard/receiving/" + name, at);

    CHECK((*replica.receiver())->standing({}).staged == std::nullopt);
    CHECK(checked(replica, send_points(source, replica)).value() == verdict::right);
  }

  TEST_CASE("S-52: whenever the power goes off there is the old state or the new, rule 29") {
    std::map<bool, int> seen;
    for (const auto behind : {false, true})
      for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(behind);
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        machine_world source;
        receiving_replica replica{seed};
        random_history history{seed};
        begin(source, replica, history, behind);
        REQUIRE(replica.start().ok());
        const auto before = content_of(replica.store());
        for (int life = 0; life < 3; ++life) {
          replica.files().power_off_after(random() % (life == 0 ? 120 : 60));
          if (replica.said.staged.empty()) {
            snapshot_sender sender{source, replica, 2'000};
            (void)sender.send();
          }
          if (random() % 2 == 0)
            (void)replica.start();
          replica.stop();
          replica.files().power_cut(random() % 2 == 0 ? storage::torn_tail::prefix
                                                      : storage::torn_tail::holes);

          const auto started = replica.start();

          REQUIRE_MESSAGE(started.ok(), to_string(started));
          const auto is_new = !replica.said.staged.empty();
          ++seen[is_new];
          REQUIRE(other_in(content_of(replica.store()),
                           is_new ? content_of(source.store()) : before)
                  == "");
        }
        if (replica.said.staged.empty()) {
          snapshot_sender sender{source, replica, 2'000};
          REQUIRE(sender.send().ok());
          REQUIRE(replica.start().ok());
          REQUIRE(other_in(content_of(replica.store()), content_of(source.store())) == "");
        }
      }
    CHECK(seen[false] > 30);
    CHECK(seen[true] > 30);
  }
}
