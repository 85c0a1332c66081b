// LevelDB's own logs: when they are synced, and what a power cut leaves of two that are needed.

#include "core/storage/faulty_files.hpp"
#include "core/storage/leveldb_records.hpp"
#include "core/storage/leveldb_store.hpp"
#include "tests/support/thread_lane.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>

using namespace grape;
using namespace grape::storage;

namespace {

/// Keeps compactions back until it is told to go on, as a slow disk does.
class held_lane final : public background_lane {
public:
  void post(std::function<void()> job) override {
    const std::lock_guard guard{lock_};
    if (!held_)
      return threads_.post(std::move(job));
    waiting_.push_back(std::move(job));
  }

  void hold(bool wanted) {
    const std::lock_guard guard{lock_};
    held_ = wanted;
    for (; !held_ && !waiting_.empty(); waiting_.pop_front())
      threads_.post(std::move(waiting_.front()));
  }

private:
  std::mutex lock_;
  bool held_ = false;
  std::deque<std::function<void()>> waiting_;
  testing::thread_lane threads_;
};

std::shared_ptr<store> opened(file_system& files, std::shared_ptr<background_lane> lane) {
  leveldb_options options;
  options.lane = std::move(lane);
  options.write_buffer_bytes = 64 << 10; // The least there is.
  auto done = open_leveldb(files, "points", options);
  REQUIRE_MESSAGE(done.ok(), to_string(done.error()));
  return *done;
}

/// Commit number `n`, of some bytes that no compression makes fewer.
void commit(store& to, std::uint64_t n, durability wanted = durability::buffered) {
  std::mt19937_64 random{n};
  std::string value(3'000, '\0');
  for (auto& c : value)
    c = static_cast<char>(random());
  write_batch batch;
  batch.put("k" + std::to_string(n), value);
  batch.put("last", std::to_string(n));
  REQUIRE(to.commit(batch, wanted).ok());
}

/// How many commits there are; all before the last are there too.
std::uint64_t commits_in(const store& from) {
  const auto last = from.get("last");
  REQUIRE(last.ok());
  const auto count = *last ? std::stoull(**last) : 0;
  for (std::uint64_t n = 1; n <= count; ++n) {
    const auto value = from.get("k" + std::to_string(n));
    REQUIRE(value.ok());
    REQUIRE(value->has_value());
  }
  return count;
}

/// The logs that hold anything, by name.
std::map<std::string, std::string> logs_of(file_system& files) {
  std::map<std::string, std::string> found;
  const auto names = files.list("points");
  REQUIRE(names.ok());
  for (const auto& name : *names)
    if (name.ends_with(".log"))
      if (auto bytes = read_file(files, "points/" + name); bytes.ok() && !bytes->empty())
        found.emplace(name, std::move(*bytes));
  return found;
}

/// Commits until a second log has some; the table of the first is still to be written.
std::uint64_t fill_two_logs(faulty_files& files, store& to) {
  std::uint64_t n = 0;
  while (logs_of(files).size() < 2)
    commit(to, ++n);
  for (int more = 0; more < 5; ++more)
    commit(to, ++n);
  return n;
}

bool has_gap(const std::map<std::string, std::string>& logs) {
  if (logs.size() < 2)
    return false;
  const auto older = writes_in(logs.begin()->second);
  const auto newer = writes_in(logs.rbegin()->second);
  return !older || !newer || older->end != newer->first;
}

} // namespace

TEST_SUITE("core.storage.leveldb_logs") {
  TEST_CASE("a log whose table is written is synced no more than at its beginning") {
    faulty_files files{1};
    std::mutex lock;
    std::map<std::string, int> syncs;
    files.on_operation([&](file_operation what, const std::string& path) {
      const std::lock_guard guard{lock};
      if (what == file_operation::sync && path.ends_with(".log"))
        ++syncs[path];
    });
    const auto to = opened(files, std::make_shared<testing::thread_lane>());

    for (std::uint64_t n = 1; n <= 300; ++n)
      commit(*to, n);

    const std::lock_guard guard{lock};
    CHECK(syncs.size() > 5);
    for (const auto& [path, times] : syncs)
      CHECK_MESSAGE(times == 1, path);
  }

  TEST_CASE("the disk is asked to write a table while it grows, and not to write a log") {
    faulty_files files{1};
    std::mutex lock;
    int tables = 0;
    int logs = 0;
    files.on_operation([&](file_operation what, const std::string& path) {
      const std::lock_guard guard{lock};
      if (what == file_operation::begin_writing)
        ++(path.ends_with(".log") ? logs : tables);
    });
    const auto to = opened(files, std::make_shared<testing::thread_lane>());
    for (std::uint64_t n = 1; n <= 300; ++n)
      commit(*to, n);

    REQUIRE(to->compact().ok()); // 900 kB in one table.

    const std::lock_guard guard{lock};
    CHECK(tables >= 3);
    CHECK(logs == 0);
  }

  TEST_CASE("what is synced survives though its writes lie in two logs") {
    for (const auto by_flush : {true, false}) {
      faulty_files files{1};
      const auto lane = std::make_shared<held_lane>();
      auto to = opened(files, lane);
      lane->hold(true);
      auto last = fill_two_logs(files, *to);
      if (by_flush)
        REQUIRE(to->flush().ok());
      else
        commit(*to, ++last, durability::synced);

      files.power_cut(torn_tail::nothing);
      lane->hold(false);
      to.reset();

      CHECK(commits_in(*opened(files, lane)) == last);
    }
  }

  TEST_CASE("what is not synced ends at the first gap between two logs") {
    int gaps = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed)
      for (const auto left : {torn_tail::prefix, torn_tail::holes, torn_tail::nothing}) {
        CAPTURE(seed);
        faulty_files files{seed};
        const auto lane = std::make_shared<held_lane>();
        auto to = opened(files, lane);
        lane->hold(true);
        const auto last = fill_two_logs(files, *to);

        files.power_cut(left);
        lane->hold(false);
        to.reset();
        const auto gap = has_gap(logs_of(files));
        gaps += gap ? 1 : 0;

        const auto again = opened(files, lane);
        const auto found = commits_in(*again);
        CHECK(found <= last);
        if (gap)
          CHECK(found < last);
        commit(*again, found + 1, durability::synced);
        CHECK(commits_in(*again) == found + 1);
      }
    CHECK(gaps > 20);
  }

  TEST_CASE("a power cut while the gap is being cut away leaves it to be seen") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
      for (std::uint64_t changes = 0; changes < 6; ++changes) {
        CAPTURE(seed);
        CAPTURE(changes);
        faulty_files files{seed};
        const auto lane = std::make_shared<held_lane>();
        auto to = opened(files, lane);
        lane->hold(true);
        fill_two_logs(files, *to);
        files.power_cut(torn_tail::holes);
        lane->hold(false);
        to.reset();

        files.power_off_after(changes);
        leveldb_options options;
        options.lane = lane;
        static_cast<void>(open_leveldb(files, "points", options));
        files.power_cut(torn_tail::holes);

        (void)commits_in(*opened(files, lane));
      }
  }

  TEST_CASE("a manifest says which log counts, and a log which writes it has") {
    faulty_files files{1};
    const auto lane = std::make_shared<held_lane>();
    const auto to = opened(files, lane);
    lane->hold(true);
    const auto last = fill_two_logs(files, *to);
    write_batch large;
    large.put("large", std::string(100'000, 'x')); // In parts, over several blocks.
    REQUIRE(to->commit(large, durability::buffered).ok());
    const auto logs = logs_of(files);
    const auto current = read_file(files, "points/CURRENT");
    REQUIRE(current.ok());
    const auto manifest = read_file(files, "points/" + current->substr(0, current->size() - 1));
    REQUIRE(manifest.ok());

    const auto oldest = oldest_log(*manifest);
    const auto older = writes_in(logs.begin()->second);
    const auto newer = writes_in(logs.rbegin()->second);

    REQUIRE(oldest.ok());
    CHECK(*oldest == std::stoull(logs.begin()->first));
    REQUIRE(older.has_value());
    REQUIRE(newer.has_value());
    CHECK(older->first == 1);
    CHECK(older->end == newer->first);
    CHECK(newer->end == 2 * last + 2);
    CHECK_FALSE(writes_in("").has_value());
    CHECK(oldest_log("").error().code == errc::corrupted);
    lane->hold(false);
  }
}
