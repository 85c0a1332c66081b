#include "core/storage/log_batch.hpp"

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_file.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id one{1};
constexpr group_id two{2};

log_record entry(group_id group, std::uint64_t index, std::string payload = "payload") {
  return {group, log_index{index}, term{1}, std::move(payload)};
}

struct empty_log {
  faulty_files files{1};
  std::unique_ptr<log_file> log = std::move(*log_file::open(files, "log", {}));
  log_batch batch{*log, 10};
};

} // namespace

TEST_SUITE("core.storage.log_batch") {
  TEST_CASE_FIXTURE(empty_log, "what several ask goes into one batch, in order") {
    CHECK(batch.add({entry(one, 1), entry(two, 1)}).ok());
    CHECK(batch.add({entry(one, 2)}).ok());
    CHECK(batch.concerns(one));
    CHECK_FALSE(batch.concerns(group_id{3}));

    const auto all = batch.take();

    CHECK(all == std::vector<log_record>{entry(one, 1), entry(two, 1), entry(one, 2)});
    CHECK(batch.empty());
    CHECK_FALSE(batch.concerns(one));
    REQUIRE(log->append(all).ok());
    CHECK(batch.add({entry(one, 3)}).ok());
  }

  TEST_CASE_FIXTURE(empty_log, "whoever asks for too large an entry is refused alone") {
    REQUIRE(batch.add({entry(one, 1)}).ok());

    CHECK(batch.add({entry(two, 1), entry(two, 2, "eleven bytes")}).code == errc::too_large);

    CHECK(batch.add({entry(one, 2)}).ok());
    CHECK(batch.add({entry(two, 1)}).ok()); // Nothing of what was refused is in.
    CHECK(log->append(batch.take()).ok());
    CHECK(log->range(one).last == log_index{2});
    CHECK(log->range(two).last == log_index{1});
  }

  TEST_CASE_FIXTURE(empty_log, "what comes after a refused entry is refused as well") {
    REQUIRE(batch.add({entry(one, 1, "eleven bytes")}).code == errc::too_large);

    CHECK(batch.add({entry(one, 2)}) == status{errc::unavailable,
                                               "entry 2 of group 1 does not follow entry 0"});
    CHECK(batch.add({entry(one, 1), entry(one, 3)}).code == errc::unavailable);
    CHECK(batch.add({entry(one, 1)}).ok());
  }

  TEST_CASE_FIXTURE(empty_log, "a batch is full when more of it would save nothing") {
    log_batch large{*log, 1u << 30};
    REQUIRE(large.add({entry(one, 1, std::string(32u << 20, 'x'))}).ok());
    CHECK_FALSE(large.full());
    REQUIRE(large.add({entry(one, 2, std::string(32u << 20, 'x'))}).ok());

    CHECK(large.full());
  }
}
