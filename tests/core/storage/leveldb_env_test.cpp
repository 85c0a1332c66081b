#include "core/storage/leveldb_env.hpp"

#include "core/storage/open_files.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/thread_lane.hpp"

#include <doctest/doctest.h>
#include <leveldb/env.h>
#include <leveldb/slice.h>
#include <leveldb/status.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

using namespace grape;
using namespace grape::storage;

namespace {

std::uint64_t open_now() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::uint64_t>(std::distance(begin(all), end(all)));
}

leveldb::Status read(const leveldb::RandomAccessFile& from, std::string& to) {
  char room[3] = {};
  leveldb::Slice got;
  auto done = from.Read(2, sizeof room, &got, room);
  to = got.ToString();
  return done;
}

} // namespace

TEST_SUITE("core.storage.leveldb_env") {
  TEST_CASE("tables do not take all that a process may open, stay readable, and are never absent") {
    const auto limit = open_files_max();
    if (limit == 0 || limit > 100'000)
      return; // So many would take too long.
    const testing::temporary_directory folder;
    auto& files = posix_file_system();
    removals gone{files};
    const auto env = make_leveldb_env(files, std::make_shared<testing::thread_lane>(), gone);
    const auto path = folder.path() + "/000001.ldb";
    REQUIRE((*files.open_append(path))->append("abcdef").ok());

    const auto before = open_now();
    std::vector<std::unique_ptr<leveldb::RandomAccessFile>> many;
    for (std::uint64_t i = 0; i < kept_files_max(limit) + 50; ++i) {
      leveldb::RandomAccessFile* file = nullptr;
      REQUIRE(env->NewRandomAccessFile(path, &file).ok());
      many.emplace_back(file);
    }

    CHECK(open_now() <= before + kept_files_max(limit));
    std::string got;
    CHECK(read(*many.back(), got).ok());
    CHECK(got == "cde");
    REQUIRE(files.remove(path).ok());
    CHECK(read(*many.front(), got).ok());
    CHECK(got == "cde");
    CHECK(read(*many.back(), got).IsCorruption());
  }
}
