#include "actors/router.hpp"

#include "actors/conversation.hpp"
#include "actors/owed.hpp"
#include "actors/patience.hpp"
#include "actors/reporting.hpp"
#include "core/cluster/split.hpp"
#include "core/query/merge_writes.hpp"
#include "core/query/plan_write.hpp"
#include "core/request/existence.hpp"

namespace grape::actors {

namespace {

/// Shards refuse late reads themselves; the router waits a little longer to hear them say so.
constexpr std::chrono::milliseconds read_grace{2'000};

/// Longer than a shard holds a write back and a disk may take; then nobody knows what became of it.
constexpr std::chrono::minutes write_patience{5};

/// A change of schema reaches the shards soon after it is committed.
constexpr std::chrono::milliseconds stale_pause{20};
constexpr int stale_attempts_max = 100;

using receipt_promise = owed<shard_receipt>;
using answer_promise = owed<parcel<query::read_answer>>;
using all_answers = std::vector<shard::answer>;

/// A batch whose parts are on their way.
struct routed_batch {
  std::string collection;
  std::vector<outcome<write_receipt>> parts; // Those that came back.
  std::size_t expected = 0;
  receipt_promise promise;

  void add(outcome<write_receipt> part) {
    parts.push_back(std::move(part));
    if (parts.size() < expected)
      return;
    const auto whole = query::merge(parts);
    if (whole)
      promise.deliver(shard_receipt{log_index{whole->operation_id}, whole->progress});
    else
      promise.refuse(whole.error());
  }

  void refuse(const status& why) const { promise.refuse(why); }
};

/// One of them.
struct routed_part {
  std::shared_ptr<routed_batch> batch;
  write_command command;
  int attempts = 0;
};

using router_self = router_actor::extend<
  // From itself: a part that was refused as stale, after a pause.
  caf::reacts_to<parcel<routed_part>>>;

struct router_state {
  router_state() {}

  void read(const std::shared_ptr<conversation>& talk, const answer_promise& promise);
  template <class Then>
  void ask(const std::vector<query::shard_ask>& asks, const read_options& how,
           std::uint64_t deadline_ms, Then then);
  void write(const std::shared_ptr<routed_write>& asked, receipt_promise promise);
  void send_parts(std::vector<write_command> parts, const std::shared_ptr<routed_batch>& batch);
  void send_part(const routed_part& part);
  void send_again(routed_part& part);

  router_self::stateful_pointer<router_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const catalog> known;
  patience waits;
};

/// Sends each question to its shard; `then(outcome<all_answers>)` once all have answered or one
/// has failed.
template <class Then>
void router_state::ask(const std::vector<query::shard_ask>& asks, const read_options& how,
                       std::uint64_t deadline_ms, Then then) {
  struct gathering {
    all_answers answers;
    std::size_t missing = 0;
    bool failed = false;
    Then then;
  };
  auto gather = std::make_shared<gathering>(
    gathering{all_answers(asks.size()), asks.size(), false, std::move(then)});
  const auto now = home->host.now_ms();
  const auto within = std::chrono::milliseconds{deadline_ms > now ? deadline_ms - now : 0}
                      + read_grace;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    const auto door = home->board.get<shard_actor>(role::shard(asks[i].group));
    const auto fail = [gather](const caf::error& why) {
      if (!std::exchange(gather->failed, true))
        gather->then(outcome<all_answers>{to_status(why)});
    };
    if (!door) {
      fail(to_error({errc::unavailable, "a shard of the collection is not ready yet"}));
      return;
    }
    waits.ask<parcel<shard::answer>>(
      self, door, within, shard_read{asks[i].question, how.level, deadline_ms},
      [gather, i](parcel<shard::answer>& answer) {
        gather->answers[i] = std::move(*answer.value);
        if (--gather->missing == 0 && !gather->failed)
          gather->then(outcome<all_answers>{std::move(gather->answers)});
      },
      fail);
  }
}

/// Lets a conversation take its next step, and those that follow from the answers.
void router_state::read(const std::shared_ptr<conversation>& talk, const answer_promise& promise) {
  auto& next = *talk->next;
  if (auto* answer = std::get_if<query::read_answer>(&next))
    return promise.deliver(wrap(std::move(*answer)));
  if (const auto* refused = std::get_if<status>(&next))
    return promise.refuse(*refused);
  ask(std::get<std::vector<query::shard_ask>>(next), talk->how, talk->deadline_ms,
      [this, talk, promise](outcome<all_answers> answers) {
        if (!answers)
          return promise.refuse(answers.error());
        talk->next = talk->session.answered(std::move(*answers));
        read(talk, promise);
      });
}

/// Existence first, on all shards; only then is anything proposed on any.
void router_state::write(const std::shared_ptr<routed_write>& asked, receipt_promise promise) {
  auto batch = std::make_shared<routed_batch>();
  batch->collection = asked->collection;
  batch->expected = asked->parts.size();
  batch->promise = std::move(promise);
  if (asked->must_exist.empty())
    return send_parts(std::move(asked->parts), batch);
  const auto* entry = known ? known->state.find_exact(asked->collection) : nullptr;
  if (entry == nullptr)
    return batch->refuse({errc::not_found, asked->collection});
  std::vector<query::shard_ask> asks;
  for (auto& [shard, ids] : cluster::split(asked->must_exist, entry->slots, entry->groups.size()))
    asks.push_back({entry->groups.at(shard.value),
                    std::make_shared<const shard::question>(shard::ask_missing{std::move(ids)})});
  read_options how;
  how.level = read_level::linearizable;
  ask(asks, how, asked->deadline_ms, [this, asked, batch](outcome<all_answers> answers) {
    if (!answers)
      return batch->refuse(answers.error());
    for (const auto& answer : *answers)
      if (const auto& missing = std::get<shard::shard_missing>(answer.body).ids; !missing.empty())
        return batch->refuse(absent(missing.front()));
    send_parts(std::move(asked->parts), batch);
  });
}

void router_state::send_parts(std::vector<write_command> parts,
                              const std::shared_ptr<routed_batch>& batch) {
  for (auto& part : parts)
    send_part({batch, std::move(part), 0});
}

void router_state::send_part(const routed_part& part) {
  const auto door = home->board.get<shard_actor>(role::shard(part.command.group));
  if (!door)
    return part.batch->add(status{errc::unavailable, "a shard is not ready yet"});
  waits.ask<shard_receipt>(
    self, door, write_patience + std::chrono::milliseconds{part.command.timeout_ms}, part.command,
    [part](const shard_receipt& receipt) {
      part.batch->add(write_receipt{receipt.index.value, receipt.progress});
    },
    [this, part](const caf::error& why) {
      auto told = to_write_status(why);
      if (told.code != errc::stale_route || part.attempts >= stale_attempts_max)
        return part.batch->add(std::move(told));
      self->delayed_send(self, stale_pause, wrap(routed_part{part}));
    });
}

/// The schema changed between planning and proposing: plan again by what holds now.
void router_state::send_again(routed_part& part) {
  ++part.attempts;
  known = home->known.get();
  const auto* entry = known->state.find_exact(part.batch->collection);
  if (entry == nullptr)
    return part.batch->add(status{errc::not_found, "Collection `" + part.batch->collection
                                                     + "` doesn't exist!"});
  if (entry->schema.version != part.command.validated_against) {
    auto bytes = query::plan_again(part.command.bytes, entry->schema);
    if (!bytes)
      return part.batch->add(std::move(bytes).error());
    part.command.bytes = std::move(*bytes);
    part.command.validated_against = entry->schema.version;
  }
  send_part(part);
}

router_self::behavior_type router(router_self::stateful_pointer<router_state> self,
                                  const std::shared_ptr<house>& home) {
  self->state.self = self;
  self->state.home = home;
  self->state.known = home->known.get();
  return {
    reports(self),
    [self](const parcel<routed_write>& asked) -> caf::result<shard_receipt> {
      const receipt_promise promise{self, fell_writing()};
      self->state.write(asked.value, promise);
      return promise;
    },
    [self](const parcel<conversation>& talk) -> caf::result<parcel<query::read_answer>> {
      const answer_promise promise{self, fell()};
      self->state.read(talk.value, promise);
      return promise;
    },
    [self](shard_map_changed) { self->state.known = self->state.home->known.get(); },
    [self](tick_now) { self->state.waits.look(self); },
    [self](const parcel<routed_part>& part) { self->state.send_again(*part.value); },
  };
}

} // namespace

router_actor spawn_router(caf::actor_system& system, std::shared_ptr<house> home,
                          std::size_t number) {
  return enrolled(*home, role::router(number),
                  caf::actor_cast<router_actor>(system.spawn(router, home)));
}

} // namespace grape::actors
