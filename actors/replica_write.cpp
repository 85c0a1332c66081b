#include "actors/replica_state.hpp"

#include "core/shard/command.hpp"
#include "core/shard/write_stamp.hpp"

#include <algorithm>

namespace grape::actors {

std::shared_ptr<const collection_schema> committed_schema(const house& home, group_id group) {
  std::shared_ptr<const collection_schema> found;
  if (const auto known = home.known.get())
    known->state.for_each_collection([&found, group](const auto&, const auto& entry) {
      const auto is_it = [group](const auto& one) { return one.second == group; };
      if (std::any_of(entry.groups.begin(), entry.groups.end(), is_it))
        found = std::make_shared<const collection_schema>(entry.schema);
    });
  return found;
}

namespace {

/// Only looked at where a quota is exceeded.
bool entry_takes_room(std::string_view bytes) {
  const auto entry = shard::split_stamp(bytes);
  if (!entry)
    return false; // Refused for what it is.
  const auto command = shard::decode(entry->command);
  return command && shard::takes_room(*command);
}

} // namespace

caf::result<shard_receipt> replica_state::propose(const write_command& asked) {
  if (!failed.ok())
    return to_error(failed);
  if (!full.ok())
    return to_error(full);
  if (const auto within = home->quota.check(*home); !within.ok() && entry_takes_room(asked.bytes))
    return to_error(within);
  if (place->member)
    return propose_to_group(asked);
  if (!line)
    return to_error({errc::unavailable, "shard " + place->name + " is not ready yet"});
  const auto index = line->propose_points(asked.validated_against, asked.bytes.size());
  if (!index)
    return to_error(index.error());
  const receipt_promise promise{self, fell_writing()};
  const auto now = home->host.now_ms();
  append(*index, asked.bytes, asked.wait, asked.timeout_ms, promise,
         now + inflow.pause_ms(now, asked.bytes.size()));
  return promise;
}

caf::result<shard_receipt> replica_state::propose(const schema_change& asked) {
  if (!failed.ok())
    return to_error(failed);
  if (!full.ok())
    return to_error(full);
  if (place->member)
    return propose_to_group(asked);
  if (!line)
    return to_error({errc::unavailable, "shard " + place->name + " is not ready yet"});
  auto bytes = shard::encode(shard::change_schema{*asked.schema});
  const auto index = line->propose_schema(asked.schema->version, bytes.size());
  if (index == log_index{})
    return shard_receipt{line->last(), write_progress::completed};
  const receipt_promise promise{self, fell_writing()};
  append(index, std::move(bytes), true, 0, promise, 0);
  return promise;
}

void replica_state::append(log_index index, std::string bytes, bool wait, std::uint32_t timeout_ms,
                           receipt_promise promise, std::uint64_t answered_from_ms) {
  beats = 0;
  tidied = false;
  beat_wish.set(true);
  // A renewed LOG_WRITER is met only when nothing is on its way to the fallen one: entries must
  // arrive in order or not at all.
  if (line->durable_through().next() == index)
    log = home->board.get<log_writer_actor>(role::log_writer);
  log_append asked;
  asked.records.push_back({place->group, index, term{1}, bytes});
  const auto ticket = next_ticket++;
  writes.push_back(
      {index, ticket, std::move(bytes), wait, false, answered_from_ms, std::move(promise)});
  if (wait && timeout_ms > 0)
    self->delayed_send(self, std::chrono::milliseconds{timeout_ms}, wait_expired{index});
  waits.ask<done>(
    self, log, disk_timeout, std::move(asked), [this, index](done) { durable(index); },
    [this, ticket](caf::error& why) {
      const auto told = to_write_status(why);
      if (shard::surely_not_logged(told.code))
        return withdraw(ticket, told);
      // Nobody knows whether the entry is in the log: the next replica reads what is.
      self->quit(std::move(why));
    });
}

void replica_state::durable(log_index index) {
  if (!line)
    return; // Out of service meanwhile.
  line->durable(index);
  const auto& write = writes[index.value - line->applied_through().value - 1];
  if (!write.wait)
    tell(write, write_progress::acknowledged);
  else if (write.expired)
    tell(write, write_progress::wait_timeout);
  work();
}

/// The log refused an entry. Those sent after it do not follow what it has, and are refused too.
void replica_state::withdraw(std::uint64_t ticket, const status& why) {
  if (!line || writes.empty() || writes.back().ticket < ticket)
    return; // With one before it.
  const status passed_on{why.code == errc::too_large ? errc::unavailable : why.code, why.detail};
  while (!writes.empty() && writes.back().ticket >= ticket) {
    const auto& last = writes.back();
    line->withdraw(last.index);
    last.promise.refuse(last.ticket == ticket ? why : passed_on);
    writes.pop_back();
  }
  schema_owed = true;
  beat_wish.set(true);
  // What is durable here need not be there: the log may find room in what it lets go.
  if (why.code == errc::no_space && applied_durable < machine_applied) {
    sync_wanted = true;
    work();
  }
}

void replica_state::tell(const pending_write& write, write_progress progress) {
  told_through = std::max(told_through, write.index);
  answer(write.promise, {write.index, progress}, write.answered_from_ms);
}

/// Now, or when it is time: that is what keeps writers from running ahead of the index.
void replica_state::answer(const receipt_promise& whom, const shard_receipt& with,
                           std::uint64_t from_ms) {
  const auto now = home->host.now_ms();
  if (from_ms <= now)
    return whom.deliver(with);
  held_answers.emplace(++last_held, std::pair{whom, with});
  self->delayed_send(self, std::chrono::milliseconds{from_ms - now}, answer_due{last_held});
}

void replica_state::answer_held(std::uint64_t number) {
  if (const auto held = held_answers.extract(number))
    held.mapped().first.deliver(held.mapped().second);
}

/// What the control plane committed must arrive, also if the log has refused it.
void replica_state::catch_up_with_schema() {
  schema_owed = false;
  if (place->member)
    return catch_up_with_schema_in_group();
  if (auto schema = committed_schema(*home, place->group))
    (void)propose(schema_change{std::move(schema)});
}

void replica_state::expired(log_index index) {
  if (!line || index <= line->applied_through())
    return;
  auto& write = writes[index.value - line->applied_through().value - 1];
  write.expired = true;
  if (index <= line->durable_through())
    tell(write, write_progress::wait_timeout);
}

} // namespace grape::actors
