#include "core/storage/faulty_files.hpp"
#include "core/storage/file_system.hpp"

#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace grape;
using namespace grape::storage;

namespace {

std::string content_of(file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  REQUIRE(file.ok());
  std::string bytes((*file)->size() + 10, '?');
  auto got = (*file)->read(0, bytes.size(), bytes.data());
  REQUIRE(got.ok());
  bytes.resize(*got);
  return bytes;
}

void write(file_system& files, const std::string& path, std::string_view bytes, bool synced) {
  auto file = files.open_append(path);
  REQUIRE(file.ok());
  REQUIRE((*file)->append(bytes).ok());
  if (synced)
    REQUIRE((*file)->sync().ok());
}

void appends_over_zeros(file_system& files, const std::string& path) {
  write(files, path, "ab", true);
  auto ahead = files.open_append(path);
  REQUIRE(ahead.ok());
  CHECK((*ahead)->add_zeros(4).ok());
  CHECK((*ahead)->size() == 2);
  CHECK(content_of(files, path) == std::string("ab\0\0\0\0", 6));
  CHECK((*ahead)->append("cde").ok());
  CHECK((*ahead)->sync().ok());
  CHECK((*ahead)->size() == 5);
  CHECK(content_of(files, path) == std::string("abcde\0", 6));
  CHECK((*ahead)->append("fgh").ok());
  CHECK(content_of(files, path) == "abcdefgh");
  CHECK(files.remove(path).ok());
}

/// What every file system promises, whatever it is made of.
void keeps_the_contract(file_system& files, const std::string& root) {
  const auto folder = root + "/a/b";
  const auto one = folder + "/one";
  const auto two = folder + "/two";
  REQUIRE(files.create_directories(folder).ok());
  REQUIRE(files.create_directories(folder).ok());

  write(files, one, "hello ", true);
  auto file = files.open_append(one);
  REQUIRE(file.ok());
  CHECK((*file)->size() == 6);
  CHECK((*file)->append("world").ok());
  CHECK((*file)->size() == 11);
  CHECK(content_of(files, one) == "hello world");
  CHECK(files.size(one).value() == 11);

  appends_over_zeros(files, folder + "/zeroed");

  auto reader = files.open_random(one);
  REQUIRE(reader.ok());
  char bytes[4];
  CHECK((*reader)->read(9, 4, bytes).value() == 2);
  CHECK((*reader)->read(99, 4, bytes).value() == 0);
  const auto mapped = (*reader)->map();
  CHECK((mapped.empty() || mapped == "hello world"));
  (*reader)->expect_scattered_reads();
  CHECK((mapped.empty() || mapped == "hello world"));
  CHECK((*reader)->map() == mapped);

  write(files, two, "2", false);
  CHECK(files.list(folder).value() == std::vector<std::string>{"one", "two"});
  CHECK(files.list(root + "/a").value() == std::vector<std::string>{"b"});
  CHECK(files.rename(two, one).ok());
  CHECK(content_of(files, one) == "2");
  CHECK((*reader)->read(0, 4, bytes).value() == 4); // the replaced file lives while it is open
  CHECK_FALSE(files.exists(two));
  CHECK(files.truncate(one, 0).ok());
  CHECK(content_of(files, one).empty());
  CHECK(files.sync_directory(folder).ok());

  CHECK(files.remove(one).ok());
  CHECK(files.remove(one).code == errc::not_found);
  CHECK(files.open_random(one).error().code == errc::not_found);
  CHECK(files.open_random(one).error().detail.find("a/b/one") != std::string::npos);
  CHECK(files.open_append(root + "/nowhere/x").error().code == errc::not_found);
  CHECK(files.list(root + "/nowhere").error().code == errc::not_found);
  CHECK(files.rename(one, two).code == errc::not_found);
  CHECK(files.size(one).error().code == errc::not_found);
  CHECK_FALSE(files.open_append(folder).ok());

  write(files, one, "x", false);
  CHECK(files.remove_all(root + "/a").ok());
  CHECK(files.remove_all(root + "/a").ok());
  CHECK_FALSE(files.exists(one));
  CHECK_FALSE(files.exists(folder));
}

} // namespace

TEST_SUITE("core.storage.file_system") {
  TEST_CASE("the real file system keeps the contract, and maps") {
    const testing::temporary_directory folder;
    auto& files = posix_file_system();

    keeps_the_contract(files, folder.path());

    write(files, folder.path() + "/m", "mapped", false);
    CHECK((*files.open_random(folder.path() + "/m"))->map() == "mapped");
  }

  TEST_CASE("the faulty file system without faults keeps the contract") {
    faulty_files files{1};
    REQUIRE(files.create_directories("/data").ok());
    keeps_the_contract(files, "/data");

    faulty_files relative{1};
    keeps_the_contract(relative, ".");
  }
}

TEST_SUITE("core.storage.faulty_files") {
  TEST_CASE("a power cut keeps what was synced and a prefix of the rest") {
    std::set<std::string> left;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      faulty_files files{seed};
      write(files, "f", "0123", true);
      REQUIRE(files.sync_directory(".").ok());
      write(files, "f", "4567", false);

      files.power_cut();

      const auto bytes = content_of(files, "f");
      REQUIRE(bytes.starts_with("0123"));
      REQUIRE(std::string_view("01234567").starts_with(bytes));
      left.insert(bytes);
    }
    CHECK(left.size() == 5);
  }

  TEST_CASE("with holes, sectors of the unsynced part may read as zeros") {
    bool hole_before_bytes = false;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      faulty_files files{seed};
      write(files, "f", std::string(700, 's'), true);
      REQUIRE(files.sync_directory(".").ok());
      write(files, "f", std::string(3'000, 'u'), false);

      files.power_cut(torn_tail::holes);

      const auto bytes = content_of(files, "f");
      REQUIRE(bytes.starts_with(std::string(700, 's')));
      const auto zero = bytes.find('\0');
      hole_before_bytes = hole_before_bytes || bytes.find('u', std::min(zero, bytes.size()))
                                                 != std::string::npos;
    }
    CHECK(hole_before_bytes);
  }

  TEST_CASE("zeros that were replaced and not synced may be zeros again after a power cut") {
    std::set<std::string> left;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      faulty_files files{seed};
      {
        auto file = files.open_append("f");
        REQUIRE((*file)->append("01").ok());
        REQUIRE((*file)->add_zeros(4).ok());
        REQUIRE((*file)->sync().ok());
        REQUIRE((*file)->append("23").ok());
      }
      REQUIRE(files.sync_directory(".").ok());

      files.power_cut(seed % 2 == 0 ? torn_tail::prefix : torn_tail::holes);

      const auto bytes = content_of(files, "f");
      REQUIRE(bytes.size() == 6);
      REQUIRE(bytes.starts_with("01"));
      left.insert(bytes.substr(2));
    }
    using namespace std::string_literals;
    CHECK(left.contains("23\0\0"s));
    CHECK(left.contains("2\0\0\0"s));
    CHECK(left.contains("\0\0\0\0"s));
  }

  TEST_CASE("a name that its directory did not sync may be gone after a power cut") {
    std::size_t undone = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      faulty_files files{seed};
      write(files, "new", "n", true);
      write(files, "old", "o", true);
      REQUIRE(files.sync_directory(".").ok());
      REQUIRE(files.rename("new", "old").ok());

      files.power_cut();

      const auto kept = content_of(files, "old") == "n";
      REQUIRE(kept != files.exists("new"));
      undone += kept ? 0 : 1;
    }
    CHECK(undone > 20);
    CHECK(undone < 95);
  }

  TEST_CASE("handles from before a power cut are dead") {
    faulty_files files{1};
    auto file = files.open_append("f");
    REQUIRE(file.ok());

    files.power_cut();

    CHECK((*file)->append("x").code == errc::io_error);
    CHECK((*file)->sync().code == errc::io_error);
  }

  TEST_CASE("when the power is off nothing changes any more") {
    faulty_files files{3};
    write(files, "f", "0123", true);
    REQUIRE(files.sync_directory(".").ok());

    files.power_off_after(1);
    auto file = files.open_append("f");
    REQUIRE(file.ok());
    CHECK((*file)->append("4").ok());
    CHECK((*file)->append("5").code == errc::io_error);
    CHECK((*file)->sync().code == errc::io_error);
    CHECK(files.remove("f").code == errc::io_error);
    CHECK(files.open_append("g").error().code == errc::io_error);

    files.power_cut(torn_tail::nothing);
    CHECK(content_of(files, "f") == "0123");
    CHECK_FALSE(files.exists("g"));
  }

  TEST_CASE("after a failed sync no later sync makes the bytes durable") {
    faulty_files files{1};
    write(files, "f", "", false);
    REQUIRE(files.sync_directory(".").ok());
    auto file = files.open_append("f");
    files.fail(file_operation::sync, 1, errc::io_error);

    REQUIRE((*file)->append("x").ok());
    CHECK((*file)->sync().code == errc::io_error);
    CHECK((*file)->sync().ok());
    CHECK(content_of(files, "f") == "x");

    files.power_cut(torn_tail::nothing);
    CHECK(content_of(files, "f").empty());
  }

  TEST_CASE("faults come when they were asked for, once") {
    faulty_files files{1};
    auto file = files.open_append("f");
    REQUIRE(file.ok());
    files.fail(file_operation::append, 2, errc::no_space);

    CHECK((*file)->append("1").ok());
    CHECK((*file)->append("2").code == errc::no_space);
    CHECK((*file)->append("3").ok());

    files.limit_bytes((*file)->size() + 2);
    CHECK((*file)->append("abc").code == errc::no_space);
    CHECK(content_of(files, "f").ends_with("ab"));
    CHECK(files.flip_byte("f", 0, 0x01));
    CHECK(content_of(files, "f").front() == '0');
    CHECK_FALSE(files.flip_byte("f", 99));
  }

  TEST_CASE("a renamed folder moves as a whole, and for good once the one above is synced") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      faulty_files files{seed};
      REQUIRE(files.create_directories("d/a").ok());
      for (const auto* name : {"d/a/1", "d/a/2", "d/a/3"})
        write(files, name, name, true);
      REQUIRE(files.sync_directory("d/a").ok());

      REQUIRE(files.rename("d/a", "d/b").ok());
      CHECK_FALSE(files.exists("d/a"));
      CHECK(content_of(files, "d/b/2") == "d/a/2");
      CHECK(files.rename("d/b", "d/b/inside").code == errc::not_found);
      const auto synced = seed % 2 == 0 && files.sync_directory("d").ok();
      files.power_cut();

      const auto moved = files.exists("d/b/1");
      CHECK((moved || !synced));
      CHECK(files.list(moved ? "d/b" : "d/a").value().size() == 3);
      CHECK_FALSE(files.exists(moved ? "d/a/1" : "d/b/1"));
    }
  }

  TEST_CASE("the hook sees each operation before it happens") {
    faulty_files files{1};
    std::string seen;
    files.on_operation([&](file_operation what, const std::string& path) {
      if (what == file_operation::append)
        seen = path + ":" + std::to_string(files.size(path).value());
    });

    write(files, "f", "bytes", false);

    CHECK(seen == "f:0");
  }
}
