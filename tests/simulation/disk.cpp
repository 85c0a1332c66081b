#include "tests/simulation/disk.hpp"

#include "core/check.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace grape::simulation {

disk::disk(const staged_snapshot& from) {
  state_ = {from.mark.term, replica_id{}, from.mark.index};
  install(from);
}

log_index disk::last() const {
  return log_index{mark_.index.value + entries_.size()};
}

std::optional<grape::term> disk::term_at(log_index index) const {
  if (index == mark_.index)
    return mark_.term;
  if (index < mark_.index || index > last())
    return {};
  return entries_[static_cast<std::size_t>(index.value - mark_.index.value - 1)].term;
}

std::vector<raft::entry> disk::entries(log_index first, log_index last,
                                       std::size_t bytes_max) const {
  GRAPE_CHECK(first > mark_.index);
  GRAPE_CHECK(last <= this->last());
  std::vector<raft::entry> found;
  std::size_t bytes = 0;
  for (auto i = first.value - mark_.index.value - 1; i + mark_.index.value < last.value; ++i) {
    const auto& each = entries_[static_cast<std::size_t>(i)];
    bytes += each.bytes();
    if (!found.empty() && bytes > bytes_max)
      break;
    found.push_back(each);
  }
  return found;
}

void disk::queue(raft::write what, std::optional<staged_snapshot> installs) {
  queue_.push_back({std::move(what), std::move(installs)});
}

bool disk::complete_oldest() {
  auto done = std::move(queue_.front());
  queue_.pop_front();
  const auto switched = done.installs.has_value();
  settle(std::move(done));
  return switched;
}

void disk::settle(pending done) {
  if (done.installs)
    install(*done.installs);
  state_ = done.what.state;
  for (auto& each : done.what.entries) {
    GRAPE_CHECK(each.index > mark_.index);
    GRAPE_CHECK(each.index.value <= last().value + 1);
    chain_.put(each);
    entries_.resize(static_cast<std::size_t>(each.index.value - mark_.index.value - 1));
    entries_.push_back(std::move(each));
  }
}

void disk::install(const staged_snapshot& from) {
  if (chain_.holds(from.mark.index) && chain_.at(from.mark.index).term == from.mark.term
      && from.mark.index > mark_.index) {
    const auto dropped = static_cast<std::ptrdiff_t>(from.mark.index.value - mark_.index.value);
    entries_.erase(entries_.begin(), entries_.begin() + dropped);
  } else {
    entries_.clear();
    chain_.restart(from.mark.index, from.mark.term, from.prefix);
  }
  mark_ = from.mark;
  synced_ = from.data;
  unsynced_.clear();
  members_.assign(1, {mark_.index, std::make_shared<const raft::configuration>(mark_.members)});
}

void disk::sync_state() {
  if (unsynced_.empty())
    return;
  synced_ = std::move(unsynced_.back());
  unsynced_.clear();
}

std::shared_ptr<const raft::configuration> disk::members_at(log_index index) const {
  const auto after =
      std::upper_bound(members_.begin(), members_.end(), index,
                       [](log_index wanted, const auto& each) { return wanted < each.first; });
  return after == members_.begin() ? nullptr : std::prev(after)->second;
}

void disk::note_members(log_index from, std::shared_ptr<const raft::configuration> members) {
  if (members_.empty() || members_.back().first < from)
    members_.emplace_back(from, std::move(members));
}

void disk::compact(log_index through) {
  GRAPE_CHECK(through <= synced_.applied);
  GRAPE_CHECK(through > mark_.index);
  const auto members = members_at(through);
  const auto term = term_at(through);
  GRAPE_CHECK(members && term);
  entries_.erase(entries_.begin(),
                 entries_.begin() + static_cast<std::ptrdiff_t>(through.value - mark_.index.value));
  mark_ = {through, *term, *members};
}

disk::crash_report disk::crash(chance& luck, bool may_tear, bool may_lose_state) {
  crash_report report;
  const auto whole = luck.one_in(3) ? 0 : luck.below(queue_.size() + 1);
  for (std::uint64_t i = 0; i < whole; ++i) {
    report.kept_entries |= !queue_.front().what.entries.empty();
    complete_oldest();
  }
  const auto torn = may_tear && luck.one_in(2);
  if (torn && !queue_.empty()) {
    tear(queue_.front());
    report.torn = true;
    if (queue_.front().checksum_holds)
      complete_oldest();
  }
  report_losses(report);
  queue_.clear();
  if (may_lose_state && !unsynced_.empty()) {
    const auto kept = luck.below(unsynced_.size() + 1);
    report.state_fell_back = kept < unsynced_.size();
    unsynced_.resize(kept);
  }
  sync_state();
  return report;
}

void disk::tear(pending& half_written) const {
  half_written.checksum_holds = false;
  half_written.what.state = state_;
  half_written.installs.reset();
  auto& entries = half_written.what.entries;
  if (entries.empty())
    return;
  auto& last = entries.back();
  const auto bytes = last.data ? last.data->substr(0, last.data->size() / 2) : std::string{};
  last.data = std::make_shared<const std::string>(bytes);
}

void disk::report_losses(crash_report& to) const {
  for (const auto& each : queue_) {
    to.lost_vote |= each.what.state.vote != replica_id{} && each.what.state != state_
                    && each.what.state.term > state_.term;
    to.lost_entries |= !each.what.entries.empty();
    to.lost_snapshot |= each.installs.has_value();
  }
}

} // namespace grape::simulation
