#include "actors/shard.hpp"

#include "actors/conversation.hpp"
#include "actors/reporting.hpp"
#include "actors/shard_state.hpp"

namespace grape::actors {

namespace {

/// How long a write waits for a replica: long enough for one to be renewed, short enough for a
/// client. It is refused afterwards, surely not applied.
constexpr std::uint64_t write_hold_ms = 5'000;

/// A read whose answer is lost is let go this long after its own deadline.
constexpr std::chrono::seconds write_grace{10};

std::uint32_t own_timeout(const write_command& asked) {
  return asked.timeout_ms;
}

std::uint32_t own_timeout(const schema_change&) {
  return 0;
}

/// Sends the answer of a search from whatever thread it ran on; if the job is dropped without
/// having run, it says so.
class read_ticket {
public:
  read_ticket(shard_actor door, std::uint64_t read) : door_(std::move(door)), read_(read) {
  }

  read_ticket(const read_ticket&) = delete;
  read_ticket& operator=(const read_ticket&) = delete;

  ~read_ticket() {
    if (door_)
      tell(status{errc::unavailable, "the search threads are being renewed"});
  }

  void tell(outcome<shard::answer> found) {
    caf::anon_send(std::exchange(door_, nullptr),
                   read_done{read_, std::make_shared<outcome<shard::answer>>(std::move(found))});
  }

private:
  shard_actor door_;
  std::uint64_t read_;
};

} // namespace

shard_state::~shard_state() {
  if (window)
    window->set(nullptr);
}

void shard_state::watch(replica_actor from) {
  replica = nullptr;
  if (!from)
    return;
  self->monitor(from);
  self->request(from, open_timeout, watch_views{})
    .then(
      [this, from](const view_changed& news) {
        replica = from;
        saw(news);
      },
      [this](const caf::error& why) {
        // A replica that fell is renewed and announces itself, one without room when it has
        // some; one that refuses for another reason is final.
        const auto told = to_status(why);
        if (told.code == errc::no_space)
          cannot_open(told);
        else if (told.code != errc::unavailable)
          out_of_service(told);
      });
}

void shard_state::saw(const view_changed& news) {
  if (!replica || self->current_sender() != replica)
    return; // Of a replica that fell meanwhile.
  shown.newest = news.view;
  shown.missing = {};
  shown.indexing = news.indexing;
  shown.fence.acknowledged(news.acknowledged);
  shown.fence.visible(news.view->applied());
  show();
  for (auto& one : writes.take_all())
    std::visit([this, &one](const auto& asked) { forward(asked, one.promise); }, one.asked);
  for (auto& one : reads.take_if([this](const held_read& read) {
         return shown.view_with(read.needed) != nullptr;
       }))
    answer(one.asked, one.promise);
  full = news.full;
  if (!full.ok())
    refuse_held(full);
}

/// The view goes too: a renewed STORAGE cannot open the store while somebody reads from it.
void shard_state::lost() {
  replica = nullptr;
  shown.newest = nullptr;
  shown.missing = failed;
  full = {};
  show();
  if (shown.replicated)
    refuse_held(not_ready());
}

/// Whoever looks from now on sees this.
void shard_state::show() {
  window->set(std::make_shared<const shard::shown_state>(shown));
}

/// It is tried again; until then whoever reads hears what is missing, and why.
void shard_state::cannot_open(const status& why) {
  full = {why.code, "shard " + place->name + " cannot be opened: " + why.detail};
  shown.missing = full;
  show();
  refuse_held(full);
}

void shard_state::out_of_service(const status& why) {
  failed = {why.code, "shard " + place->name + " is out of service: " + why.detail};
  lost();
  refuse_held(failed);
}

void shard_state::refuse_held(const status& why) {
  const auto told = refusal(elsewhere(why));
  for (auto& one : writes.take_all())
    one.promise.refuse(told);
  for (auto& one : reads.take_all())
    one.promise.refuse(told);
  for (auto& one : unconfirmed.take_all())
    one.promise.refuse(told);
}

void shard_state::let_go_late() {
  const auto now = home->host.now_ms();
  for (auto& one : writes.take_late(now))
    one.promise.refuse(not_ready());
  for (auto& one : reads.take_late(now))
    one.promise.refuse(
      status{errc::timed_out, "shard " + place->name + " was not ready in time"});
}

bool shard_state::anybody_waits() const {
  return waits.open() > 0 || !reads.empty() || !writes.empty();
}

void shard_state::read(const shard_read& asked, const answer_debt& promise) {
  const auto needed = shown.fence.needed_by(asked.level);
  if (!failed.ok())
    promise.refuse(refusal(elsewhere(failed)));
  else if (shown.needs_index(asked.level))
    read_by_index(asked, promise);
  else if (shown.view_for(asked.level))
    answer(asked, promise);
  else if (!full.ok())
    promise.refuse(refusal(elsewhere(full)));
  else if (shown.replicated)
    promise.refuse(refusal(not_ready()));
  else if (reads.full())
    promise.refuse(status{errc::overloaded, "too many reads wait for shard " + place->name});
  else
    hold({asked, needed, promise});
}

/// Needs !reads.full().
void shard_state::hold(held_read one) {
  beat_wish.set(true);
  const auto deadline_ms = one.asked.deadline_ms;
  reads.admit(std::move(one), deadline_ms);
}

void shard_state::answer(const shard_read& asked, const answer_debt& promise) {
  const auto pool = home->search_pool.get();
  const auto number = next_read++;
  auto ticket = std::make_shared<read_ticket>(caf::actor_cast<shard_actor>(self), number);
  searching.emplace(number, promise);
  auto job = [ticket, from = shown, asked, home = home, group = place->group] {
    const auto stale_ms = staleness_of(*home, group, asked.level);
    auto found = ask_shown(*home, from, *asked.asked, asked.deadline_ms);
    if (found)
      found->staleness_ms = stale_ms;
    ticket->tell(std::move(found));
  };
  if (pool && pool->post(std::move(job)))
    return;
  ticket->tell(pool ? status{errc::overloaded, "too many searches are waiting"}
                    : status{errc::unavailable, "the search threads are being renewed"});
}

void shard_state::found(const read_done& told) {
  const auto at = searching.find(told.read);
  if (at == searching.end())
    return;
  const auto promise = std::move(at->second);
  searching.erase(at);
  auto& result = *told.found;
  if (result)
    promise.deliver(wrap(std::move(*result)));
  else
    promise.refuse(result.error());
}

template <class Command>
void shard_state::write(const Command& asked, const receipt_debt& promise) {
  if (!failed.ok())
    promise.refuse(refusal(elsewhere(failed)));
  else if (replica)
    forward(asked, promise);
  else if (!full.ok())
    promise.refuse(refusal(elsewhere(full)));
  else if (shown.replicated)
    promise.refuse(refusal(not_ready()));
  else if (writes.full())
    promise.refuse(status{errc::overloaded, "too many writes wait for shard " + place->name});
  else {
    beat_wish.set(true);
    writes.admit({asked, promise}, home->host.now_ms() + write_hold_ms);
  }
}

template <class Command>
void shard_state::forward(const Command& asked, const receipt_debt& promise) {
  promise.lost_means(fell_writing());
  beat_wish.set(true);
  const auto within = disk_timeout + std::chrono::milliseconds{own_timeout(asked)} + write_grace;
  waits.ask<shard_receipt>(
    self, replica, within, asked,
    [this, promise](const shard_receipt& receipt) {
      shown.fence.acknowledged(receipt.index);
      show(); // First: whoever reads after this answer must see the write.
      promise.deliver(receipt);
    },
    [this, promise](const caf::error& why) {
      promise.refuse(refusal(to_write_status(why), leader_of(why)));
    });
}

template void shard_state::write(const write_command&, const receipt_debt&);
template void shard_state::write(const schema_change&, const receipt_debt&);

namespace {

shard_actor::behavior_type shard_door(shard_pointer self, const std::shared_ptr<house>& home,
                                      const std::shared_ptr<const shard_place>& place) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  state.place = place;
  state.beat_wish.attach(home->busy_shards, place->group);
  state.shown.replicated = place->member != nullptr;
  state.window = home->windows.open(place->group);
  home->board.put(role::shard(place->group), caf::actor_cast<caf::strong_actor_ptr>(self));
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& own = self->state;
    if (!own.replica || own.replica.address() == down.source)
      own.lost();
  });
  state.watch(home->board.get<replica_actor>(role::replica(place->group)));
  return {
    reports(self),
    [self](const write_command& asked) -> caf::result<shard_receipt> {
      const owed<shard_receipt> promise{self, fell()};
      self->state.write(asked, receipt_debt{promise});
      return promise;
    },
    [self](const schema_change& asked) -> caf::result<shard_receipt> {
      const owed<shard_receipt> promise{self, fell()};
      self->state.write(asked, receipt_debt{promise});
      return promise;
    },
    [self](const shard_read& asked) -> caf::result<parcel<shard::answer>> {
      const owed<parcel<shard::answer>> promise{self, fell()};
      self->state.read(asked, answer_debt{promise});
      return promise;
    },
    [self](const link_asked& asked) -> caf::result<link_answer> {
      const owed<link_answer> promise{self, fell()};
      self->state.asked_from_afar(asked, promise);
      return promise;
    },
    [self](const leader_changed& news) {
      auto& own = self->state;
      if (news.term < own.newest)
        return;
      own.newest = news.term;
      own.failed = {};
      own.lost();
      own.watch(own.home->board.get<replica_actor>(role::replica(own.place->group)));
    },
    [self](const view_changed& news) { self->state.saw(news); },
    [self](const read_done& told) { self->state.found(told); },
    [self](tick_now) {
      auto& own = self->state;
      own.waits.look(self);
      own.let_go_late();
      own.beat_wish.set(own.anybody_waits());
    },
  };
}

} // namespace

shard_actor spawn_shard(caf::actor_system& system, std::shared_ptr<house> home,
                        std::shared_ptr<const shard_place> place) {
  return enrolled(*home, role::shard(place->group), system.spawn(shard_door, home, place));
}

} // namespace grape::actors
