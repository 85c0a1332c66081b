#include "core/storage/leveldb_store.hpp"

#include "core/storage/faulty_files.hpp"
#include "tests/support/thread_lane.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

using namespace grape;
using namespace grape::storage;

namespace {

using twin = std::map<std::string, std::string>;

leveldb_options small_buffers() {
  leveldb_options options;
  options.lane = std::make_shared<testing::thread_lane>();
  options.write_buffer_bytes = 64 << 10;
  return options;
}

/// Everything in the store, or why it cannot be read.
outcome<twin> contents(const store& from) {
  twin out;
  const auto at = from.scan("");
  for (; at->valid(); at->next())
    out.emplace(at->key(), at->value());
  if (auto ended = at->error(); !ended.ok())
    return ended;
  return out;
}

/// The number of the last commit lies under "last", so that it tells which state this is.
void random_commit(std::mt19937_64& random, std::uint64_t number, write_batch& batch, twin& state) {
  for (auto left = 1 + random() % 8; left > 0; --left) {
    const auto key = "k" + std::to_string(random() % 300);
    if (random() % 4 == 0) {
      batch.erase(key);
      state.erase(key);
      continue;
    }
    std::string value(random() % 3 == 0 ? random() % 9'000 : random() % 100, '\0');
    for (auto& c : value)
      c = static_cast<char>(random());
    batch.put(key, value);
    state[key] = value;
  }
  batch.put("last", std::to_string(number));
  state["last"] = std::to_string(number);
}

/// A store that lives through power cuts, with all the states that it may be found in.
class torn_life {
public:
  explicit torn_life(std::uint64_t seed) : random_(seed), files_(seed), states_{twin{}} {
  }

  /// Commits until the power goes off, then reopens and compares. The next life goes on from there.
  void live(torn_tail left) {
    std::uint64_t surely = 0; // Of states_: what must survive at least.
    files_.power_off_after(random_() % 400);
    if (auto opened = open_leveldb(files_, "points", small_buffers()); opened.ok()) {
      surely = commit_until_off(**opened);
    }
    files_.power_cut(left);

    auto opened = open_leveldb(files_, "points", small_buffers());
    REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
    auto found = contents(**opened);
    REQUIRE_MESSAGE(found.ok(), to_string(found.error()));
    const auto last = found->contains("last") ? std::stoull(found->at("last")) : first_;
    CHECK(last >= first_ + surely);
    REQUIRE(last - first_ < states_.size());
    REQUIRE(*found == states_[last - first_]);
    first_ = last;
    states_.assign(1, std::move(*found));
  }

private:
  std::uint64_t commit_until_off(store& to) {
    std::uint64_t surely = 0;
    for (int i = 0; i < 400; ++i) {
      write_batch batch;
      auto next = states_.back();
      random_commit(random_, first_ + states_.size(), batch, next);
      const auto wanted = random_() % 10 == 0 ? durability::synced : durability::buffered;
      states_.push_back(std::move(next)); // A failed commit may survive all the same.
      if (!to.commit(batch, wanted).ok())
        return surely;
      if (wanted == durability::synced || (random_() % 50 == 0 && to.flush().ok()))
        surely = states_.size() - 1;
    }
    return surely;
  }

  std::mt19937_64 random_;
  faulty_files files_;
  std::uint64_t first_ = 0;  // The number of the first of states_.
  std::vector<twin> states_; // After each commit of this life; [0]: as found.
};

std::vector<std::string> files_of(faulty_files& files, const std::string& directory) {
  auto names = files.list(directory);
  REQUIRE(names.ok());
  return *names;
}

/// Writes a LevelDB with tables and a log that is still needed; the same for the same seed.
twin write_some(faulty_files& files, std::uint64_t seed, int commits) {
  std::mt19937_64 random{seed};
  twin state;
  const auto opened = open_leveldb(files, "points", small_buffers());
  REQUIRE(opened.ok());
  for (int i = 0; i < commits; ++i) {
    write_batch batch;
    random_commit(random, static_cast<std::uint64_t>(i), batch, state);
    REQUIRE((*opened)->commit(batch, durability::synced).ok());
  }
  return state;
}

} // namespace

TEST_SUITE("core.storage.leveldb_faults") {
  TEST_CASE("after a power cut a LevelDB is as some commit left it, at least the last synced one") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      torn_life life{seed};
      for (const auto left : {torn_tail::prefix, torn_tail::nothing, torn_tail::prefix,
                              torn_tail::holes, torn_tail::holes})
        life.live(left);
    }
  }

  TEST_CASE("a flipped byte is refused as corrupted or does not matter; it never changes a value") {
    std::mt19937_64 random{7};
    int refused = 0;
    int unharmed = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
      CAPTURE(seed);
      faulty_files files{seed};
      const auto expected = write_some(files, seed, seed % 2 == 0 ? 20 : 150);
      const auto names = files_of(files, "points");
      const auto name = "points/" + names[random() % names.size()];
      const auto size = files.size(name);
      REQUIRE(size.ok());
      if (*size == 0)
        continue;
      // Half of the flips hit the ends, where headers, footers and lengths lie.
      const auto offset = random() % 2 == 0    ? random() % *size
                          : random() % 2 == 0 ? random() % std::min<std::uint64_t>(*size, 64)
                                              : *size - 1 - random() % std::min<std::uint64_t>(
                                                  *size, 64);
      const auto mask = static_cast<std::uint8_t>(1 + random() % 255);
      CAPTURE(name);
      CAPTURE(offset);
      REQUIRE(files.flip_byte(name, offset, mask));

      const auto opened = open_leveldb(files, "points", small_buffers());
      const auto found = opened ? contents(**opened) : outcome<twin>{opened.error()};

      if (found) {
        CHECK(*found == expected);
        ++unharmed;
      } else {
        CHECK(found.error().code == errc::corrupted);
        CHECK(found.error().detail.find("points") != std::string::npos);
        ++refused;
      }
    }
    CHECK(refused > 40);
    CHECK(refused + unharmed > 100); // Unharmed: obsolete files, unused bytes.
  }

  // LevelDB by itself takes a record whose length was flipped for the victim of a power cut, and
  // silently drops it with everything after it.
  // rule 37
  TEST_CASE("no flipped byte in a log, a manifest or CURRENT makes commits vanish") {
    for (const std::string kind : {".log", "MANIFEST-", "CURRENT"}) {
      std::uint64_t size = 1;
      for (std::uint64_t offset = 0; offset < size; ++offset) {
        faulty_files files{5};
        write_batch batch;
        batch.put("a", "1");
        for (const auto* value : {"1", "2"}) { // The second life has a manifest of several records.
          const auto opened = open_leveldb(files, "points", small_buffers());
          REQUIRE(opened.ok());
          batch.put("b", value);
          REQUIRE((*opened)->commit(batch, durability::synced).ok());
          REQUIRE((*opened)->commit(batch, durability::synced).ok());
        }
        const auto names = files_of(files, "points");
        const auto name = std::find_if(names.rbegin(), names.rend(), [&](const auto& each) {
          return each.find(kind) != std::string::npos;
        });
        REQUIRE(name != names.rend());
        size = *files.size("points/" + *name);
        CAPTURE(*name);
        CAPTURE(offset);
        REQUIRE(files.flip_byte("points/" + *name, offset,
                                static_cast<std::uint8_t>(1u << offset % 8)));

        const auto opened = open_leveldb(files, "points", small_buffers());
        const auto found = opened ? contents(**opened) : outcome<twin>{opened.error()};

        REQUIRE_FALSE(found.ok());
        CHECK(found.error().code == errc::corrupted);
      }
      CHECK(size > 10);
    }
  }

  TEST_CASE("a lost file is refused as corrupted, never taken for an empty store") {
    for (const std::string kind : {"CURRENT", "MANIFEST-", ".ldb"}) {
      CAPTURE(kind);
      faulty_files files{3};
      const auto expected = write_some(files, 3, 150);
      for (const auto& name : files_of(files, "points"))
        if (name.find(kind) != std::string::npos) {
          REQUIRE(files.remove("points/" + name).ok());
          break;
        }

      const auto opened = open_leveldb(files, "points", small_buffers());
      const auto found = opened ? contents(**opened) : outcome<twin>{opened.error()};

      REQUIRE_FALSE(found.ok());
      CHECK(found.error().code == errc::corrupted);
    }
  }

  TEST_CASE("whatever single write or sync fails, a reopened LevelDB is as some commit left it") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      faulty_files files{seed};
      std::vector<twin> states{twin{}};
      std::size_t surely = 0;
      {
        const auto opened = open_leveldb(files, "points", small_buffers());
        REQUIRE(opened.ok());
        constexpr file_operation kinds[] = {file_operation::append, file_operation::sync,
                                            file_operation::sync_directory,
                                            file_operation::create};
        const auto kind = kinds[seed % 4];
        files.fail(kind, 1 + random() % (kind == file_operation::append ? 200 : 10),
                   errc::io_error);
        for (int i = 0; i < 200; ++i) {
          write_batch batch;
          auto next = states.back();
          random_commit(random, states.size(), batch, next);
          states.push_back(std::move(next));
          if (!(*opened)->commit(batch, durability::synced).ok())
            break;
          surely = states.size() - 1;
        }
      }
      files.power_cut(torn_tail::nothing);

      const auto opened = open_leveldb(files, "points", small_buffers());
      REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
      const auto found = contents(**opened);
      REQUIRE_MESSAGE(found.ok(), to_string(found.error()));
      const auto last = found->contains("last") ? std::stoull(found->at("last")) : 0;
      CHECK(last >= surely);
      REQUIRE(last < states.size());
      CHECK(*found == states[last]);
    }
  }
}
