// Goal: the log never loses what it acknowledged, never invents, never crashes.
// Method: a workload over a disk that fails by seed, beside a model of what was promised.

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr log_options small_segments{.segment_bytes = 1'024};

/// What one group was promised, and what was only tried.
struct promise {
  std::vector<std::string> tried; ///< Payload of entry i + 1.
  std::uint64_t durable = 0;      ///< Entries up to it are acknowledged.
  std::uint64_t released = 0;
  std::uint64_t release_tried = 0;
  bool forget_tried = false; ///< Then the group may also be empty.
};

/// Drives a log with random operations and checks it against the promises.
class workload {
public:
  workload(file_system& files, std::uint64_t seed, fsync_policy policy)
    : files_(files)
    , engine_(seed)
    , options_{1'024, policy, 1u << 20, seed % 2 == 0 ? 0u : 16u << 10} {
  }

  /// Opens, and takes what is there for the new truth once it kept every promise.
  void open() {
    log_.reset();
    auto log = log_file::open(files_, "log", options_);
    if (!log && log.error().code == errc::io_error)
      return; // The power went off while it started.
    REQUIRE_MESSAGE(log.ok(), log.error().detail);
    log_ = std::move(*log);
    for (auto& [number, group] : groups_)
      check(number, group);
  }

  void run(std::size_t steps) {
    for (; steps > 0 && log_ != nullptr; --steps) {
      const group_id group{static_cast<std::uint32_t>(1 + below(3))};
      switch (below(16)) {
      case 0: forget(group); break;
      case 1:
      case 2: release(group); break;
      case 3: sync(); break;
      default: append(); break;
      }
    }
  }

private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

  void check(std::uint32_t number, promise& group) {
    const auto range = log_->range(group_id{number});
    const auto first = range.first.value;
    const auto last = range.last.value;
    CAPTURE(number);
    if (group.forget_tried && range == log_range{}) {
      group = {};
      return;
    }
    REQUIRE(first >= group.released + 1);
    REQUIRE(first <= group.release_tried + 1);
    REQUIRE(last >= std::max(group.durable, group.released));
    REQUIRE(last <= std::max<std::uint64_t>(group.tried.size(), group.release_tried));
    const auto records = log_->read(group_id{number}, range.first, 1u << 30);
    REQUIRE(records.ok());
    REQUIRE(records->size() == last + 1 - first);
    for (const auto& record : *records)
      REQUIRE(record.payload == group.tried[record.index.value - 1]);
    group.tried.resize(last);
    group.durable = last;
    group.released = group.release_tried = first - 1;
    group.forget_tried = false;
  }

  void append() {
    const auto before = groups_;
    std::vector<log_record> batch;
    for (auto left = 1 + below(4); left > 0; --left) {
      const auto number = static_cast<std::uint32_t>(1 + below(3));
      auto& tried = groups_[number].tried;
      std::string payload(below(8) == 0 ? below(900) : below(60), static_cast<char>(below(256)));
      tried.push_back(payload);
      batch.push_back({group_id{number}, log_index{tried.size()}, term{1}, std::move(payload)});
    }
    const auto done = log_->append(batch);
    if (done.code == errc::no_space)
      groups_ = before;
    else if (!done.ok())
      log_.reset();
    else if (options_.fsync == fsync_policy::always)
      promise_all();
  }

  void sync() {
    if (log_->sync().ok())
      promise_all();
    else
      log_.reset();
  }

  void promise_all() {
    for (auto& [number, group] : groups_)
      group.durable = group.tried.size();
  }

  void release(group_id number) {
    auto& group = groups_[number.value];
    const auto before = group;
    const auto through = group.released + below(group.tried.size() - group.released + 1);
    group.release_tried = std::max(group.release_tried, through);
    if (const auto done = log_->release(number, log_index{through}); done.ok())
      group.released = group.release_tried;
    else
      refused(done, group, before);
  }

  void forget(group_id number) {
    auto& group = groups_[number.value];
    const auto before = group;
    group.forget_tried = true;
    if (const auto done = log_->forget(number); done.ok())
      group = {};
    else
      refused(done, group, before);
  }

  /// Without room nothing was done, and the log goes on.
  void refused(const status& why, promise& group, const promise& before) {
    if (why.code == errc::no_space)
      group = before;
    else
      log_.reset();
  }

  file_system& files_;
  std::mt19937_64 engine_;
  log_options options_;
  std::unique_ptr<log_file> log_;
  std::map<std::uint32_t, promise> groups_;
};

/// The same few segments with a release every time; returns what group 1 must hold.
std::vector<log_record> write_sample(file_system& files) {
  auto log = log_file::open(files, "log", small_segments);
  REQUIRE(log.ok());
  std::vector<log_record> kept;
  for (std::uint64_t index = 1; index <= 24; ++index) {
    const log_record record{group_id{1}, log_index{index}, term{1},
                            "record " + std::to_string(index) + std::string(60, '.')};
    REQUIRE((*log)->append({&record, 1}).ok());
    if (index > 8)
      kept.push_back(record);
  }
  REQUIRE((*log)->release(group_id{1}, log_index{8}).ok());
  const log_record last{group_id{1}, log_index{25}, term{1}, "the last"};
  REQUIRE((*log)->append({&last, 1}).ok());
  kept.push_back(last);
  return kept;
}

/// After damage: refused with an address, or all but the last record, and the loss reported.
void check_damaged(file_system& files, const std::vector<log_record>& kept, bool may_be_silent) {
  const auto log = log_file::open(files, "log", small_segments);
  if (!log) {
    const auto& refusal = log.error();
    const auto refused = refusal.code == errc::corrupted || refusal.code == errc::wrong_version;
    CHECK_MESSAGE(refused, to_string(refusal));
    CHECK_MESSAGE(refusal.detail.starts_with("log/"), refusal.detail);
    return;
  }
  const auto left = (*log)->read(group_id{1}, log_index{9}, 1u << 30);
  REQUIRE(left.ok());
  REQUIRE(left->size() <= kept.size());
  CHECK(std::equal(left->begin(), left->end(), kept.begin()));
  if (left->size() < kept.size() && !may_be_silent) {
    CHECK(left->size() + (*log)->recovery().records_lost >= kept.size());
    CHECK((*log)->recovery().notes.size() == 1);
  }
}

} // namespace

TEST_SUITE("core.storage.log_file.faults") {
  TEST_CASE("a power cut at any write loses nothing acknowledged and leaves nothing broken") {
    for (const auto policy : {fsync_policy::always, fsync_policy::interval})
      for (const auto left : {torn_tail::prefix, torn_tail::holes, torn_tail::nothing})
        for (std::uint64_t at = 0; at < 160; ++at) {
          CAPTURE(at);
          faulty_files files{at};
          workload work{files, 7, policy};
          files.power_off_after(at);
          work.open();
          work.run(60);
          files.power_cut(left);
          work.open();
          work.run(10);
          files.power_cut(left);
          work.open();
        }
  }

  TEST_CASE("storms of faults and power cuts, by seed") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
      CAPTURE(seed);
      faulty_files files{seed};
      std::mt19937_64 engine{seed};
      workload work{files, seed, seed % 3 == 0 ? fsync_policy::interval : fsync_policy::always};
      work.open();
      for (int start = 0; start < 8; ++start) {
        if (engine() % 2 == 0)
          files.power_off_after(engine() % 60);
        else
          files.fail(engine() % 2 == 0 ? file_operation::append : file_operation::sync,
                     1 + engine() % 20, engine() % 2 == 0 ? errc::io_error : errc::no_space);
        work.run(30);
        files.power_cut(engine() % 2 == 0 ? torn_tail::prefix : torn_tail::holes);
        work.open();
      }
    }
  }

  TEST_CASE("a release followed at once by a power cut loses nothing above its mark") {
    for (std::uint64_t at = 0; at < 40; ++at) {
      CAPTURE(at);
      faulty_files files{at};
      const auto kept = write_sample(files);
      {
        auto log = log_file::open(files, "log", small_segments);
        files.power_off_after(at);
        (void)(*log)->release(group_id{1}, log_index{20});
      }
      files.power_cut();

      auto log = log_file::open(files, "log", small_segments);

      REQUIRE(log.ok());
      const auto left = (*log)->read(group_id{1}, log_index{21}, 1u << 30);
      REQUIRE(left.ok());
      CHECK(std::equal(left->begin(), left->end(), kept.end() - 5, kept.end()));
    }
  }

  // rule 36
  TEST_CASE("a flipped byte anywhere is refused with its address, or costs the last record") {
    faulty_files original{1};
    const auto kept = write_sample(original);
    std::size_t refused = 0;
    std::size_t cut = 0;
    const auto names = original.list("log").value();
    for (const auto& name : names)
      for (std::uint64_t at = 0; at < original.size("log/" + name).value(); ++at) {
        CAPTURE(name);
        CAPTURE(at);
        faulty_files files{1};
        write_sample(files);
        REQUIRE(files.flip_byte("log/" + name, at, static_cast<std::uint8_t>(1 + at % 255)));

        check_damaged(files, kept, false);

        auto log = log_file::open(files, "log", small_segments);
        refused += log.ok() ? 0 : 1;
        cut += log.ok() ? 1 : 0;
        if (log.ok())
          CHECK((*log)->range(group_id{1}).last == log_index{24});
      }
    // Only the last batch, its opening and its record, is ever given up.
    CHECK(cut == 32 + 32 + 8);
    CHECK(refused > 1'000);
  }

  TEST_CASE("missing bytes and missing files are noticed") {
    faulty_files original{1};
    const auto kept = write_sample(original);
    const auto names = original.list("log").value();
    REQUIRE(names.size() >= 4);
    for (const auto& name : names) {
      CAPTURE(name);
      const auto path = "log/" + name;
      const auto is_newest = name == names[names.size() - 2];
      for (std::uint64_t size = 0; size < original.size(path).value(); ++size) {
        CAPTURE(size);
        faulty_files files{1};
        write_sample(files);
        REQUIRE(files.truncate(path, size).ok());

        check_damaged(files, kept, is_newest);

        if (!is_newest)
          CHECK_FALSE(log_file::open(files, "log", small_segments).ok());
      }
      faulty_files files{1};
      write_sample(files);
      REQUIRE(files.remove(path).ok());
      const auto refused = log_file::open(files, "log", small_segments);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error() == status{errc::corrupted, path + ": missing"});
    }
  }
}
