#include "core/storage/store.hpp"

#include "core/storage/faulty_files.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/memory_store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/thread_lane.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>

using namespace grape;
using namespace grape::storage;

namespace {

using twin = std::map<std::string, std::string>;

/// Each kind of store, opened the way the test needs it.
struct memory_kind {
  std::shared_ptr<store> opened = make_memory_store();
};

struct leveldb_kind {
  leveldb_kind() {
    leveldb_options options;
    options.lane = std::make_shared<testing::thread_lane>();
    options.write_buffer_bytes = 64 << 10; // The least there is: the test shall reach the tables.
    auto done = open_leveldb(files, "points", options);
    REQUIRE_MESSAGE(done.ok(), to_string(done.error()));
    opened = std::move(*done);
  }

  faulty_files files{1};
  std::shared_ptr<store> opened;
};

void put(store& to, const std::string& key, const std::string& value) {
  write_batch batch;
  batch.put(key, value);
  REQUIRE(to.commit(batch, durability::buffered).ok());
}

std::optional<std::string> get(const store& from, const std::string& key,
                               const store_snapshot* at = nullptr) {
  auto got = from.get(key, at);
  REQUIRE_MESSAGE(got.ok(), to_string(got.error()));
  return *got;
}

twin contents(const store& from, const std::string& start = "",
              const store_snapshot* at = nullptr) {
  twin out;
  std::string before;
  for (const auto at_key = from.scan(start, at);; at_key->next()) {
    if (!at_key->valid()) {
      REQUIRE(at_key->error().ok());
      return out;
    }
    const std::string key{at_key->key()};
    REQUIRE((out.empty() || before < key));
    before = key;
    out.emplace(key, at_key->value());
  }
}

std::string random_key(std::mt19937_64& random) {
  return std::string(1 + random() % 2, static_cast<char>(random() % 256))
         + std::to_string(random() % 50);
}

} // namespace

TEST_SUITE("core.storage.store") {
  TEST_CASE("few stores of a node keep more in memory than many, none less than the least") {
    std::size_t before = SIZE_MAX;
    for (std::size_t stores = 0; stores <= 1'000; ++stores) {
      const auto each = write_buffer_for(1'000, stores);
      CHECK(each <= before);
      CHECK(each >= 1'000);
      CHECK(each * stores <= std::max<std::size_t>(16'000, stores * 1'000));
      before = each;
    }
    CHECK(write_buffer_for(1'000, 1) == 4'000);
    CHECK(write_buffer_for(1'000, 4) == 4'000);
    CHECK(write_buffer_for(1'000, 8) == 2'000);
    CHECK(write_buffer_for(1'000, 16) == 1'000);
  }

  TEST_CASE_TEMPLATE("the last change of a key wins, within a batch and across", kind, memory_kind,
                     leveldb_kind) {
    kind given;
    write_batch batch;
    batch.put("a", "1");
    batch.put("a", "2");
    batch.put("b", "1");
    batch.erase("b");
    batch.erase("c");
    batch.put("c", "3");
    batch.put("empty", "");
    REQUIRE(given.opened->commit(batch, durability::synced).ok());

    CHECK(contents(*given.opened) == twin{{"a", "2"}, {"c", "3"}, {"empty", ""}});
    CHECK(get(*given.opened, "empty") == std::string{});
    CHECK(get(*given.opened, "b") == std::nullopt);

    batch.clear();
    batch.erase("a");
    REQUIRE(given.opened->commit(batch, durability::buffered).ok());
    CHECK(contents(*given.opened) == twin{{"c", "3"}, {"empty", ""}});
  }

  TEST_CASE_TEMPLATE("a store, its snapshots and its cursors agree with a map", kind, memory_kind,
                     leveldb_kind) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      kind given;
      twin expected;
      std::vector<std::pair<std::shared_ptr<const store_snapshot>, twin>> moments;
      for (int round = 0; round < 300; ++round) {
        write_batch batch;
        for (auto left = random() % 30; left > 0; --left) {
          const auto key = random_key(random);
          if (random() % 3 == 0) {
            batch.erase(key);
            expected.erase(key);
          } else {
            const std::string value(random() % 200, static_cast<char>('a' + random() % 26));
            batch.put(key, value);
            expected[key] = value;
          }
        }
        REQUIRE(given.opened->commit(batch, durability::buffered).ok());
        if (random() % 20 == 0)
          moments.emplace_back(given.opened->snapshot(), expected);
        if (random() % 30 == 0 && !moments.empty())
          moments.erase(moments.begin()
                        + static_cast<std::ptrdiff_t>(random() % moments.size()));
        if (random() % 100 == 0)
          REQUIRE(given.opened->compact().ok());

        const auto key = random_key(random);
        const auto found = expected.find(key);
        CHECK(get(*given.opened, key)
              == (found == expected.end() ? std::nullopt : std::optional{found->second}));
      }

      CHECK(contents(*given.opened) == expected);
      const auto start = random_key(random);
      CHECK(contents(*given.opened, start)
            == twin(expected.lower_bound(start), expected.end()));
      REQUIRE_FALSE(moments.empty());
      for (const auto& [at, then] : moments) {
        CHECK(contents(*given.opened, "", at.get()) == then);
        for (const auto& [k, value] : then)
          CHECK(get(*given.opened, k, at.get()) == value);
      }
    }
  }

  TEST_CASE_TEMPLATE("a cursor does not see what comes after it", kind, memory_kind,
                     leveldb_kind) {
    kind given;
    put(*given.opened, "a", "1");
    put(*given.opened, "b", "1");
    const auto at = given.opened->scan("", nullptr);

    put(*given.opened, "b", "2");
    put(*given.opened, "c", "2");

    REQUIRE(at->valid());
    at->next();
    REQUIRE(at->valid());
    CHECK(at->value() == "1");
    at->next();
    CHECK_FALSE(at->valid());
    CHECK(at->error().ok());
  }

  TEST_CASE_TEMPLATE("snapshots and cursors may outlive the store", kind, memory_kind,
                     leveldb_kind) {
    kind given;
    put(*given.opened, "a", "1");
    const auto at = given.opened->snapshot();
    const auto walk = given.opened->scan("", at.get());

    given.opened.reset();

    REQUIRE(walk->valid());
    CHECK(walk->value() == "1");
  }

  TEST_CASE("a LevelDB is opened once at a time, and again when its last reader is gone") {
    faulty_files files{1};
    leveldb_options options;
    options.lane = std::make_shared<testing::thread_lane>();
    auto first = open_leveldb(files, "points", options);
    REQUIRE(first.ok());
    put(**first, "a", "1");
    auto reader = (*first)->snapshot();
    *first = nullptr;

    const auto second = open_leveldb(files, "points", options);
    reader.reset();
    const auto third = open_leveldb(files, "points", options);

    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == errc::unavailable);
    REQUIRE(third.ok());
    CHECK(get(**third, "a") == "1");
  }

  TEST_CASE("a LevelDB on real files is there again after it was closed") {
    testing::temporary_directory home;
    leveldb_options options;
    options.lane = std::make_shared<testing::thread_lane>();
    options.write_buffer_bytes = 64 << 10;
    options.cache = std::make_shared<block_cache>(1 << 20);
    twin expected;
    for (int life = 0; life < 3; ++life) {
      auto opened = open_leveldb(posix_file_system(), home.path() + "/points", options);
      REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
      CHECK(contents(**opened) == expected);
      for (int i = 0; i < 2'000; ++i) {
        const auto key = std::to_string(i * 7919 % 5'000);
        expected[key] = std::string(100, static_cast<char>('a' + life));
        put(**opened, key, expected[key]);
      }
      CHECK(contents(**opened) == expected);
      CHECK((*opened)->stats().bytes > 10'000);
      REQUIRE((*opened)->compact().ok());
      CHECK(get(**opened, "0") == expected["0"]);
      CHECK(get(**opened, "0") == expected["0"]);
      CHECK(options.cache->bytes() > 0);
    }
    CHECK(options.cache->misses() > 0);
    CHECK(options.cache->hits() > 0);
  }

  TEST_CASE("after a failed commit a LevelDB takes no other, and says why") {
    for (const auto code : {errc::io_error, errc::no_space}) {
      faulty_files files{1};
      leveldb_options options;
      options.lane = std::make_shared<testing::thread_lane>();
      auto opened = open_leveldb(files, "points", options);
      REQUIRE(opened.ok());
      put(**opened, "a", "1");
      write_batch batch;
      batch.put("b", "2");

      files.fail(file_operation::append, 1, code);
      const auto failed = (*opened)->commit(batch, durability::synced);
      const auto next = (*opened)->commit(batch, durability::synced);

      CHECK(failed.code == code);
      CHECK(failed.detail.find("points") != std::string::npos);
      CHECK(next == failed);
      CHECK(get(**opened, "a") == "1");
    }
  }
}
