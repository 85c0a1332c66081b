#include "core/storage/faulty_files.hpp"
#include "core/storage/leveldb_store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/thread_lane.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

using namespace grape;
using namespace grape::storage;

namespace {

std::shared_ptr<store> opened(file_system& files, const std::string& path) {
  leveldb_options options;
  options.lane = std::make_shared<testing::thread_lane>();
  options.write_buffer_bytes = 64 << 10; // The least there is: tables come and go.
  auto done = open_leveldb(files, path, options);
  REQUIRE_MESSAGE(done.ok(), to_string(done.error()));
  return *done;
}

/// Commit number `n`: the number under two keys far apart, and some bytes that fill tables.
write_batch numbered(std::uint64_t n, std::mt19937_64& random) {
  write_batch batch;
  batch.put("a", std::to_string(n));
  std::string filler(512, '\0');
  for (auto& c : filler)
    c = static_cast<char>(random());
  batch.put("m" + std::to_string(n % 200), filler);
  batch.put("z", std::to_string(n));
  return batch;
}

std::uint64_t number_under(const store& from, const std::string& key) {
  const auto got = from.get(key);
  REQUIRE_MESSAGE(got.ok(), to_string(got.error()));
  return *got ? std::stoull(**got) : 0;
}

} // namespace

TEST_SUITE("core.storage.store_copy") {
  TEST_CASE("a copy that is made while others commit is a state of that time, each commit whole") {
    const testing::temporary_directory folder;
    auto& files = posix_file_system();
    const auto from = opened(files, folder.path() + "/points");
    std::atomic<std::uint64_t> committed{0};
    std::atomic<bool> stop{false};
    std::thread writer([&] {
      std::mt19937_64 random(7);
      while (!stop && from->commit(numbered(committed + 1, random), durability::buffered).ok())
        ++committed;
    });
    for (int i = 0; i < 30; ++i) {
      const auto seen = committed.load();
      while (committed < seen + 40)
        std::this_thread::yield();
      const auto before = committed.load();
      const auto path = folder.path() + "/copy-" + std::to_string(i);
      const auto made = from->copy_to(path);
      const auto after = committed.load();
      REQUIRE_MESSAGE(made.ok(), to_string(made));

      const auto copy = opened(files, path);
      CHECK(number_under(*copy, "a") == number_under(*copy, "z"));
      CHECK(number_under(*copy, "a") >= before);
      CHECK(number_under(*copy, "a") <= after + 1);
      CHECK(from->copy_to(path).code == errc::already_exists);
    }
    stop = true;
    writer.join();
    CHECK(number_under(*from, "z") == committed);
  }

  TEST_CASE("tables are shared with the copy, and each of the two goes its own way") {
    const testing::temporary_directory folder;
    auto& files = posix_file_system();
    std::mt19937_64 random(3);
    const auto from = opened(files, folder.path() + "/points");
    for (std::uint64_t n = 1; n <= 400; ++n)
      REQUIRE(from->commit(numbered(n, random), durability::buffered).ok());
    REQUIRE(from->compact().ok());
    REQUIRE(from->copy_to(folder.path() + "/copy").ok());
    std::size_t shared = 0;
    for (const auto& each : std::filesystem::directory_iterator(folder.path() + "/copy"))
      shared += std::filesystem::hard_link_count(each) > 1 ? 1 : 0;
    CHECK(shared > 0);

    const auto copy = opened(files, folder.path() + "/copy");
    write_batch other;
    other.put("a", "7");
    REQUIRE(copy->commit(other, durability::synced).ok());
    REQUIRE(copy->compact().ok());
    for (std::uint64_t n = 401; n <= 600; ++n)
      REQUIRE(from->commit(numbered(n, random), durability::buffered).ok());
    REQUIRE(from->compact().ok());

    CHECK(number_under(*from, "a") == 600);
    CHECK(number_under(*copy, "a") == 7);
    CHECK(number_under(*copy, "z") == 400);
  }

  TEST_CASE("a copy survives a power cut") {
    faulty_files files{11};
    std::mt19937_64 random(5);
    {
      const auto from = opened(files, "points");
      for (std::uint64_t n = 1; n <= 300; ++n)
        REQUIRE(from->commit(numbered(n, random), durability::buffered).ok());
      REQUIRE(from->copy_to("copy").ok());
      files.power_cut(torn_tail::nothing);
    }
    const auto copy = opened(files, "copy");
    CHECK(number_under(*copy, "a") == 300);
    CHECK(number_under(*copy, "z") == 300);
  }
}
