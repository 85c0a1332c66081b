// A disk that is full, or nearly: what the log refuses, what it still takes, and that it goes on.

#include "core/storage/log_file.hpp"

#include "core/storage/faulty_files.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id one{1};
constexpr group_id two{2};
constexpr std::uint64_t unlimited = 1ull << 40;

log_record entry(group_id group, std::uint64_t index, std::size_t bytes = 100) {
  return {group, log_index{index}, term{1},
          std::string(bytes, static_cast<char>('a' + index % 26))};
}

log_range range(std::uint64_t first, std::uint64_t last) {
  return {log_index{first}, log_index{last}};
}

std::unique_ptr<log_file> opened(file_system& files, log_options options = {}) {
  auto log = log_file::open(files, "log", options);
  REQUIRE_MESSAGE(log.ok(), log.error().detail);
  return std::move(*log);
}

status append(log_file& log, group_id group, std::uint64_t index, std::size_t bytes = 100) {
  const auto record = entry(group, index, bytes);
  return log.append({&record, 1});
}

void fill(log_file& log, group_id group, std::uint64_t from, std::uint64_t to) {
  for (auto index = from; index <= to; ++index)
    REQUIRE(append(log, group, index).ok());
}

/// The entries of a group are those of `fill`, through `last`.
void check_whole(const log_file& log, group_id group, std::uint64_t last) {
  CHECK(log.range(group).last == log_index{last});
  const auto records = log.read(group, log.range(group).first, 1u << 30);
  REQUIRE(records.ok());
  for (const auto& record : *records)
    CHECK(record.payload == entry(group, record.index.value).payload);
}

std::uint64_t used(file_system& files) {
  std::uint64_t bytes = 0;
  const auto names = files.list("log");
  for (const auto& name : *names)
    bytes += files.size("log/" + name).value();
  return bytes;
}

/// Counts the operations of a kind from now on.
struct counter {
  counter(faulty_files& files, file_operation kind) {
    files.on_operation([this, kind](file_operation what, const std::string&) {
      seen += what == kind ? 1 : 0;
    });
  }
  std::size_t seen = 0;
};

} // namespace

TEST_SUITE("core.storage.log_room") {
  TEST_CASE("an append that finds no room changes nothing, and the next one may pass") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      faulty_files files{seed};
      auto log = opened(files);
      fill(*log, one, 1, 3);
      files.fail(file_operation::append, 1, errc::no_space);

      const auto refused = append(*log, one, 4);

      CHECK(refused.code == errc::no_space);
      CHECK(refused.detail.starts_with("log/log-0000000000000001.log"));
      CHECK(log->range(one) == range(1, 3));
      CHECK(log->release(one, log_index{1}).ok());
      fill(*log, one, 4, 5);
      files.power_cut(torn_tail::nothing);
      log = opened(files);
      CHECK(log->recovery().notes.empty());
      check_whole(*log, one, 5);
    }
  }

  // Segments of eight entries, so that every kind of step of every change comes to fail.
  TEST_CASE("wherever room ends, the log is as it was, open, and whole after a power cut") {
    for (const auto kind : {file_operation::append, file_operation::create, file_operation::rename})
      for (std::uint64_t nth = 1; nth <= 60; ++nth)
        for (const auto cut : {false, true}) {
          CAPTURE(static_cast<int>(kind));
          CAPTURE(nth);
          faulty_files files{nth};
          const log_options small{.segment_bytes = 1'024};
          auto log = opened(files, small);
          std::uint64_t last = 0;
          files.fail(kind, nth, errc::no_space);
          std::size_t refused = 0;
          for (int step = 0; step < 30; ++step) {
            const auto done = append(*log, one, last + 1);
            REQUIRE_MESSAGE((done.ok() || done.code == errc::no_space), to_string(done));
            last += done.ok() ? 1 : 0;
            refused += done.ok() ? 0 : 1;
            if (step % 5 == 4) {
              const auto released = log->release(one, log_index{last - 3});
              REQUIRE_MESSAGE((released.ok() || released.code == errc::no_space),
                              to_string(released));
            }
            REQUIRE(log->range(one).last == log_index{last});
          }
          CHECK(refused <= 1); // The fault came once.

          if (cut)
            files.power_cut(torn_tail::nothing);
          log = opened(files, small);

          CHECK(log->recovery().notes.empty());
          check_whole(*log, one, last);
          if (!append(*log, one, last + 1).ok()) // The fault may still have been to come.
            CHECK(append(*log, one, last + 1).ok());
        }
  }

  TEST_CASE("a sync that finds no room is final, as any failed sync") {
    for (const auto kind : {file_operation::sync, file_operation::truncate}) {
      faulty_files files{1};
      auto log = opened(files);
      fill(*log, one, 1, 3);
      files.fail(kind, 1, errc::no_space);
      if (kind == file_operation::truncate) // What was appended in part cannot be taken back.
        files.fail(file_operation::append, 1, errc::no_space);

      CHECK(append(*log, one, 4).code == errc::io_error);

      CHECK(append(*log, one, 4).code == errc::closed);
      CHECK(log->sync().code == errc::closed);
      CHECK(log->release(one, log_index{1}).code == errc::closed);
      CHECK(log->forget(one).code == errc::closed);
    }
  }

  TEST_CASE("entries leave the reserve to hard states and marks, rule 35") {
    faulty_files files{1};
    const log_options small{.segment_bytes = 4'096};
    auto log = opened(files, small);
    files.limit_bytes(100'000); // A twentieth of which is 5,000.
    std::uint64_t last = 0;
    while (append(*log, one, last + 1).ok())
      ++last;
    CHECK(used(files) > 100'000 - 5'000 - 200);
    CHECK(used(files) <= 100'000 - 5'000);

    const auto refused = append(*log, one, last + 1);
    CHECK(refused.code == errc::no_space);
    CHECK(refused.detail.find(".log: no room for 132 bytes: 0.0 MiB of the disk are free, of which "
                              "0.0 MiB are kept back")
          != std::string::npos);
    const group_write vote{two, {{}, {term{7}, replica_id{3}, {}}, {}, {}}, {}};
    CHECK(log->write({&vote, 1}).ok());
    auto entries = vote;
    entries.what.entries = {{log_index{1}, term{7}, raft::entry_kind::normal, nullptr}};
    CHECK(log->write({&entries, 1}).code == errc::no_space);
    CHECK(log->hard_state(two).term == term{7});
    CHECK(log->range(two) == log_range{});

    REQUIRE(log->release(one, log_index{last}).ok());
    CHECK(append(*log, one, last + 1).ok());
    CHECK(log->write({&entries, 1}).ok());
  }

  TEST_CASE("what nobody needs is given back when room is short, also of the newest segment") {
    faulty_files files{1};
    auto log = opened(files); // Its segments are larger than the disk.
    files.limit_bytes(100'000);
    fill(*log, two, 1, 3);
    std::uint64_t last = 0;
    for (int times = 0; times < 5; ++times) {
      while (append(*log, one, last + 1).ok())
        ++last;
      CHECK(used(files) > 100'000 - 5'000 - 200);

      REQUIRE(log->release(one, log_index{last}).ok());
      CHECK(append(*log, one, last + 1).ok());

      ++last;
      CHECK(used(files) < 2'000);
    }
    CHECK(last > 5 * 500); // Each time as many as fit.
    files.power_cut(torn_tail::nothing);
    log = opened(files);
    check_whole(*log, one, last);
    check_whole(*log, two, 3);
  }

  TEST_CASE("a disk without any room: nothing is taken, nothing is lost, all goes on afterwards") {
    for (std::uint64_t left = 0; left < 300; left += 7) {
      CAPTURE(left);
      faulty_files files{left};
      const log_options small{.segment_bytes = 1'024, .reserve_bytes_max = 0};
      auto log = opened(files, small);
      fill(*log, one, 1, 20);
      files.limit_bytes(used(files) + left);
      std::uint64_t last = 20;
      while (append(*log, one, last + 1).ok())
        ++last;
      const group_write vote{two, {{}, {term{7}, replica_id{3}, {}}, {}, {}}, {}};
      const auto voted = log->write({&vote, 1});
      CHECK((voted.ok() || voted.code == errc::no_space));
      CHECK(log->hard_state(two).term == term{voted.ok() ? 7u : 0u});
      check_whole(*log, one, last);

      files.limit_bytes(unlimited);
      fill(*log, one, last + 1, last + 20);

      files.power_cut(torn_tail::nothing);
      check_whole(*opened(files, small), one, last + 20);
    }
  }

  TEST_CASE("a group that lags does not hold what the others are done with") {
    faulty_files files{1};
    const log_options small{.segment_bytes = 4'096};
    auto log = opened(files, small);
    fill(*log, two, 1, 150); // Five segments of a shard that does not apply.
    const auto lagging = log->bytes();
    std::uint64_t most = 0;

    for (std::uint64_t index = 1; index <= 3'000; ++index) {
      REQUIRE(append(*log, one, index).ok());
      if (index % 30 == 0)
        REQUIRE(log->release(one, log_index{index}).ok());
      most = std::max(most, log->bytes());
    }

    CHECK(most < 3 * lagging + 4 * 4'096); // And not the 100 segments that were written.
    for (int start = 0; start < 2; ++start) {
      CHECK(log->range(two) == range(1, 150));
      check_whole(*log, two, 150);
      CHECK(log->range(one) == range(3'001, 3'000));
      log = nullptr;
      log = opened(files, small);
    }
  }

  TEST_CASE("any number of releases cost one sync") {
    faulty_files files{1};
    auto log = opened(files);
    std::vector<release_mark> marks;
    for (std::uint32_t number = 1; number <= 50; ++number) {
      fill(*log, group_id{number}, 1, 2);
      marks.push_back({group_id{number}, log_index{number % 2 + 1}});
    }
    const counter syncs{files, file_operation::sync};

    REQUIRE(log->release(marks).ok());

    CHECK(syncs.seen == 1);
    files.power_cut(torn_tail::nothing);
    log = opened(files);
    for (const auto& [group, through] : marks)
      CHECK(log->range(group) == range(through.value + 1, 2));
  }
}
