#include "actors/replica_state.hpp"

#include "core/shard/command.hpp"

namespace grape::actors {

caf::result<shard_receipt> replica_state::propose(const write_command& asked) {
  if (!failed.ok())
    return to_error(failed);
  if (!line)
    return to_error({errc::unavailable, "shard " + place->name + " is not ready yet"});
  const auto index = line->propose_points(asked.validated_against, asked.bytes.size());
  if (!index)
    return to_error(index.error());
  const receipt_promise promise{self, fell_writing()};
  append(*index, asked.bytes, asked.wait, asked.timeout_ms, promise);
  return promise;
}

caf::result<shard_receipt> replica_state::propose(const schema_change& asked) {
  if (!failed.ok())
    return to_error(failed);
  if (!line)
    return to_error({errc::unavailable, "shard " + place->name + " is not ready yet"});
  auto bytes = shard::encode(shard::change_schema{*asked.schema});
  const auto index = line->propose_schema(asked.schema->version, bytes.size());
  if (index == log_index{})
    return shard_receipt{line->last(), write_progress::completed};
  const receipt_promise promise{self, fell_writing()};
  append(index, std::move(bytes), true, 0, promise);
  return promise;
}

void replica_state::append(log_index index, std::string bytes, bool wait, std::uint32_t timeout_ms,
                           receipt_promise promise) {
  beats = 0;
  tidied = false;
  // A renewed LOG_WRITER is met only when nothing is on its way to the fallen one: entries must
  // arrive in order or not at all.
  if (line->durable_through().next() == index)
    log = home->board.get<log_writer_actor>(role::log_writer);
  log_append asked;
  asked.records.push_back({place->group, index, term{1}, bytes});
  writes.push_back({index, std::move(bytes), wait, false, std::move(promise)});
  if (wait && timeout_ms > 0)
    self->delayed_send(self, std::chrono::milliseconds{timeout_ms}, wait_expired{index});
  waits.ask<done>(
    self, log, disk_timeout, std::move(asked), [this, index](done) { durable(index); },
    // Nobody knows whether the entry is in the log: the next replica reads what is.
    [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void replica_state::durable(log_index index) {
  if (!line)
    return; // Out of service meanwhile.
  line->durable(index);
  auto& write = writes[index.value - line->applied_through().value - 1];
  if (!write.wait)
    write.tell(write_progress::acknowledged);
  else if (write.expired)
    write.tell(write_progress::wait_timeout);
  work();
}

void replica_state::expired(log_index index) {
  if (!line || index <= line->applied_through())
    return;
  auto& write = writes[index.value - line->applied_through().value - 1];
  write.expired = true;
  if (index <= line->durable_through())
    write.tell(write_progress::wait_timeout);
}

} // namespace grape::actors
