#include "core/storage/group_log.hpp"

#include <utility>

namespace grape::storage {

group_log::group_log(const ordered_log& log, group_id group,
                     std::function<void(const status&)> failed)
  : log_(log)
  , group_(group)
  , failed_(std::move(failed)) {
}

const raft::snapshot_mark& group_log::snapshot() const {
  static const auto beginning = std::make_shared<const log_base>();
  auto now = log_.base(group_);
  base_ = now ? std::move(now) : beginning;
  return base_->mark;
}

log_index group_log::last() const {
  return log_.range(group_).last;
}

std::optional<grape::term> group_log::term_at(log_index index) const {
  return log_.term_at(group_, index);
}

std::vector<raft::entry> group_log::entries(log_index first, log_index last,
                                            std::size_t bytes_max) const {
  auto found = log_.read(group_, first, bytes_max);
  std::vector<raft::entry> entries;
  if (!found) {
    failed_(found.error());
    return entries;
  }
  for (auto& record : *found) {
    if (record.index > last)
      break;
    auto payload = record.payload.empty()
                     ? nullptr
                     : std::make_shared<const std::string>(std::move(record.payload));
    entries.push_back({record.index, record.term, record.kind, std::move(payload)});
  }
  return entries;
}

} // namespace grape::storage
