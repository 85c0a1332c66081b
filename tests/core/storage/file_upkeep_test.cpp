#include "core/storage/faulty_files.hpp"
#include "core/storage/file_system.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

using namespace grape;
using namespace grape::storage;

namespace {

void write(file_system& files, const std::string& path, const std::string& bytes) {
  auto file = files.open_append(path);
  REQUIRE(file.ok());
  REQUIRE((*file)->append(bytes).ok());
  REQUIRE((*file)->sync().ok());
}

/// Pages of a file that the system has in memory.
std::size_t pages_in_memory(const std::string& path, std::size_t size) {
  const auto file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  auto* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  REQUIRE(mapped != MAP_FAILED);
  std::vector<unsigned char> pages((size + 4'095) / 4'096);
  REQUIRE(::mincore(mapped, size, pages.data()) == 0);
  ::munmap(mapped, size);
  ::close(file);
  std::size_t count = 0;
  for (const auto page : pages)
    count += page & 1U;
  return count;
}

void forget_pages(const std::string& path) {
  const auto file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
}

void links(file_system& files, const std::string& root) {
  write(files, root + "from", "bytes that stay");
  REQUIRE(files.link(root + "from", root + "to").ok());
  CHECK(read_file(files, root + "to").value() == "bytes that stay");
  REQUIRE(files.remove(root + "from").ok());
  CHECK(read_file(files, root + "to").value() == "bytes that stay");
  CHECK(read_file(files, root + "to", 5).value() == "bytes");
  CHECK(files.link(root + "none", root + "other").code == errc::not_found);
}

} // namespace

TEST_SUITE("core.storage.file_upkeep") {
  TEST_CASE("a second name shows the same bytes, also once the first is gone") {
    const testing::temporary_directory folder;
    links(posix_file_system(), folder.path() + "/");
    faulty_files memory{3};
    links(memory, "");
  }

  TEST_CASE("a name that is taken is not linked to") {
    const testing::temporary_directory folder;
    auto& files = posix_file_system();
    write(files, folder.path() + "/a", "a");
    write(files, folder.path() + "/b", "b");
    CHECK(files.link(folder.path() + "/a", folder.path() + "/b").code == errc::io_error);
    CHECK(read_file(files, folder.path() + "/b").value() == "b");
  }

  TEST_CASE("a copy has what was there, and goes its own way") {
    const testing::temporary_directory folder;
    auto& files = posix_file_system();
    const std::string bytes((std::size_t{3} << 20) + 7, 'x');
    write(files, folder.path() + "/a", bytes);
    REQUIRE(copy_file(files, folder.path() + "/a", folder.path() + "/b").ok());
    write(files, folder.path() + "/a", "more");
    CHECK(read_file(files, folder.path() + "/b").value() == bytes);
    CHECK(std::filesystem::hard_link_count(folder.path() + "/b") == 1);
    CHECK(bytes_below(files, folder.path()) == 2 * bytes.size() + 4);
    CHECK(bytes_below(files, folder.path() + "/none") == 0);
  }

  TEST_CASE("a file that was read in is in memory as a whole") {
    const testing::temporary_directory folder;
    auto& files = posix_file_system();
    const auto path = folder.path() + "/a";
    constexpr std::size_t size = std::size_t{8} << 20;
    write(files, path, std::string(size, 'x'));
    auto file = files.open_random(path);
    REQUIRE(file.ok());
    forget_pages(path);
    MESSAGE("pages in memory before: ", pages_in_memory(path, size));

    REQUIRE((*file)->read_in().ok());

    CHECK(pages_in_memory(path, size) == size / 4'096);
  }
}
