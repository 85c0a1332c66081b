#include "core/storage/log_batch.hpp"

#include <string>
#include <utility>

namespace grape::storage {

namespace {

/// Beyond it a larger batch saves nothing.
constexpr std::uint64_t batch_bytes_full = 64u << 20;

} // namespace

log_batch::log_batch(const ordered_log& log, std::uint64_t record_bytes_max)
  : log_(log)
  , record_bytes_max_(record_bytes_max) {
}

status log_batch::add(std::vector<log_record> records) {
  std::map<group_id, log_index> ends;
  std::uint64_t bytes = 0;
  for (const auto& record : records) {
    if (record.payload.size() > record_bytes_max_)
      return {errc::too_large, "a log record of " + std::to_string(record.payload.size())
                                 + " bytes, the limit is " + std::to_string(record_bytes_max_)};
    auto [end, is_new] = ends.try_emplace(record.group);
    if (const auto known = ends_.find(record.group); is_new && known != ends_.end())
      end->second = known->second;
    else if (is_new)
      end->second = log_.range(record.group).last;
    if (record.index != end->second.next())
      return {errc::unavailable, "entry " + std::to_string(record.index.value) + " of group "
                                   + std::to_string(record.group.value)
                                   + " does not follow entry "
                                   + std::to_string(end->second.value)};
    end->second = record.index;
    bytes += record.payload.size();
  }
  for (const auto& [group, end] : ends)
    ends_[group] = end;
  bytes_ += bytes;
  for (auto& record : records)
    records_.push_back(std::move(record));
  return {};
}

bool log_batch::full() const noexcept {
  return bytes_ >= batch_bytes_full;
}

std::vector<log_record> log_batch::take() {
  ends_.clear();
  bytes_ = 0;
  return std::exchange(records_, {});
}

} // namespace grape::storage
