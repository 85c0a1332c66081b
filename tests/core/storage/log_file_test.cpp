#include "core/storage/log_file.hpp"

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_format.hpp"

#include "tests/support/golden.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id one{1};
constexpr group_id two{2};

log_record entry(group_id group, std::uint64_t index, std::string payload = "payload") {
  return {group, log_index{index}, term{1}, std::move(payload)};
}

log_range range(std::uint64_t first, std::uint64_t last) {
  return {log_index{first}, log_index{last}};
}

std::unique_ptr<log_file> opened(file_system& files, log_options options = {}) {
  auto log = log_file::open(files, "log", options);
  REQUIRE_MESSAGE(log.ok(), log.error().detail);
  return std::move(*log);
}

/// Appends entries `from` .. `to` of one group, each in its own batch.
void fill(log_file& log, group_id group, std::uint64_t from, std::uint64_t to,
          std::size_t bytes = 100) {
  for (auto index = from; index <= to; ++index) {
    const auto letter = static_cast<char>('a' + index % 26);
    const auto record = entry(group, index, std::string(bytes, letter));
    REQUIRE(log.append({&record, 1}).ok());
  }
}

void write_file(file_system& files, const std::string& path, std::string_view bytes) {
  auto file = files.open_append(path);
  REQUIRE(file.ok());
  REQUIRE((*file)->append(bytes).ok());
  REQUIRE((*file)->sync().ok());
}

std::string file_bytes(file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  REQUIRE(file.ok());
  std::string bytes((*file)->size(), '\0');
  REQUIRE((*file)->read(0, bytes.size(), bytes.data()).value() == bytes.size());
  return bytes;
}

} // namespace

TEST_SUITE("core.storage.log_file") {
  TEST_CASE("what was appended is read back in order, also by the next process") {
    const testing::temporary_directory folder;
    const std::vector<log_record> batch{entry(one, 1, "a"), entry(two, 1, ""), entry(one, 2, "c")};
    {
      auto log = log_file::open(posix_file_system(), folder.path() + "/log", {});
      REQUIRE(log.ok());
      CHECK((*log)->range(one) == log_range{});
      REQUIRE((*log)->append(batch).ok());
    }

    auto log = log_file::open(posix_file_system(), folder.path() + "/log", {});

    REQUIRE(log.ok());
    CHECK((*log)->recovery().notes.empty());
    CHECK((*log)->groups() == std::vector<group_id>{one, two});
    CHECK((*log)->range(one) == range(1, 2));
    CHECK((*log)->read(one, log_index{1}, 1'000).value()
          == std::vector<log_record>{batch[0], batch[2]});
    CHECK((*log)->read(two, log_index{1}, 0).value() == std::vector<log_record>{batch[1]});
    CHECK((*log)->read(two, log_index{2}, 0).value().empty());
    CHECK((*log)->read(group_id{9}, log_index{1}, 0).value().empty());
  }

  TEST_CASE("a read stops at its limit but always brings one record") {
    faulty_files files{1};
    auto log = opened(files);
    fill(*log, one, 1, 5, 100);

    CHECK(log->read(one, log_index{1}, 300).value().size() == 3);
    CHECK(log->read(one, log_index{4}, 1).value().size() == 1);
    CHECK(log->read(one, log_index{4}, 1'000).value().size() == 2);
  }

  TEST_CASE("a record over the limit is refused, and the log stays open") {
    faulty_files files{1};
    auto log = opened(files, {.record_bytes_max = 10});
    const std::vector<log_record> large{entry(one, 1), entry(one, 2, "eleven bytes")};
    const std::vector<log_record> small{entry(one, 1)};

    CHECK(log->append(large).code == errc::too_large);
    CHECK(log->range(one) == log_range{});
    CHECK(log->append(small).ok());
  }

  TEST_CASE("released entries are gone, whole segments with them, others are untouched") {
    faulty_files files{1};
    auto log = opened(files, {.segment_bytes = 1'024});
    fill(*log, one, 1, 40);
    const auto full = log->bytes();

    REQUIRE(log->release(one, log_index{35}).ok());

    CHECK(log->range(one) == range(36, 40));
    CHECK(log->read(one, log_index{35}, 0).error().code == errc::not_found);
    CHECK(log->read(one, log_index{36}, 1'000).value().size() == 5);
    CHECK(log->bytes() < full / 2);
    CHECK(log->release(one, log_index{10}).ok());
    CHECK(log->range(one) == range(36, 40));
    log.reset();
    CHECK(opened(files, {.segment_bytes = 1'024})->range(one) == range(36, 40));
  }

  TEST_CASE("the stragglers of a quiet group move forward with their markers") {
    faulty_files files{1};
    const log_options small{.segment_bytes = 4'096};
    auto log = opened(files, small);
    fill(*log, two, 1, 3, 10);
    REQUIRE(log->release(two, log_index{1}).ok());
    fill(*log, one, 1, 200);

    REQUIRE(log->release(one, log_index{200}).ok());

    CHECK(log->bytes() < 3 * 4'096);
    for (int start = 0; start < 2; ++start) {
      CHECK(log->range(two) == range(2, 3));
      const auto kept = log->read(two, log_index{2}, 1'000);
      REQUIRE(kept.ok());
      CHECK(kept->size() == 2);
      CHECK(kept->front() == entry(two, 2, std::string(10, 'c')));
      CHECK(log->range(one) == range(201, 200));
      log.reset();
      log = opened(files, small);
    }
    fill(*log, two, 4, 4);
    fill(*log, one, 201, 201);
  }

  TEST_CASE("a release beyond the end restarts the group after it") {
    faulty_files files{1};
    auto log = opened(files);
    fill(*log, one, 1, 3);

    REQUIRE(log->release(one, log_index{10}).ok());
    REQUIRE(log->release(two, log_index{5}).ok());
    fill(*log, one, 11, 12);

    log.reset();
    log = opened(files);
    CHECK(log->range(one) == range(11, 12));
    CHECK(log->range(two) == range(6, 5));
  }

  TEST_CASE("a forgotten group is gone for good and may begin again") {
    faulty_files files{1};
    auto log = opened(files, {.segment_bytes = 1'024});
    fill(*log, one, 1, 30);
    fill(*log, two, 1, 1);

    REQUIRE(log->forget(one).ok());
    CHECK(log->forget(group_id{77}).ok());
    CHECK(log->range(one) == log_range{});
    fill(*log, one, 1, 2);

    log.reset();
    log = opened(files, {.segment_bytes = 1'024});
    CHECK(log->range(one) == range(1, 2));
    CHECK(log->range(two) == range(1, 1));
  }

  TEST_CASE("with fsync always, appended means durable; else it takes a sync") {
    for (const auto policy : {fsync_policy::always, fsync_policy::interval, fsync_policy::never}) {
      faulty_files files{1};
      auto log = opened(files, {.fsync = policy});
      fill(*log, one, 1, 3);
      if (policy == fsync_policy::interval)
        REQUIRE(log->sync().ok());
      fill(*log, one, 4, 4);

      files.power_cut(torn_tail::nothing);

      const std::uint64_t left = policy == fsync_policy::always     ? 4
                                 : policy == fsync_policy::interval ? 3
                                                                    : 0;
      CHECK(opened(files)->range(one) == range(1, left));
    }
  }

  TEST_CASE("an error closes the log for writing, reading goes on, nothing acknowledged is lost") {
    for (const auto what : {file_operation::append, file_operation::sync})
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        faulty_files files{seed};
        auto log = opened(files);
        fill(*log, one, 1, 3);
        files.fail(what, 1, errc::io_error);

        const auto fourth = entry(one, 4);
        CHECK(log->append({&fourth, 1}).code == errc::io_error);

        CHECK(log->append({&fourth, 1}).code == errc::closed);
        CHECK(log->sync().code == errc::closed);
        CHECK(log->release(one, log_index{1}).code == errc::closed);
        CHECK(log->forget(one).code == errc::closed);
        CHECK(log->range(one) == range(1, 3));
        CHECK(log->read(one, log_index{1}, 1'000).value().size() == 3);
        files.power_cut();
        const auto after = opened(files)->range(one);
        CHECK(after.first == log_index{1});
        CHECK(after.last >= log_index{3});
        CHECK(after.last <= log_index{4});
      }
  }

  TEST_CASE("a torn tail is cut, named and counted once") {
    faulty_files files{1};
    {
      auto log = opened(files);
      fill(*log, one, 1, 3);
      const std::vector<log_record> batch{entry(one, 4), entry(one, 5), entry(two, 1)};
      REQUIRE(log->append(batch).ok());
    }
    const std::string path = "log/log-0000000000000001.log";
    REQUIRE(files.truncate(path, files.size(path).value() - 40).ok());

    auto log = opened(files);

    CHECK(log->range(one) == range(1, 3));
    CHECK(log->range(two) == log_range{});
    CHECK(log->recovery().records_lost == 3);
    CHECK(log->recovery().lost == std::map<group_id, std::uint64_t>{{one, 1}});
    REQUIRE(log->recovery().notes.size() == 1);
    CHECK(log->recovery().notes[0].starts_with(path + ": torn tail: cut 109 bytes at offset "));
    CHECK(log->recovery().notes[0].ends_with("are lost (of those, group 1 had 1)"));
    fill(*log, one, 4, 6);
    log.reset();
    log = opened(files);
    CHECK(log->recovery().notes.empty());
    CHECK(log->range(one) == range(1, 6));
  }

  TEST_CASE("damage before a batch that knew it synced is refused; an unsynced batch is cut") {
    const std::string path = "log/log-0000000000000001.log";
    for (const auto policy : {fsync_policy::always, fsync_policy::interval})
      for (std::uint64_t at = 24; at < 24 + 2 * 71; ++at) { // the first two of three batches
        CAPTURE(at);
        faulty_files files{1};
        fill(*opened(files, {.fsync = policy}), one, 1, 3, 7);
        REQUIRE(files.flip_byte(path, at));

        const auto log = log_file::open(files, "log", {});

        if (policy == fsync_policy::interval) {
          REQUIRE(log.ok());
          CHECK((*log)->range(one).last < log_index{3});
          CHECK((*log)->recovery().records_lost + (*log)->range(one).last.value == 3);
        } else {
          REQUIRE_FALSE(log.ok());
          CHECK(log.error().code == errc::corrupted);
          CHECK(log.error().detail.starts_with(path + ": offset "));
        }
      }
  }

  TEST_CASE("another format version is refused as such") {
    const std::string path = "log/log-0000000000000001.log";
    faulty_files files{1};
    (void)opened(files);
    auto header = log_format::segment_header(1);
    REQUIRE(log_format::check_segment_header(header, 1).ok());
    CHECK(log_format::check_segment_header(header, 2).error().code == errc::corrupted);

    REQUIRE(files.truncate(path, 0).ok());
    auto file = files.open_append(path);
    REQUIRE((*file)->append(testing::golden("log-header-version-4.bin")).ok());
    const auto refused = log_file::open(files, "log", {});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error()
          == status{errc::wrong_version,
                    path + ": format version 4, this program reads version 3"});
  }

  TEST_CASE("the files are those of the third format") {
    faulty_files files{1};
    {
      auto log = opened(files);
      const std::vector<log_record> batch{entry(one, 1, "first"), entry(two, 1, "")};
      REQUIRE(log->append(batch).ok());
      REQUIRE(log->release(one, log_index{1}).ok());
      REQUIRE(log->forget(two).ok());
    }

    CHECK(testing::golden("log-header-version-3.bin") == log_format::segment_header(1));
    CHECK(testing::is_golden("log-segment-3.bin",
                             file_bytes(files, "log/log-0000000000000001.log")));
    CHECK(testing::is_golden("log-manifest.bin", file_bytes(files, "log/segments")));
    CHECK(testing::is_golden("log-manifest-three.bin",
                             log_format::encode_manifest({7, {64u << 20, 1'000}})));
  }

  TEST_CASE("a log of an older format opens, and goes on in a segment of its own") {
    for (const auto* older : {"log-segment.bin", "log-segment-2.bin"}) {
      faulty_files files{1};
      REQUIRE(files.create_directories("log").ok());
      write_file(files, "log/log-0000000000000001.log", testing::golden(older));
      write_file(files, "log/segments", testing::golden("log-manifest.bin"));

      auto log = opened(files);

      CHECK(log->range(one) == range(2, 1));
      CHECK(log->range(two) == log_range{});
      fill(*log, one, 2, 3);
      log.reset();
      CHECK(opened(files)->range(one) == range(2, 3));
      CHECK(file_bytes(files, "log/log-0000000000000001.log") == testing::golden(older));
    }
  }

  TEST_CASE("the first format kept a part of a torn batch, the second leaves no such thing") {
    // A batch of three that lost its last record, and the empty one that followed the cut.
    log_format::batch_builder three;
    for (std::uint64_t index = 1; index <= 3; ++index)
      three.add({log_format::record_kind::entry, 1, index, 1, "kept"});
    const auto batches = std::string(three.finish(1, 0).substr(0, 32 + 2 * 36))
                         + std::string(log_format::batch_builder{}.finish(2, 1));
    for (const auto* header : {"log-header-version-1.bin", "log-header-version-2.bin"}) {
      faulty_files files{1};
      REQUIRE(files.create_directories("log").ok());
      write_file(files, "log/log-0000000000000001.log", testing::golden(header) + batches);
      write_file(files, "log/segments", testing::golden("log-manifest.bin"));

      const auto log = log_file::open(files, "log", {});

      CHECK(log.ok() == (testing::golden(header)[8] == 1));
      if (log.ok())
        CHECK((*log)->range(one) == range(1, 2));
      else
        CHECK(log.error().code == errc::corrupted);
    }
  }
}
