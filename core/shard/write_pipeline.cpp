#include "core/shard/write_pipeline.hpp"

#include "core/check.hpp"

#include <string>

namespace grape::shard {

write_pipeline::write_pipeline(log_index last, log_index applied, schema_version schema,
                               pipeline_limits limits)
  : limits_(limits)
  , last_(last)
  , durable_(last)
  , applied_(applied)
  , schema_(schema)
  , sizes_(last.value - applied.value, 0) {
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
  return let_in(bytes);
}

log_index write_pipeline::propose_schema(schema_version next, std::size_t bytes) {
  if (next <= schema_)
    return log_index{};
  schema_ = next;
  return let_in(bytes);
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
    bytes_waiting_ -= sizes_.front();
    sizes_.pop_front();
  }
}

log_index write_pipeline::let_in(std::size_t bytes) {
  last_ = last_.next();
  sizes_.push_back(bytes);
  bytes_waiting_ += bytes;
  return last_;
}

bool sync_due(std::uint64_t bytes_unsynced, bool anything_unsynced, std::uint64_t since_ms,
              const sync_limits& limits) noexcept {
  if (!anything_unsynced)
    return false;
  return bytes_unsynced >= limits.bytes_max || since_ms >= limits.interval_ms;
}

} // namespace grape::shard
