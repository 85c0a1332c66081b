#include "machine_world.hpp"

#include "core/shard/write_sessions.hpp"
#include "core/storage/log_file.hpp"
#include "tests/support/thread_lane.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::test;

namespace {

constexpr group_id group{1};
constexpr std::size_t everything = std::size_t{1} << 30;

/// One replica as a process runs it: log first, then apply; the log is released through what the
/// store has synced. It may lose its power at any change of the disk.
class mortal_replica {
public:
  mortal_replica(storage::faulty_files& files, std::vector<std::string>& history)
    : files_(files)
    , history_(history) {
  }

  /// Opens log, store and machine, and applies what the log has above the store.
  status start() {
    storage::log_options log_options;
    log_options.segment_bytes = 16 << 10; // Small, so that compactions happen often.
    auto log = storage::log_file::open(files_, "log", log_options);
    if (!log)
      return log.error();
    log_ = std::move(*log);
    storage::leveldb_options store_options;
    store_options.lane = std::make_shared<testing::thread_lane>();
    store_options.write_buffer_bytes = 32 << 10;
    auto store = storage::open_leveldb(files_, "shard/points", std::move(store_options));
    if (!store)
      return store.error();
    auto machine = shard::machine::open({.files = &files_,
                                         .points = *store,
                                         .segments_directory = "shard/segments",
                                         .schema = two_field_schema(),
                                         .seed = 7});
    if (!machine)
      return machine.error();
    machine_ = std::move(*machine);
    return replay();
  }

  shard::machine& machine() { return *machine_; }

  /// Logs and applies one command; on success it is acknowledged.
  status write(const std::string& bytes) {
    const auto index = machine_->applied().next();
    history_.resize(index.value - 1);
    history_.push_back(bytes);
    const std::vector<storage::log_record> batch{{group, index, term{1}, bytes}};
    if (auto logged = log_->append(batch); !logged.ok())
      return logged;
    acknowledged_ = index;
    const auto applied = machine_->apply(index, bytes);
    return applied ? status{} : applied.error();
  }

  status compact_log() {
    if (auto synced = machine_->sync(); !synced.ok())
      return synced;
    return log_->release(group, machine_->applied_durable());
  }

  status improve_indexes() {
    const auto job = machine_->plan(shard::pace::quiet);
    if (!job)
      return {};
    inline_executor here;
    shard::job_progress progress;
    const std::atomic<bool> go_on{false};
    const auto done = shard::machine::run(*job, here, go_on, progress);
    if (!done)
      return done.error();
    machine_->install(*done);
    return {};
  }

  log_index acknowledged() const noexcept { return acknowledged_; }

private:
  status replay() {
    const auto range = log_->range(group);
    CHECK(range.first <= machine_->applied().next());
    CHECK(machine_->applied() <= range.last); // Nothing is applied that was not logged.
    while (machine_->applied() < range.last) {
      const auto records = log_->read(group, machine_->applied().next(), everything);
      if (!records)
        return records.error();
      REQUIRE_FALSE(records->empty());
      for (const auto& record : *records)
        if (const auto applied = machine_->apply(record.index, record.payload); !applied)
          return applied.error();
    }
    return {};
  }

  storage::faulty_files& files_;
  std::vector<std::string>& history_;
  std::unique_ptr<storage::log_file> log_;
  std::unique_ptr<shard::machine> machine_;
  log_index acknowledged_{0};
};

shard::command random_command(std::mt19937_64& random, schema_version version) {
  if (random() % 5 == 0)
    return shard::write_points{version, {delete_points{number_below(2)}}};
  if (random() % 5 == 0)
    return shard::write_points{
      version, {set_payload{{{"city", payload::value{"Oslo"}}}, city_is("London"), false, ""}}};
  upsert_points upsert;
  for (auto left = 1 + random() % 15; left > 0; --left)
    upsert.points.push_back(random_point(random, random() % 100));
  return shard::write_points{version, {upsert}};
}

std::vector<record> all_records(shard::machine& machine) {
  budget unlimited;
  const auto page = machine.snapshot()->scroll({.from = {}, .limit = UINT64_MAX, .filter = {},
                                                .with_payload = {payload_selector::mode::all, {}},
                                                .with_vectors = {vector_selector::mode::all, {}}},
                                               unlimited);
  REQUIRE(page.ok());
  return page->records;
}

/// An entry as a ROUTER makes it: half of them are an earlier one that is sent again.
std::string random_entry(std::mt19937_64& random, schema_version version,
                         const std::vector<std::string>& history) {
  if (history.size() > 5 && random() % 2 == 0)
    return history[history.size() - 1 - random() % 5];
  shard::write_stamp stamp;
  stamp.session.node = node_number{static_cast<std::uint32_t>(1 + random() % 3)};
  stamp.session.life.incarnation = history.size() / 40;
  stamp.number = 10 + history.size();
  stamp.settled = stamp.number - random() % 10;
  return shard::stamped(stamp, shard::encode(random_command(random, version)));
}

/// Lives until the power goes, or for `steps`.
void live(mortal_replica& replica, std::mt19937_64& random, int steps,
          const std::vector<std::string>& history) {
  for (int step = 0; step < steps; ++step) {
    const auto version = replica.machine().schema().version;
    if (!replica.write(random_entry(random, version, history)).ok())
      return;
    if (random() % 8 == 0 && !replica.compact_log().ok())
      return;
    if (random() % 12 == 0 && !replica.improve_indexes().ok())
      return;
  }
}

} // namespace

TEST_SUITE("core.shard.recovery") {
  // Goal: a replica that loses its power at any moment, also right after its log was compacted,
  // comes back with every acknowledged entry and with whole entries only. Method: power cuts at
  // seeded changes of the disk; afterwards the replica must equal a machine in memory that applied
  // the same entries.
  TEST_CASE("a power cut loses no acknowledged entry and leaves no half of one") {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      storage::faulty_files files{seed};
      std::vector<std::string> history;
      log_index acknowledged{0};
      for (int life = 0; life < 4; ++life) {
        CAPTURE(life);
        {
          mortal_replica replica{files, history};
          files.power_off_after(20 + random() % 300);
          if (replica.start().ok())
            live(replica, random, 60, history);
          acknowledged = std::max(acknowledged, replica.acknowledged());
        }
        files.power_cut(random() % 2 == 0 ? storage::torn_tail::prefix : storage::torn_tail::holes);

        mortal_replica survivor{files, history};
        const auto started = survivor.start();
        REQUIRE_MESSAGE(started.ok(), to_string(started));
        const auto applied = survivor.machine().applied();
        REQUIRE(applied >= acknowledged);
        REQUIRE(applied.value <= history.size());
        history.resize(applied.value);
        machine_world twin;
        for (const auto& entry : history)
          REQUIRE(twin->apply(twin->applied().next(), entry).ok());
        CHECK(survivor.machine().sessions() == twin->sessions());
        CHECK(all_records(survivor.machine()) == all_records(*twin));
      }
    }
  }
}
