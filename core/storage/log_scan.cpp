// rule 36. Reading a segment to its end: telling a torn tail from damage.

#include "core/codec/little_endian.hpp"
#include "core/storage/log_format.hpp"

#include <algorithm>

namespace grape::storage::log_format {

namespace {

/// Where the reader stands.
struct position {
  std::size_t at = segment_header_bytes;
  std::uint64_t batch = 0;     ///< Number of the last opening read; 0 = none yet.
  std::uint32_t left = 0;      ///< Records that the batch still announces.
};

status damaged(std::size_t at, const char* what) {
  return {errc::corrupted, "offset " + std::to_string(at) + ": " + what};
}

status enter_batch(position& here, const stored_record& opening) {
  if (here.batch != 0 && opening.index != here.batch + 1)
    return damaged(here.at, "a batch with the wrong number");
  if (opening.term >= opening.index || !opening.payload.empty())
    return damaged(here.at, "a batch that makes no sense");
  here.batch = opening.index;
  here.left = opening.group;
  return {};
}

/// Decides without the cost of a checksum at every offset.
bool may_be_opening(const char* header) noexcept {
  return codec::read_little<std::uint32_t>(header) == 0
         && codec::read_little<std::uint32_t>(header + 12)
              == static_cast<std::uint32_t>(record_kind::batch);
}

/// The batch at `here` is damaged. Reads on at every offset for openings of later batches: one
/// that calls the damaged batch synced proves that this is no torn tail.
outcome<segment_end> judge_tail(std::string_view segment, const position& here) {
  const auto damaged_batch = here.left > 0 ? here.batch : here.batch + 1;
  segment_end end{here.at, std::max<std::uint64_t>(here.left, 1), here.batch};
  for (auto at = here.at + 1; at + record_header_bytes <= segment.size(); ++at) {
    if (!may_be_opening(segment.data() + at))
      continue;
    const auto record = read_record(segment, at);
    if (!record || record->index <= damaged_batch)
      continue;
    if (record->term >= damaged_batch)
      return damaged(here.at, "a damaged record before later, synced ones");
    end.records_lost += record->group;
  }
  return end;
}

} // namespace

outcome<segment_end> scan_segment(
  std::string_view segment, std::uint64_t number, std::uint64_t batch_before, bool is_newest,
  const std::function<status(const stored_record&, std::size_t offset)>& visit) {
  if (auto header = check_segment_header(segment, number); !header.ok())
    return header;
  position here;
  here.batch = batch_before;
  while (here.at < segment.size()) {
    const auto record = read_record(segment, here.at);
    if (!record)
      return is_newest ? judge_tail(segment, here)
                       : outcome<segment_end>(damaged(here.at, "a damaged record"));
    auto accepted = status{};
    if (record->kind == record_kind::batch)
      accepted = enter_batch(here, *record);
    else if (record->kind < record_kind::batch || record->kind > record_kind::forget)
      accepted = {errc::wrong_version, "offset " + std::to_string(here.at)
                                         + ": a kind of record that this program does not know"};
    else if (here.left == 0)
      accepted = damaged(here.at, "a record outside of its batch");
    else
      accepted = visit(*record, here.at);
    if (!accepted.ok())
      return accepted;
    if (record->kind != record_kind::batch)
      --here.left;
    here.at += record->bytes();
  }
  if (here.left > 0 && !is_newest)
    return damaged(here.at, "it ends within a batch");
  return segment_end{here.at, here.left, here.batch};
}

} // namespace grape::storage::log_format
