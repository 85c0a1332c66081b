// Zeros ahead of small batches: what they may not change, and where they are not written.

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_file.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id one{1};
constexpr const char* path = "log/log-0000000000000001.log";
constexpr log_options with_zeros{.ahead_bytes = 16u << 10};

log_record entry(std::uint64_t index, std::size_t bytes = 100) {
  return {one, log_index{index}, term{1}, std::string(bytes, static_cast<char>('a' + index % 26))};
}

log_range range(std::uint64_t first, std::uint64_t last) {
  return {log_index{first}, log_index{last}};
}

std::unique_ptr<log_file> opened(file_system& files, log_options options = with_zeros) {
  auto log = log_file::open(files, "log", options);
  REQUIRE_MESSAGE(log.ok(), log.error().detail);
  return std::move(*log);
}

/// Appends entries `from` .. `to`, each in its own batch.
void fill(log_file& log, std::uint64_t from, std::uint64_t to) {
  for (auto index = from; index <= to; ++index) {
    const auto record = entry(index);
    REQUIRE(log.append({&record, 1}).ok());
  }
}

} // namespace

TEST_SUITE("core.storage.log_zeros") {
  TEST_CASE("zeros behind the end are room for what comes, and no damage") {
    faulty_files files{1};
    auto log = opened(files);
    fill(*log, 1, 1);
    const auto size = files.size(path).value();
    REQUIRE(size > 16u << 10);

    fill(*log, 2, 9);
    CHECK(files.size(path).value() == size);
    files.power_cut(torn_tail::nothing);
    log = opened(files);

    CHECK(log->recovery().notes.empty());
    CHECK(log->range(one) == range(1, 9));
    CHECK(log->bytes() == files.size(path).value()); // The zeros went.
    fill(*log, 10, 10);
    CHECK(files.size(path).value() > 16u << 10);
    log.reset();
    CHECK(opened(files)->range(one) == range(1, 10));
  }

  TEST_CASE("zeros are written only ahead of small batches, and no further than a segment goes") {
    faulty_files files{1};
    auto log = opened(files, {.segment_bytes = 4'096, .ahead_bytes = 16u << 10});
    const auto large = entry(1, 2'000);
    REQUIRE(log->append({&large, 1}).ok());
    CHECK(files.size(path).value() == log->bytes());

    fill(*log, 2, 2);
    CHECK(files.size(path).value() == 4'096);
    fill(*log, 3, 40);

    CHECK(files.exists("log/log-0000000000000002.log"));
    CHECK(files.size(path).value() < 4'096); // Nothing is behind the end of a whole segment.
    files.power_cut(torn_tail::nothing);
    CHECK(opened(files)->range(one) == range(1, 40));
  }

  TEST_CASE("zeros leave the last room of a disk to what must be written") {
    faulty_files files{1};
    auto log = opened(files);
    files.limit_bytes(2'000'000);
    fill(*log, 1, 3);
    CHECK(files.size(path).value() > 16u << 10);

    faulty_files small{1};
    log = opened(small);
    small.limit_bytes(1'000'000); // Less than 64 times what would be written ahead.
    fill(*log, 1, 3);
    CHECK(small.size(path).value() == log->bytes());
  }

  TEST_CASE("zeros that find no room after all cost nothing but themselves") {
    faulty_files files{1};
    auto log = opened(files);
    files.fail(file_operation::append, 2, errc::no_space);
    fill(*log, 1, 5);

    files.power_cut(torn_tail::nothing);
    CHECK(opened(files)->range(one) == range(1, 5));

    log = opened(files);
    files.fail(file_operation::append, 2, errc::io_error);
    const auto sixth = entry(6);
    CHECK(log->append({&sixth, 1}).code == errc::io_error);
    CHECK(log->append({&sixth, 1}).code == errc::closed);
  }

  TEST_CASE("a byte flipped behind the end is no reason to refuse, and no entry is lost") {
    for (std::uint64_t at = 200; at < 16u << 10; at += 97) {
      CAPTURE(at);
      faulty_files files{1};
      fill(*opened(files), 1, 1);
      REQUIRE(files.flip_byte(path, at));

      const auto log = opened(files);

      CHECK(log->range(one) == range(1, 1));
    }
  }

  TEST_CASE("an entry damaged before zeros is a torn tail only while nothing calls it synced") {
    faulty_files files{1};
    fill(*opened(files), 1, 3);
    REQUIRE(files.flip_byte(path, 24 + 164 + 70)); // In the second of three batches.

    const auto refused = log_file::open(files, "log", with_zeros);

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::corrupted);
  }
}
