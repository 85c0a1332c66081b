#include "core/shard/write_pipeline.hpp"

#include "core/check.hpp"

#include <string>
#include <utility>

namespace grape::shard {

write_pipeline::write_pipeline(log_index last, log_index applied, schema_version schema,
                               pipeline_limits limits)
  : limits_(limits)
  , last_(last)
  , durable_(last)
  , applied_(applied)
  , schema_(schema)
  , waiting_(last.value - applied.value, entry{0, schema}) {
  GRAPE_CHECK(applied <= last);
}

outcome<log_index> write_pipeline::propose_points(schema_version validated_against,
                                                  std::size_t bytes) {
  if (validated_against != schema_)
    return status{errc::stale_route,
                  "validated against schema " + std::to_string(validated_against.value)
                    + ", the shard lives by " + std::to_string(schema_.value)};
  if (bytes > limits_.entry_bytes_max)
    return status{errc::too_large, "a batch of " + std::to_string(bytes) + " bytes for one shard"};
  // A single entry larger than the limit must still get through when nothing else waits.
  const bool full = entries_waiting() >= limits_.entries_max
                    || (bytes_waiting_ > 0 && bytes_waiting_ + bytes > limits_.bytes_max);
  if (full)
    return status{errc::overloaded, "too many writes are waiting for this shard"};
  return let_in(bytes, schema_);
}

log_index write_pipeline::propose_schema(schema_version next, std::size_t bytes) {
  if (next <= schema_)
    return log_index{};
  return let_in(bytes, std::exchange(schema_, next));
}

void write_pipeline::withdraw(log_index from) {
  GRAPE_CHECK(from > durable_);
  GRAPE_CHECK(from <= last_);
  for (; last_ >= from; last_ = log_index{last_.value - 1}) {
    bytes_waiting_ -= waiting_.back().bytes;
    schema_ = waiting_.back().before;
    waiting_.pop_back();
  }
}

void write_pipeline::durable(log_index through) {
  GRAPE_CHECK(through >= durable_);
  GRAPE_CHECK(through <= last_);
  durable_ = through;
}

void write_pipeline::applied(log_index through) {
  GRAPE_CHECK(through >= applied_);
  GRAPE_CHECK(through <= durable_);
  for (; applied_ < through; applied_ = applied_.next()) {
    bytes_waiting_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
}

log_index write_pipeline::let_in(std::size_t bytes, schema_version before) {
  last_ = last_.next();
  waiting_.push_back({bytes, before});
  bytes_waiting_ += bytes;
  return last_;
}

bool surely_not_logged(errc answer) noexcept {
  return answer == errc::no_space || answer == errc::too_large || answer == errc::unavailable;
}

bool sync_due(std::uint64_t bytes_unsynced, bool anything_unsynced, std::uint64_t since_ms,
              const sync_limits& limits) noexcept {
  if (!anything_unsynced)
    return false;
  return bytes_unsynced >= limits.bytes_max || since_ms >= limits.interval_ms;
}

} // namespace grape::shard
