#include "core/shard/segment_files.hpp"

#include "core/storage/file_system.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace grape;
using grape::testing::temporary_directory;
using shard::segment_files;

TEST_SUITE("core.shard.segment_files") {
  TEST_CASE("every name that a vector may have gets a folder of its own") {
    temporary_directory place;
    auto& files = storage::posix_file_system();
    std::string umlauts;
    for (int i = 0; i < 100; ++i)
      umlauts += "\xC3\xA4";
    std::set<std::string> folders;
    const std::vector<std::string> names{"",     "a",     "A",           "%41",
                                         "a b",  umlauts, umlauts + "a", std::string(200, 'x'),
                                         "a\nb", "%",     "%-",          std::string(200, '%')};
    for (const auto& name : names) {
      segment_files of{files, place.path(), name};
      CHECK_MESSAGE(of.prepare().ok(), name);
      CHECK(of.present().ok());
      folders.insert(of.directory());
    }
    CHECK(folders.size() == names.size());
    CHECK(folders.contains(place.path() + "/v-"));
    CHECK(folders.contains(place.path() + "/v-a%20b")); // As it stands on disks.
  }
}
