// Arbitrary bytes as a segment file; and as edits of a sound one, its checksums made right, so
// that everything behind them is reached. What opens must answer a search.

#include "core/index/segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/fuzz/input.hpp"

#include <cstring>

using namespace grape;

namespace {

constexpr auto path = "/segments/one.seg";
constexpr std::uint32_t dimension = 20;
constexpr std::size_t rows = 120;

std::string sound_file() {
  std::vector<float> floats(rows * dimension);
  std::uint32_t random = 1;
  for (auto& x : floats) {
    random = random * 1'664'525 + 1'013'904'223;
    x = static_cast<float>(random >> 16) / 65'536;
  }
  index::segment_source source;
  source.distance = metric::euclid;
  source.dimension = dimension;
  source.vector_at = [&](std::size_t i) { return &floats[i * dimension]; };
  for (std::size_t i = 0; i < rows; ++i)
    source.ids.push_back(point_id{i});
  source.vector_versions.resize(rows);
  inline_executor here;
  std::atomic<bool> stop = false;
  const auto segment =
    index::segment::build(segment_id{1}, source, {.m = 4}, here, stop, nullptr);
  GRAPE_CHECK(segment.ok());
  storage::faulty_files files(1);
  GRAPE_CHECK(files.create_directories("/segments").ok());
  GRAPE_CHECK((*segment)->write(files, path).ok());
  const auto file = files.open_random(path);
  GRAPE_CHECK(file.ok());
  std::string bytes((*file)->size(), '\0');
  GRAPE_CHECK((*file)->read(0, bytes.size(), bytes.data()).ok());
  return bytes;
}

void open_and_ask(std::string_view bytes) {
  storage::faulty_files files(1);
  GRAPE_CHECK(files.create_directories("/segments").ok());
  auto file = files.open_append(path);
  GRAPE_CHECK(file.ok() && (*file)->append(bytes).ok());
  const auto segment = index::segment::open(files, path);
  if (!segment)
    return fuzz::check_refusal(segment.error(),
                               {errc::corrupted, errc::wrong_version, errc::no_space});
  const std::vector<float> query((*segment)->dimension(), 0.25f);
  budget limit(100'000, {});
  const auto found = (*segment)->search(query, 5, 20, {}, limit);
  for (const auto& one : found)
    GRAPE_CHECK(one.where.value < (*segment)->rows());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  static const auto sound = sound_file();
  open_and_ask(fuzz::text_of(from, count));
  // Edits: two bytes of place, one of value. The upper half of the places is the header's.
  auto edited = sound;
  for (std::size_t i = 0; i + 3 <= count; i += 3) {
    const auto place = static_cast<std::size_t>(from[i] | from[i + 1] << 8);
    edited[place >= 32'768 ? place % 512 : place % edited.size()] = static_cast<char>(from[i + 2]);
  }
  index::reseal_segment(edited);
  open_and_ask(edited);
  return 0;
}
