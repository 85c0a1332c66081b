#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "actors/shard_place.hpp"
#include "core/shard/shown_state.hpp"
#include "core/shard/waiting_room.hpp"

#include <unordered_map>
#include <variant>

namespace grape::actors {

struct shard_state;
using shard_pointer = shard_actor::stateful_pointer<shard_state>;
using reply_promise = owed<parcel<shard::answer>>;
using receipt_promise = owed<shard_receipt>;

/// A read that waits until the state it needs can be read.
struct held_read {
  shard_read asked;
  log_index needed;
  reply_promise promise;
};

/// A write, or a change of schema, that waits for a replica.
struct held_write {
  std::variant<write_command, schema_change> asked;
  receipt_promise promise;
};

/// The door: lets through what can be done now, holds back the rest for a while.
struct shard_state {
  shard_state() {}
  ~shard_state();

  void watch(replica_actor replica);
  void saw(const view_changed& news);
  void lost();
  void out_of_service(const status& why);
  void refuse_held(const status& why);
  void show();
  void let_go_late();

  caf::result<parcel<shard::answer>> read(const shard_read& asked);
  void answer(const shard_read& asked, const reply_promise& promise);
  void found(const read_done& done);

  template <class Command>
  caf::result<shard_receipt> write(const Command& asked);
  template <class Command>
  void forward(const Command& asked, const receipt_promise& promise);

  shard_pointer self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const shard_place> place;

  replica_actor replica; // Invalid, or not seen yet: nobody to write to.
  term newest;           // Of leader_changed.
  shard::shown_state shown;
  std::shared_ptr<shard_windows::window> window; // Holds `shown` for everybody.
  status failed; // Not ok: out of service.
  status full;   // Not ok: what cannot be seen now becomes visible only when the disk has room.
  patience waits;
  shard::waiting_room<held_read> reads;
  shard::waiting_room<held_write> writes;
  std::unordered_map<std::uint64_t, reply_promise> searching; // By number of the read.
  std::uint64_t next_read = 0;
};

} // namespace grape::actors
