#pragma once

#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "actors/shard_place.hpp"
#include "core/shard/read_rounds.hpp"
#include "core/shard/remote.hpp"
#include "core/shard/shown_state.hpp"
#include "core/shard/waiting_room.hpp"

#include <unordered_map>
#include <variant>

namespace grape::actors {

struct shard_state;
using shard_pointer = shard_actor::stateful_pointer<shard_state>;

inline shard::shard_reply for_the_wire(const shard_receipt& of) {
  return shard::remote_receipt{of.index, of.progress, of.copies};
}

inline shard::shard_reply for_the_wire(const parcel<shard::answer>& of) {
  return std::move(*of.value);
}

/// What is owed to whoever asked: an actor of this node, or another node by way of its PEER_LINK.
template <class Answer>
class owed_anywhere {
public:
  owed_anywhere(owed<Answer> here)
    : to_(std::move(here)) {}

  owed_anywhere(owed<link_answer> there)
    : to_(std::move(there)) {}

  void deliver(Answer answer) const {
    if (const auto* here = std::get_if<owed<Answer>>(&to_))
      return here->deliver(std::move(answer));
    std::get<owed<link_answer>>(to_).deliver({shard::encode(for_the_wire(answer))});
  }

  void refuse(const caf::error& why) const {
    std::visit([&why](const auto& to) { to.refuse(why); }, to_);
  }

  void refuse(const status& why) const { refuse(to_error(why)); }

  void lost_means(status when_lost) const {
    std::visit([&when_lost](const auto& to) { to.lost_means(std::move(when_lost)); }, to_);
  }

private:
  std::variant<owed<Answer>, owed<link_answer>> to_;
};

using answer_debt = owed_anywhere<parcel<shard::answer>>;
using receipt_debt = owed_anywhere<shard_receipt>;

/// A read that waits until the state it needs can be read, or for a ReadIndex that tells which.
struct held_read {
  shard_read asked;
  log_index needed;
  answer_debt promise;
};

/// A write, or a change of schema, that waits for a replica.
struct held_write {
  std::variant<write_command, schema_change> asked;
  receipt_debt promise;
};

/// The door: lets through what can be done now, holds back the rest for a while. One of several
/// replicas holds back only what it can answer soon, and refuses the rest at once with the leader
/// it knows of: the ROUTER that asked goes on elsewhere.
struct shard_state {
  shard_state() {}
  ~shard_state();

  void watch(replica_actor replica);
  void saw(const view_changed& news);
  void lost();
  void cannot_open(const status& why);
  void out_of_service(const status& why);
  void refuse_held(const status& why);
  void show();
  void let_go_late();
  bool anybody_waits() const;

  void read(const shard_read& asked, const answer_debt& promise);
  void hold(held_read one);
  void answer(const shard_read& asked, const answer_debt& promise);
  void found(const read_done& done);

  template <class Command>
  void write(const Command& asked, const receipt_debt& promise);
  template <class Command>
  void forward(const Command& asked, const receipt_debt& promise);

  // One of several replicas (shard_replicated.cpp).
  status not_ready() const;
  status elsewhere(const status& why) const;
  caf::error refusal(const status& why, std::optional<node_number> leader = {}) const;
  void read_by_index(const shard_read& asked, const answer_debt& promise);
  void ask_for_index();
  void confirmed(log_index index);
  void unconfirmable(const caf::error& why);
  void asked_from_afar(const link_asked& asked, const owed<link_answer>& promise);

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
  wish_for_beats beat_wish;
  shard::read_rounds<held_read> unconfirmed; // Have no index yet.
  shard::waiting_room<held_read> reads;
  shard::waiting_room<held_write> writes;
  std::unordered_map<std::uint64_t, answer_debt> searching; // By number of the read.
  std::uint64_t next_read = 0;
};

} // namespace grape::actors
