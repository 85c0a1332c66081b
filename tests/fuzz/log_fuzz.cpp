// A segment of arbitrary bytes, of arbitrary records with right sums, or of sound records with
// arbitrary bytes changed: the log refuses it, or serves what it says and goes on from there.

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_base.hpp"
#include "core/storage/log_file.hpp"
#include "core/storage/log_format.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape;
using namespace grape::fuzz;
using namespace grape::storage;
using namespace grape::storage::log_format;

namespace {

std::string any_records(source& from) {
  auto segment = segment_header(1);
  while (!from.empty()) {
    stored_record record;
    record.kind = static_cast<record_kind>(from.byte() % 12);
    record.group = from.byte() % 4;
    record.index = from.byte() % 16;
    record.term = from.byte() % 16;
    std::string base;
    if (record.kind == record_kind::base) {
      base = encode_base({{log_index{record.index}, term{record.term}, {}},
                          std::string(from.text(from.byte() % 3))},
                         from.byte() % 2 == 0);
      record.payload = base;
    } else if (record.kind == record_kind::hard_state) {
      record.payload = std::string_view("\1\0\0\0\0\0\0\0", 8);
    } else if (record.kind != record_kind::batch) {
      record.payload = from.text(from.byte() % 8);
    }
    append_record(segment, record);
  }
  return segment;
}

std::string changed_records(source& from) {
  auto segment = segment_header(1);
  for (std::uint64_t number = 1; number <= 6; ++number) {
    batch_builder batch;
    batch.add({record_kind::entry, 1, number, 1, "payload"});
    batch.add({record_kind::entry, 2, number, 1, ""});
    segment.append(batch.finish(number, number - 1));
  }
  while (!from.empty()) {
    const std::size_t at = from.byte() * 256u + from.byte();
    if (at < segment.size())
      segment[at] = static_cast<char>(from.byte());
    else
      segment.resize(std::min<std::size_t>(at % 700, segment.size()));
  }
  return segment;
}

void write_file(file_system& files, const std::string& path, std::string_view bytes) {
  auto file = files.open_append(path);
  GRAPE_CHECK(file.ok());
  GRAPE_CHECK((*file)->append(bytes).ok());
}

void use(faulty_files& files) {
  const auto group = group_id{1};
  auto log = log_file::open(files, "log", {.segment_bytes = 1'024});
  if (!log)
    return check_refusal(log.error(), {errc::corrupted, errc::wrong_version});
  for (const auto known : (*log)->groups())
    GRAPE_CHECK((*log)->read(known, (*log)->range(known).first, 1u << 20).ok());
  const auto range = (*log)->range(group);
  const log_record next{group, range.last.next(), term{1}, "next"};
  GRAPE_CHECK((*log)->append({&next, 1}).ok());
  const auto state = (*log)->hard_state(group);
  const auto base = (*log)->base(group);
  GRAPE_CHECK((*log)->release(group_id{2}, log_index{100}).ok());
  log->reset();
  auto again = log_file::open(files, "log", {.segment_bytes = 1'024});
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK((*again)->recovery().notes.empty());
  const log_range wanted{range.first, next.index};
  GRAPE_CHECK((*again)->range(group) == wanted);
  GRAPE_CHECK((*again)->hard_state(group) == state);
  const auto base_again = (*again)->base(group);
  GRAPE_CHECK(base == nullptr ? base_again == nullptr : *base_again == *base);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  source input{text_of(from, count)};
  faulty_files files{1};
  GRAPE_CHECK(files.create_directories("log").ok());
  write_file(files, "log/segments", encode_manifest({}));
  const auto kind = input.byte() % 3;
  write_file(files, "log/" + segment_name(1),
             kind == 0   ? segment_header(1) + std::string(input.text(count))
             : kind == 1 ? any_records(input)
                         : changed_records(input));
  use(files);
  return 0;
}
