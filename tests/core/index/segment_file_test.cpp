#include "core/index/segment_file.hpp"

#include "core/index/segment_layout.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/core/index/sample.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

using namespace grape;
using namespace grape::tests;

namespace {

constexpr auto path = "/segments/one.seg";

/// Files in memory with one folder.
storage::faulty_files& prepared(storage::faulty_files& files) {
  GRAPE_CHECK(files.create_directories("/segments").ok());
  return files;
}

std::string content_of(storage::file_system& files) {
  const auto file = files.open_random(path);
  GRAPE_CHECK(file.ok());
  std::string bytes((*file)->size(), '\0');
  GRAPE_CHECK((*file)->read(0, bytes.size(), bytes.data()).ok());
  return bytes;
}

/// Opens what a file with these bytes says.
outcome<std::shared_ptr<const index::segment>> opened(const std::string& bytes) {
  storage::faulty_files files(1);
  auto file = prepared(files).open_append(path);
  GRAPE_CHECK(file.ok() && (*file)->append(bytes).ok());
  return index::segment::open(files, path);
}

/// The bytes of a small segment: with codes and upper levels, or by its floats.
std::string small_segment(metric kind, std::uint32_t dimension, index::graph_options options = {}) {
  storage::faulty_files files(1);
  const sample from(kind, dimension, 150, 30);
  options.m = options.m == 0 ? 0 : 4;
  GRAPE_CHECK(built(from, options)->write(prepared(files), path).ok());
  return content_of(files);
}

std::vector<std::string> kinds_of_segments() {
  return {small_segment(metric::euclid, 20), small_segment(metric::cosine, 3),
          small_segment(metric::dot, 20, {.m = 0}),
          small_segment(metric::euclid, 20, {.code = coding::bits}),
          small_segment(metric::cosine, 20, {.code = coding::int4}),
          small_segment(metric::dot, 20, {.code = coding::product})};
}

#ifdef __linux__
/// What the kernel was told about this process's mapping of a file: flags of two letters.
std::string mapping_flags(const std::string& file) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(file))
      inside = true;
    else if (inside && line.starts_with("VmFlags:"))
      return line;
  }
  return "";
}

/// Emulators of processors run the system's calls themselves, and pass on only some advice.
bool advice_reaches_the_kernel(const std::string& file) {
  std::ofstream(file) << "mapped";
  const auto opened = ::open(file.c_str(), O_RDONLY);
  auto* const mapped = ::mmap(nullptr, 6, PROT_READ, MAP_PRIVATE, opened, 0);
  GRAPE_CHECK(mapped != MAP_FAILED && ::madvise(mapped, 6, MADV_RANDOM) == 0);
  const auto heard = mapping_flags(file).find(" rr") != std::string::npos;
  ::munmap(mapped, 6);
  ::close(opened);
  return heard;
}
#endif

/// One damage: a flipped bit, a wiped or random sector, two sectors exchanged, or a lost end.
std::string with_damage(std::string bytes, std::mt19937& random) {
  const auto before = bytes;
  const auto sector = std::size_t{1} << (4 + random() % 8);
  while (bytes == before) {
    const auto at = random() % bytes.size();
    const auto count = std::min(sector, bytes.size() - at);
    switch (random() % 5) {
      case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8))); break;
      case 1: std::fill_n(&bytes[at], count, '\0'); break;
      case 2:
        std::generate_n(&bytes[at], count, [&] { return static_cast<char>(random()); });
        break;
      case 3: {
        const auto other = random() % (bytes.size() - count + 1);
        if (other + count <= at || at + count <= other)
          std::swap_ranges(&bytes[at], &bytes[at] + count, &bytes[other]);
        break;
      }
      default: bytes.resize(at); break;
    }
  }
  return bytes;
}

void is_corrupted(const outcome<std::shared_ptr<const index::segment>>& segment) {
  REQUIRE_FALSE(segment.ok());
  CHECK(segment.error().code == errc::corrupted);
  CHECK(segment.error().detail.find(path) != std::string::npos);
  CHECK(segment.error().detail.find("block ") != std::string::npos);
}

} // namespace

TEST_SUITE("core.index.segment_file") {
  TEST_CASE("what was written is read back, and answers the same") {
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan})
      for (const std::uint32_t dimension : {5u, 40u}) {
        CAPTURE(to_string(kind));
        CAPTURE(dimension);
        storage::faulty_files files(1);
        const sample from(kind, dimension, 800, 31, 20);
        auto source = from.source();
        source.ids[3] = *point_id::parse_uuid("8594ff5d-265f-4785-a9f5-b3b4b9665506");
        inline_executor here;
        std::atomic<bool> stop = false;
        const auto before = *index::segment::build(segment_id{9}, source, {}, here, stop, nullptr);

        REQUIRE(before->write(prepared(files), path).ok());
        const auto after = index::segment::open(files, path);

        REQUIRE(after.ok());
        CHECK((*after)->id() == segment_id{9});
        CHECK((*after)->distance() == kind);
        CHECK((*after)->source_of_row().empty());
        for (std::uint32_t i = 0; i < 800; ++i) {
          CHECK((*after)->id_of(row{i}) == before->id_of(row{i}));
          CHECK((*after)->vector_version_of(row{i}) == before->vector_version_of(row{i}));
          CHECK(std::memcmp((*after)->vector(row{i}).data(), before->vector(row{i}).data(),
                            dimension * sizeof(float))
                == 0);
        }
        for (const auto& query : from.queries) {
          budget unlimited;
          CHECK((*after)->search(query, 10, 50, {}, unlimited)
                == before->search(query, 10, 50, {}, unlimited));
        }
      }
  }

#ifdef __linux__
  TEST_CASE("a walk's vectors are read from the file by the page, a scan's with those behind") {
    const testing::temporary_directory folder;
    auto& files = storage::posix_file_system();
    const sample from(metric::euclid, 40, 400, 33, 5);
    const auto heard = advice_reaches_the_kernel(folder.path() + "/probe");
    for (const std::uint32_t m : {4u, 0u}) {
      CAPTURE(m);
      const auto file = folder.path() + "/" + std::to_string(m) + ".seg";
      const auto before = built(from, {.m = m});
      REQUIRE(before->write(files, file).ok());

      const auto after = index::segment::open(files, file);

      REQUIRE(after.ok());
      CHECK((*after)->mapped_bytes() == 400 * 40 * sizeof(float));
      const auto flags = mapping_flags(file);
      REQUIRE(flags.find(" rd") != std::string::npos);
      CHECK((flags.find(" rr") != std::string::npos) == (m > 0 && heard));
      for (const auto& query : from.queries) {
        budget unlimited;
        CHECK((*after)->search(query, 10, 50, {}, unlimited)
              == before->search(query, 10, 50, {}, unlimited));
      }
    }
  }
#endif

  TEST_CASE("any flipped bit is found") {
    std::mt19937 random(32);
    for (const auto& whole : kinds_of_segments()) {
      REQUIRE(opened(whole).ok());
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < index::header_bytes; i += 3)
        places.push_back(i);
      for (int i = 0; i < 300; ++i)
        places.push_back(random() % whole.size());
      for (const auto place : places) {
        CAPTURE(place);
        auto damaged = whole;
        damaged[place] = static_cast<char>(damaged[place] ^ (1 << (random() % 8)));

        is_corrupted(opened(damaged));
      }
    }
  }

  // Method: 500 files by seed, of every code and metric, each damaged once in one of the ways in
  // which disks do it. Padding and unused bytes of the header count like all others.
  TEST_CASE("500 damaged files of all codes are all found out") {
    std::vector<std::string> whole;
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan})
      for (const auto code : {coding::floats, coding::int8, coding::int4, coding::bits,
                              coding::bfloat16, coding::product})
        if (supports(kind, code))
          whole.push_back(small_segment(kind, 20, {.code = code}));
    for (unsigned seed = 0; seed < 500; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      const auto& right = whole[seed % whole.size()];
      const auto damaged = with_damage(right, random);
      REQUIRE(damaged != right);
      is_corrupted(opened(damaged));
    }
  }

  TEST_CASE("any missing or added tail is found") {
    std::mt19937 random(33);
    for (const auto& whole : kinds_of_segments()) {
      std::vector<std::size_t> lengths{0, 1, index::header_bytes - 1, whole.size() - 1};
      index::block_table table;
      std::memcpy(table.data(), whole.data() + index::block_table_at, sizeof table);
      std::size_t end = index::header_bytes;
      for (const auto& block : table) {
        lengths.push_back(end);
        end += block.bytes;
      }
      CHECK(end == whole.size());
      for (int i = 0; i < 40; ++i)
        lengths.push_back(random() % whole.size());
      for (const auto length : lengths) {
        if (length == whole.size()) // Behind a block that is empty at the end.
          continue;
        CAPTURE(length);
        is_corrupted(opened(whole.substr(0, length)));
      }
      is_corrupted(opened(whole + std::string(64, '\0')));
    }
  }

  TEST_CASE("wrong values under right checksums are refused or harmless") {
    std::mt19937 random(34);
    const std::vector<float> query(64, 0.5f);
    std::size_t refused = 0;
    for (const auto& whole : kinds_of_segments())
      for (int round = 0; round < 1'500; ++round) {
        auto damaged = whole;
        // Mostly where the structure is: header, levels, links.
        const auto range = round % 2 == 0 ? std::size_t{index::block_table_at} : damaged.size();
        damaged[random() % range] = static_cast<char>(random());
        index::reseal_segment(damaged);

        const auto segment = opened(damaged);

        if (!segment.ok()) {
          ++refused;
          continue;
        }
        budget limited(10'000, {});
        const auto dimension = (*segment)->dimension();
        REQUIRE(dimension <= query.size());
        const auto found = (*segment)->search(std::span(query).first(dimension), 5, 20, {},
                                              limited);
        CHECK(found.size() == 5);
      }
    CHECK(refused > 1'000);
  }

  TEST_CASE("a later version is told apart from damage") {
    auto later = small_segment(metric::euclid, 20);
    later[8] = index::segment_version + 1;
    index::reseal_segment(later);

    const auto segment = opened(later);

    REQUIRE_FALSE(segment.ok());
    CHECK(segment.error().code == errc::wrong_version);
  }

  TEST_CASE("a segment is there as a whole or not at all, wherever the power fails") {
    const sample from(metric::euclid, 20, 100, 35);
    const auto segment = built(from);
    bool always_written = false;
    for (std::uint64_t changes = 0; !always_written; ++changes) {
      REQUIRE(changes < 100);
      CAPTURE(changes);
      storage::faulty_files files(changes);
      prepared(files).power_off_after(changes);

      const auto written = segment->write(files, path);
      files.power_cut();
      always_written = written.ok();

      const auto after = index::segment::open(files, path);
      if (written.ok())
        CHECK(after.ok());
      else if (!after.ok())
        CHECK(after.error().code == errc::not_found);
    }
  }

  TEST_CASE("a full disk is reported and leaves nothing behind") {
    storage::faulty_files files(1);
    const sample from(metric::euclid, 20, 100, 36);
    prepared(files).limit_bytes(4'000);

    const auto written = built(from)->write(files, path);

    CHECK(written.code == errc::no_space);
    const auto names = files.list("/segments");
    REQUIRE(names.ok());
    CHECK(names->empty());
  }
}
