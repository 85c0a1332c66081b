#include "core/shard/write_sessions.hpp"
#include "machine_world.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

using namespace grape;
using namespace grape::test;
using shard::write_sessions;
using shard::write_stamp;
using fate = write_sessions::fate;

namespace {

write_stamp stamp_of(std::uint32_t node, std::uint64_t number, std::uint64_t incarnation = 1) {
  write_stamp made;
  made.session = {node_number{node}, 0, {incarnation, 0}};
  made.number = number;
  made.settled = 1;
  return made;
}

/// Keeps notes as a store does.
struct notebook {
  std::map<std::string, std::string> notes;

  void take(const std::vector<shard::session_note>& changes) {
    for (const auto& [name, note] : changes)
      if (note.empty())
        notes.erase(name);
      else
        notes[name] = note;
  }

  write_sessions reload(const shard::session_limits& limits) const {
    std::vector<shard::session_note> all;
    for (const auto& [name, note] : notes)
      all.push_back({name, note});
    auto loaded = write_sessions::load(all, limits);
    REQUIRE(loaded.ok());
    return *loaded;
  }
};

/// The slow twin: remembers every write that was ever applied.
struct twin {
  std::map<std::tuple<std::uint32_t, shard::router_life, std::uint64_t>, log_index> applied;

  std::optional<log_index> find(const write_stamp& stamp) const {
    const auto at = applied.find({stamp.session.node.value, stamp.session.life, stamp.number});
    return at == applied.end() ? std::nullopt : std::optional{at->second};
  }
};

/// A ROUTER that sends writes several times, some of them long after it has given them up.
struct sender {
  std::uint32_t node = 0;
  shard::router_life life{1, 0};
  std::uint64_t next = 1;
  std::map<std::uint64_t, write_stamp> open;
  std::deque<write_stamp> late;
  log_index known;

  std::optional<write_stamp> begin(log_index end) {
    const auto settled = open.empty() ? next : open.begin()->first;
    if (next - settled >= shard::write_window)
      return {};
    write_stamp made;
    made.session = {node_number{node}, 0, life};
    made.number = next++;
    made.settled = settled;
    made.since = known > log_index{} ? known : log_index{end.value / 2};
    open[made.number] = made;
    return made;
  }

  void settle(std::uint64_t number) {
    const auto at = open.find(number);
    late.push_back(at->second);
    if (late.size() > 64)
      late.pop_front();
    open.erase(at);
  }

  void renew(bool whole_node) {
    life = whole_node ? shard::router_life{life.incarnation + 1, 0}
                      : shard::router_life{life.incarnation, life.renewal + 1};
    for (const auto& [number, stamp] : open)
      late.push_back(stamp);
    open.clear();
    next = 1;
    known = {};
  }
};

/// Routers, the sessions of one shard, and who remembers everything.
struct turmoil {
  explicit turmoil(std::uint64_t seed)
    : random(seed)
    , limits{.sessions_max = 2 + random() % 4}
    , of(limits)
    , senders(2 + random() % 5) {
    for (std::size_t i = 0; i < senders.size(); ++i)
      senders[i].node = static_cast<std::uint32_t>(i);
  }

  template <class Map>
  auto any_of(Map& from) {
    return std::next(from.begin(), static_cast<std::ptrdiff_t>(random() % from.size()));
  }

  void step() {
    auto& one = senders[random() % senders.size()];
    if (random() % 100 == 0)
      one.renew(random() % 2 == 0);
    const auto what = random() % 4;
    if (what == 0 && !one.open.empty()) {
      auto stamp = any_of(one.open)->second;
      stamp.again = true;
      attempt(one, stamp, true);
    } else if (what == 1 && !one.late.empty()) {
      auto stamp = *any_of(one.late);
      stamp.again = random() % 2 == 0;
      attempt(one, stamp, false);
    } else if (const auto stamp = one.begin(end)) {
      attempt(one, *stamp, true);
    }
    if (!one.open.empty() && random() % 3 != 0)
      one.settle(any_of(one.open)->first);
    if (random() % 20 == 0) {
      const auto again = disk.reload(limits);
      REQUIRE(again == of);
      of = again;
    }
    REQUIRE(of.size() <= limits.sessions_max);
  }

  /// As a leader that has applied all but the last few entries.
  shard::session_standing any_before(log_index at) {
    while (standings.size() > 8)
      standings.pop_front();
    auto known = standings[random() % standings.size()];
    REQUIRE(known.applied < at);
    return known;
  }

  void attempt(sender& by, const write_stamp& stamp, bool waited_for) {
    standings.push_back({end, of.size(), of.ended_through()});
    end = end.next();
    const auto before = memory.find(stamp);
    const auto told = of.look(stamp);
    switch (told.is) {
      case fate::kind::fresh:
        REQUIRE_FALSE(before.has_value());
        disk.take(of.admit(stamp, end));
        memory.applied[{stamp.session.node.value, stamp.session.life, stamp.number}] = end;
        if (waited_for)
          by.known = std::max(by.known, end);
        break;
      case fate::kind::repeated:
        REQUIRE(before == told.took_effect);
        ++repeated;
        break;
      case fate::kind::refused:
        ++refused;
        if (waited_for && told.why.code == errc::stale_route)
          REQUIRE_FALSE(before.has_value());
        if (waited_for)
          REQUIRE_FALSE(shard::is_surely_fresh(stamp, end, any_before(end), limits));
        break;
    }
  }

  std::mt19937_64 random;
  shard::session_limits limits;
  write_sessions of;
  std::vector<sender> senders;
  notebook disk;
  twin memory;
  std::deque<shard::session_standing> standings; ///< Before the last entries, each.
  log_index end;
  std::size_t repeated = 0;
  std::size_t refused = 0;
};

} // namespace

TEST_SUITE("core.shard.write_stamp") {
  TEST_CASE("a stamped command is taken apart again, and one without a stamp is as it was") {
    std::mt19937_64 random{3};
    for (int i = 0; i < 200; ++i) {
      write_stamp stamp;
      stamp.session = {node_number{static_cast<std::uint32_t>(random())},
                       static_cast<std::uint32_t>(random() % 4),
                       {random() >> (random() % 64), random() % 9}};
      stamp.number = 1 + (random() >> (random() % 64)) / 2;
      stamp.settled = stamp.number - random() % std::min<std::uint64_t>(stamp.number, 2'000);
      stamp.since = log_index{random() >> (random() % 64)};
      stamp.again = random() % 2 == 0;
      const std::string command(random() % 40, 'x');

      const auto entry = shard::stamped(stamp, command);
      const auto apart = shard::split_stamp(entry);

      REQUIRE(apart.ok());
      CHECK(apart->stamp == stamp);
      CHECK(apart->command == command);
    }
    const auto plain = shard::encode(shard::write_points{schema_version{1}, {}});
    CHECK_FALSE(shard::split_stamp(plain)->stamp.has_value());
    CHECK(shard::split_stamp(plain)->command == plain);
  }

  TEST_CASE("a flipped byte in a stamp, or a cut, is refused") {
    const auto entry = shard::stamped(stamp_of(1, 300), "");
    for (std::size_t i = 2; i < entry.size(); ++i) {
      auto broken = entry;
      broken[i] = static_cast<char>(broken[i] ^ 0x10);
      CAPTURE(i);
      CHECK_FALSE(shard::split_stamp(broken).ok());
      CHECK_FALSE(shard::split_stamp(entry.substr(0, i)).ok());
    }
    CHECK(entry.size() < 24); // What a stamp costs in the log.
  }

  // On disk and on the wire: GS, version, length, eight numbers, checksum.
  TEST_CASE("the bytes of a stamp are pinned") {
    write_stamp stamp = stamp_of(2, 300, 7);
    stamp.settled = 299;
    stamp.since = log_index{5};
    CHECK(shard::stamped(stamp, "").substr(0, 15)
          == std::string("GS\x01\x0b\x98\x02\x00\x07\x00\xcd\x01\x2c\x01\x05\xc2", 15));
  }
}

TEST_SUITE("core.shard.write_sessions") {
  TEST_CASE("an attempt that comes again is known, one that was settled is refused") {
    write_sessions of;
    CHECK(of.look(stamp_of(1, 1)).is == fate::kind::fresh);
    of.admit(stamp_of(1, 1), log_index{10});
    auto again = stamp_of(1, 1);
    again.again = true;
    CHECK(of.look(again).is == fate::kind::repeated);
    CHECK(of.look(again).took_effect == log_index{10});

    auto later = stamp_of(1, 2);
    later.settled = 2;
    of.admit(later, log_index{12});

    CHECK(of.look(again).is == fate::kind::refused);
    CHECK(of.look(again).why.code == errc::commit_unknown);
  }

  TEST_CASE("a later life ends the earlier one, whatever that still sends") {
    write_sessions of;
    of.admit(stamp_of(1, 1, 1), log_index{10});
    CHECK(of.look(stamp_of(1, 1, 2)).is == fate::kind::fresh);
    of.admit(stamp_of(1, 1, 2), log_index{11});

    CHECK(of.look(stamp_of(1, 1, 1)).is == fate::kind::refused);
    CHECK(of.look(stamp_of(1, 2, 1)).is == fate::kind::refused);
    CHECK(of.look(stamp_of(2, 1, 1)).is == fate::kind::fresh);
    CHECK(of.size() == 1);
  }

  TEST_CASE("a stamp that no router makes is refused") {
    write_sessions of;
    auto wide = stamp_of(1, shard::write_window + 1);
    CHECK(of.look(wide).why.code == errc::bad_request);
    wide.settled = 2;
    CHECK(of.look(wide).is == fate::kind::fresh);
    CHECK(of.look(stamp_of(1, 0)).why.code == errc::bad_request);
  }

  TEST_CASE("a session that ended for want of place is refused what it may have done before") {
    const shard::session_limits two{.sessions_max = 2};
    write_sessions of{two};
    of.admit(stamp_of(1, 1), log_index{10});
    of.admit(stamp_of(2, 1), log_index{11});
    CHECK(of.look(stamp_of(3, 1)).is == fate::kind::fresh);
    of.admit(stamp_of(3, 1), log_index{15});
    CHECK(of.size() == 2);
    CHECK(of.ended_through() == log_index{10});

    auto again = stamp_of(1, 1);
    again.again = true;
    CHECK(of.look(again).why.code == errc::commit_unknown);
    CHECK(of.look(stamp_of(1, 2)).why.code == errc::stale_route);
    auto informed = stamp_of(1, 2);
    informed.since = log_index{10};
    CHECK(of.look(informed).is == fate::kind::fresh);
  }

  // Goal: no write is ever applied twice, each attempt that may still be waited for is answered
  // truly, and what a leader was sure of holds. Method: routers that send in any order, repeat,
  // give up and are renewed, against a twin that forgets nothing; the sessions are reloaded from
  // their notes again and again.
  TEST_CASE("no order of attempts, renewals, ends and restarts applies a write twice") {
    std::size_t repeated = 0;
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      turmoil all{seed};
      for (int step = 0; step < 800; ++step)
        all.step();
      CHECK(all.disk.notes.size() < 400); // Not as many as there were writes.
      repeated += all.repeated;
      refused += all.refused;
    }
    CHECK(repeated > 500);
    CHECK(refused > 500);
  }
}

TEST_SUITE("core.shard.machine.sessions") {
  point named(std::uint64_t id, const char* city) {
    point made{point_id{id}, {}, {}};
    made.payload.set("city", payload::value{city});
    return made;
  }

  std::string entry_of(const write_stamp& stamp, const point& what, schema_version version) {
    upsert_points upsert;
    upsert.points.push_back(what);
    return shard::stamped(stamp, shard::encode(shard::write_points{version, {upsert}}));
  }

  shard::applied_entry entered(machine_world & world, const std::string& entry) {
    const auto done = world->apply(world->applied().next(), entry);
    REQUIRE(done.ok());
    return *done;
  }

  TEST_CASE("a write that comes again changes nothing, also after others changed the point") {
    machine_world world;
    const auto version = world->schema().version;
    const auto first = entry_of(stamp_of(1, 1), named(5, "Rome"), version);
    CHECK(entered(world, first).took_effect == log_index{1});
    entered(world, entry_of(stamp_of(2, 1), named(5, "Oslo"), version));
    world.reopen();

    const auto told = entered(world, first);

    CHECK(told.result.ok());
    CHECK(told.took_effect == log_index{1});
    CHECK(world->applied() == log_index{3});
    CHECK(world->read().payload(point_id{5})->find("city")->as_string()[0] == "Oslo");
    CHECK(world->read().meta(point_id{5})->value().version == 2);
  }

  TEST_CASE("a write that another schema refused may come again, planned anew, under its number") {
    machine_world world;
    const auto old = world->schema().version;
    auto changed = two_field_schema();
    changed.version = old.next();
    world.apply(shard::change_schema{changed});
    const auto stamp = stamp_of(1, 1);
    CHECK(entered(world, entry_of(stamp, named(5, "Rome"), old)).result.code == errc::stale_route);
    CHECK(world->sessions().size() == 0);

    CHECK(entered(world, entry_of(stamp, named(5, "Rome"), changed.version)).result.ok());
    CHECK(entered(world, entry_of(stamp, named(5, "Rome"), old)).took_effect == log_index{3});
  }

  TEST_CASE("entries of earlier versions, without stamps, are read as ever") {
    machine_world world;
    upsert_points upsert;
    upsert.points.push_back(named(1, "Rome"));
    world.write({upsert});
    CHECK(world->sessions().size() == 0);
    CHECK(world->read().meta(point_id{1})->has_value());
  }
}
