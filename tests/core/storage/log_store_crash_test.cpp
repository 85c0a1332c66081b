// Goal: log and point store together lose nothing acknowledged, wherever the power goes off.
// Method: entries are written to the log, then applied to a point store that is synced now and
// then; the log is compacted as far as the store says. After a crash the store must be as some
// entry left it, and the log must have all that it lacks. GRAPE_CRASHES: how many crashes.

#include "core/storage/faulty_files.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/log_file.hpp"
#include "core/storage/point_store.hpp"

#include "tests/core/storage/point_twin.hpp"
#include "tests/support/thread_lane.hpp"

#include <chrono>
#include <cstdlib>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id shard{1};
constexpr group_id another{2};

class crashing_replica {
public:
  explicit crashing_replica(std::uint64_t seed) : engine_(seed), files_(seed) {}

  /// Works for a while, loses power within the last step, and is opened, compared and caught up.
  void live() {
    REQUIRE(open());
    compare();
    for (auto left = below(25); left > 0; --left)
      REQUIRE(step(false));
    (void)step(true);
    crash();
    if (below(4) == 0) {
      files_.power_off_after(below(30));
      (void)open();
      crash();
    }
    REQUIRE(open());
    compare();
    crash();
  }

private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

  void crash() {
    // Dead handles first: what they still try to write must not reach the disk.
    files_.power_cut(static_cast<torn_tail>(below(3)));
    log_.reset();
    store_.reset();
  }

  bool open() {
    auto log = log_file::open(files_, "log", {.segment_bytes = 1'024});
    if (!log) {
      REQUIRE_MESSAGE(log.error().code == errc::io_error, to_string(log.error()));
      return false;
    }
    log_ = std::move(*log);
    leveldb_options options;
    options.lane = lane_;
    options.write_buffer_bytes = 64 << 10;
    auto below = open_leveldb(files_, "points", options);
    auto points = below ? point_store::open(std::move(*below))
                        : outcome<std::unique_ptr<point_store>>(below.error());
    if (!points) {
      REQUIRE_MESSAGE(points.error().code == errc::io_error, to_string(points.error()));
      return false;
    }
    store_ = std::move(*points);
    return true;
  }

  /// The store is as some entry left it, and the log has all that it lacks.
  void compare() {
    const auto range = log_->range(shard);
    const auto applied = store_->applied();
    REQUIRE(range.last.value >= acknowledged_);
    REQUIRE(range.last.value <= acknowledged_ + 1);
    REQUIRE(range.first <= applied.next());
    REQUIRE(applied.value <= acknowledged_);
    REQUIRE(log_->hard_state(shard).commit == range.last);
    twins_[applied.value].require_equal(store_->read(), false);
    const auto lacking = log_->read(shard, applied.next(), 1u << 30);
    REQUIRE(lacking.ok());
    REQUIRE(lacking->size() == range.last.value - applied.value);
    for (const auto& record : *lacking)
      REQUIRE(apply(record.index, std::stoull(record.payload), false));
    acknowledged_ = range.last.value;
    twins_.resize(acknowledged_ + 1);
    twins_.back().require_equal(store_->read(), false);
  }

  bool apply(log_index index, std::uint64_t seed, bool is_last) {
    auto twin = twins_[index.value - 1];
    std::mt19937_64 random{seed};
    auto changes = store_->begin();
    twin.step(random, changes, index.value);
    twins_.resize(std::max<std::size_t>(twins_.size(), index.value + 1));
    twins_[index.value] = std::move(twin);
    const auto wanted = below(9) == 0 ? durability::synced : durability::buffered;
    if (is_last)
      files_.power_off_after(below(4));
    return store_->commit(std::move(changes), index, wanted).ok();
  }

  /// False if it failed, as it may when the power goes off within it.
  bool step(bool is_last) {
    const auto kind = below(8);
    if (is_last && kind < 4)
      files_.power_off_after(below(kind == 0 ? 3 : 14));
    if (kind == 0)
      return store_->flush().ok();
    if (kind < 4)
      return make_room();
    const auto seed = engine_();
    const auto off_in_log = is_last && kind < 6;
    if (off_in_log)
      files_.power_off_after(below(6));
    if (!log_->write(std::vector{next_entry(seed), noise()}).ok())
      return false;
    ++acknowledged_;
    return off_in_log || apply(log_index{acknowledged_}, seed, is_last);
  }

  /// Tells the log what it may drop.
  bool make_room() {
    const auto through = store_->durable();
    if (through >= log_->range(shard).first
        && !log_->compact(shard, {{through, term{1}, {}}, {}}).ok())
      return false;
    const auto noise_ends = log_->range(another).last;
    return noise_ends == log_index{}
           || log_->compact(another, {{noise_ends, term{1}, {}}, {}}).ok();
  }

  group_write next_entry(std::uint64_t seed) const {
    group_write made{shard, {}, {}};
    const log_index index{acknowledged_ + 1};
    made.what.state = {term{1}, replica_id{1}, index};
    made.what.entries = {{index, term{1}, raft::entry_kind::normal,
                          std::make_shared<const std::string>(std::to_string(seed))}};
    return made;
  }

  /// What fills segments, so that compaction has something to remove.
  group_write noise() const {
    group_write made{another, {}, {}};
    made.what.state.term = term{1};
    made.what.entries = {{log_->range(another).last.next(), term{1}, raft::entry_kind::normal,
                          std::make_shared<const std::string>(300, 'x')}};
    return made;
  }

  std::mt19937_64 engine_;
  faulty_files files_;
  std::shared_ptr<testing::thread_lane> lane_ = std::make_shared<testing::thread_lane>();
  std::unique_ptr<log_file> log_;
  std::unique_ptr<point_store> store_;
  std::uint64_t acknowledged_ = 0;
  std::vector<testing::point_twin> twins_{{}}; ///< After each entry that was applied once.
};

std::uint64_t crashes() {
  const auto* asked = std::getenv("GRAPE_CRASHES");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 400;
}

} // namespace

TEST_SUITE("core.storage.log_store_crash") {
  TEST_CASE("S-55: wherever the power goes off, log and store lack nothing acknowledged, rule 32") {
    const auto lives = (crashes() + 7) / 8;
    const auto started = std::chrono::steady_clock::now();
    for (std::uint64_t seed = 1; seed <= lives; ++seed) {
      CAPTURE(seed);
      crashing_replica replica{seed};
      for (int life = 0; life < 4; ++life)
        replica.live();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    MESSAGE((lives * 8) << " crashes of log and store in " << took.count() << " s");
  }
}
