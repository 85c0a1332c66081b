#include "core/storage/log_file.hpp"

#include "core/storage/log_file_state.hpp"

#include <algorithm>
#include <utility>

namespace grape::storage {

using namespace log_format;

namespace {

/// Keeps every place within the 32 bits of `record_place`.
constexpr std::uint64_t batch_bytes_max = 1u << 30;

status in_file(const std::string& path, status failed) {
  if (failed.code == errc::corrupted || failed.code == errc::wrong_version)
    failed.detail = path + ": " + failed.detail;
  return failed;
}

} // namespace

status log_file::state::open() {
  if (auto opened = segments_.open(); !opened.ok())
    return opened;
  log_gatherer gatherer;
  segment_end end;
  for (auto number = segments_.oldest(); number <= segments_.newest(); ++number)
    if (auto read = scan(gatherer, number, end); !read.ok())
      return in_file(segments_.path(number), std::move(read));
  auto index = gatherer.finish();
  if (!index)
    return in_file(segments_.path(segments_.oldest()), index.error());
  groups_ = std::move(*index);
  if (auto begun = segments_.begin(end.good_bytes); !begun.ok())
    return begun;
  last_batch_ = synced_batch_ = end.last_batch;
  // Nothing is added to a segment of an older format.
  return end.version == version ? status{} : segments_.roll();
}

status log_file::state::scan(log_gatherer& gatherer, std::uint64_t number, segment_end& end) {
  auto bytes = segments_.content(number);
  if (!bytes)
    return bytes.error();
  const auto is_newest = number == segments_.newest();
  auto found = scan_segment(*bytes, number, end.last_batch, is_newest,
                            [&](const stored_record& record, std::size_t offset) {
                              return gatherer.take(
                                record, {number, static_cast<std::uint32_t>(offset),
                                         static_cast<std::uint32_t>(record.bytes())});
                            });
  if (!found)
    return found.error();
  end = *found;
  if (is_newest)
    note_tail(end, bytes->size());
  return {};
}

void log_file::state::note_tail(const segment_end& end, std::uint64_t bytes) {
  if (end.records_lost == 0)
    return; // At most zeros follow.
  recovery_.records_lost = end.records_lost;
  std::string shown;
  for (const auto& [group, records] : end.lost) {
    recovery_.lost.emplace(group_id{group}, records);
    shown += (shown.empty() ? " (of those, group " : ", group ") + std::to_string(group) + " had "
             + std::to_string(records);
  }
  shown += shown.empty() ? "" : ")";
  recovery_.notes.push_back(segments_.path(segments_.newest()) + ": torn tail: cut "
                            + std::to_string(bytes - end.good_bytes) + " bytes at offset "
                            + std::to_string(end.good_bytes) + ", at least "
                            + std::to_string(end.records_lost)
                            + " records of the last batch are lost" + std::move(shown));
}

status log_file::state::stop(status why) {
  stopped_ = std::move(why);
  return stopped_;
}

status log_file::state::failed(status why) {
  return why.code == errc::no_space ? why : stop(std::move(why));
}

status log_file::state::closed() const {
  if (stopped_.ok())
    return {};
  return {errc::closed, "the log is closed for writing after " + to_string(stopped_)};
}

status log_file::state::sync_written() {
  if (synced_batch_ == last_batch_)
    return {};
  if (auto synced = segments_.sync(); !synced.ok())
    return stop(std::move(synced));
  synced_batch_ = last_batch_;
  return {};
}

status log_file::state::write(batch_builder& batch, bool synced, std::uint64_t& offset) {
  const auto used = segments_.size(segments_.newest());
  if (used > segment_header_bytes && used + batch.size() > options_.segment_bytes) {
    if (auto whole = sync_written(); !whole.ok())
      return whole;
    if (auto rolled = segments_.roll(); !rolled.ok())
      return failed(std::move(rolled));
  }
  offset = segments_.size(segments_.newest());
  const auto bytes = batch.finish(last_batch_ + 1, synced_batch_);
  if (auto written = segments_.append(bytes); !written.ok())
    return take_back(offset, std::move(written));
  ++last_batch_;
  if (auto ahead = look_ahead(bytes.size()); !ahead.ok())
    return stop(std::move(ahead));
  return synced ? sync_written() : status{};
}

status log_file::state::append(std::span<const log_record> batch) {
  if (auto open = closed(); !open.ok())
    return open;
  if (batch.empty())
    return {};
  std::uint64_t bytes = 0;
  for (const auto& record : batch)
    if (auto fits = check_size(record.payload.size(), bytes); !fits.ok())
      return fits;
  if (auto room = find_room(bytes); !room.ok())
    return room;
  batch_plan plan;
  std::map<std::uint32_t, std::uint64_t> ends;
  for (const auto& record : batch) {
    auto [end, is_new] = ends.try_emplace(record.group.value);
    if (const auto found = groups_.find(record.group.value); is_new && found != groups_.end())
      end->second = found->second.last();
    GRAPE_CHECK(record.index.value == ++end->second);
    const auto kind = record.kind == raft::entry_kind::configuration ? record_kind::configuration
                                                                     : record_kind::entry;
    plan.add({kind, record.group.value, record.index.value, record.term.value, record.payload});
  }
  return carry_out(plan, options_.fsync == fsync_policy::always);
}

status log_file::state::check_size(std::size_t payload_bytes, std::uint64_t& before) const {
  before += payload_bytes + record_header_bytes;
  if (payload_bytes <= options_.record_bytes_max && before <= batch_bytes_max)
    return {};
  return {errc::too_large, "a log record of " + std::to_string(payload_bytes)
                             + " bytes, the limit is "
                             + std::to_string(options_.record_bytes_max)};
}

status log_file::state::carry_out(batch_plan& plan, bool synced) {
  std::uint64_t start = 0;
  if (auto written = write(plan.batch(), synced, start); !written.ok())
    return written;
  const std::lock_guard guard{lock_};
  plan.note(groups_, segments_.newest(), start);
  return {};
}

status log_file::state::sync() {
  if (auto open = closed(); !open.ok())
    return open;
  return sync_written();
}

outcome<log_record> log_file::state::read_entry(std::uint32_t group, std::uint64_t index,
                                                const record_place& at,
                                                const random_file& file) const {
  auto bytes = segments_.read(file, at.segment, at.offset, at.bytes);
  if (!bytes)
    return bytes.error();
  const auto record = read_record(*bytes, 0);
  if (!record || record->group != group || record->index != index)
    return status{errc::corrupted, segments_.path(at.segment) + ": offset "
                                     + std::to_string(at.offset) + ": a damaged record"};
  return log_record{group_id{group}, log_index{index}, term{record->term},
                    std::string(record->payload),
                    is_about_members(record->kind) ? raft::entry_kind::configuration
                                                   : raft::entry_kind::normal};
}

outcome<std::vector<log_record>> log_file::state::read(group_id group, log_index from,
                                                       std::size_t bytes_max) const {
  // The files are opened while the index is held: what it names is there, and stays readable.
  std::vector<std::pair<record_place, std::shared_ptr<const random_file>>> places;
  const auto found = about(group, [&](const log_group& of) {
    if (from.value <= of.released && (of.released > 0 || of.last() > 0))
      return status{errc::not_found, "entry " + std::to_string(from.value) + " of group "
                                       + std::to_string(group.value) + " was released"};
    std::size_t bytes = 0;
    for (auto index = from.value; index > of.released && index <= of.last(); ++index) {
      const auto& place = of.places[static_cast<std::size_t>(index - of.released - 1)];
      bytes += place.bytes - record_header_bytes;
      if (!places.empty() && bytes > bytes_max)
        break;
      auto file = segments_.reader(place.segment);
      if (!file)
        return file.error();
      places.emplace_back(place, std::move(*file));
    }
    return status{};
  });
  if (!found.ok())
    return found;
  std::vector<log_record> records;
  for (const auto& [place, file] : places) {
    auto record = read_entry(group.value, from.value + records.size(), place, *file);
    if (!record)
      return record.error();
    records.push_back(std::move(*record));
  }
  return records;
}

status log_file::state::write_marker(const stored_record& marker) {
  batch_plan plan;
  plan.add(marker);
  return carry_out(plan, true);
}

status log_file::state::release(std::span<const release_mark> marks) {
  if (auto open = closed(); !open.ok())
    return open;
  batch_plan plan;
  for (const auto& [group, through] : marks) {
    const auto [released, last] = about(group, [index = through.value](const log_group& of) {
      return std::pair{of.released, of.term_at(index).value_or(term{})};
    });
    if (through.value > released)
      plan.add({record_kind::release, group.value, through.value, last.value, {}});
  }
  if (plan.empty())
    return {};
  if (auto marked = carry_out(plan, true); !marked.ok())
    return marked;
  return reclaim();
}

status log_file::state::forget(group_id group) {
  if (auto open = closed(); !open.ok())
    return open;
  if (!groups_.contains(group.value))
    return {};
  if (auto marked = write_marker({record_kind::forget, group.value, 0, 0, {}}); !marked.ok())
    return marked;
  return reclaim();
}

std::vector<group_id> log_file::state::groups() const {
  const std::lock_guard guard{lock_};
  std::vector<group_id> known;
  for (const auto& [number, group] : groups_)
    known.emplace_back(number);
  return known;
}

outcome<std::unique_ptr<log_file>> log_file::open(file_system& files, std::string directory,
                                                  log_options options) {
  GRAPE_CHECK(options.segment_bytes >= 1024 && options.segment_bytes <= batch_bytes_max);
  auto opening = std::make_unique<state>(files, std::move(directory), options);
  if (auto opened = opening->open(); !opened.ok())
    return opened;
  return std::unique_ptr<log_file>(new log_file(std::move(opening)));
}

log_file::log_file(std::unique_ptr<state> from) : state_(std::move(from)) {
}

log_file::~log_file() = default;

const log_recovery& log_file::recovery() const noexcept {
  return state_->recovery();
}

std::vector<group_id> log_file::groups() const {
  return state_->groups();
}

log_range log_file::range(group_id group) const {
  return state_->about(group, [](const log_group& of) {
    return log_range{log_index{of.released + 1}, log_index{of.last()}};
  });
}

status log_file::append(std::span<const log_record> batch) {
  return state_->append(batch);
}

status log_file::sync() {
  return state_->sync();
}

outcome<std::vector<log_record>> log_file::read(group_id group, log_index from,
                                                std::size_t bytes_max) const {
  return state_->read(group, from, bytes_max);
}

status log_file::release(std::span<const release_mark> marks) {
  return state_->release(marks);
}

status log_file::forget(group_id group) {
  return state_->forget(group);
}

std::uint64_t log_file::bytes() const noexcept {
  return state_->bytes();
}

} // namespace grape::storage
