#include "actors/router.hpp"

#include "actors/reporting.hpp"
#include "actors/router_state.hpp"
#include "core/query/filtered_write.hpp"
#include "core/query/merge_writes.hpp"
#include "core/query/plan_write.hpp"
#include "core/request/existence.hpp"
#include "core/shard/acknowledgement.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

/// Shards refuse late reads themselves; the router waits a little longer to hear them say so.
constexpr std::chrono::milliseconds read_grace{2'000};

/// Longer than a shard holds a write back and a disk may take; then nobody knows what became of it.
constexpr std::chrono::minutes write_patience{5};

/// A change of schema reaches the shards soon after it is committed.
constexpr std::chrono::milliseconds stale_pause{20};
constexpr int stale_attempts_max = 100;

/// In a cluster: so long a write looks for a leader, and so long for the answer of one. Afterwards
/// it is surely not applied, or nobody knows.
constexpr std::uint64_t leader_patience_ms = 10'000;
constexpr std::uint64_t answer_patience_ms = 120'000;

/// Without a stamp nobody could tell whether a second attempt is one.
errand_plan plan_of_write(std::uint64_t now_ms, const routed_part& part) {
  const auto timeout_ms = part.command.timeout_ms;
  return {part.stamp ? query::route_goal::write : query::route_goal::single_write,
          now_ms + answer_patience_ms + timeout_ms, part.batch->attempts_end_ms,
          write_patience + std::chrono::milliseconds{timeout_ms}};
}

errand_plan plan_of_read(std::uint64_t now_ms, std::uint64_t deadline_ms, read_level level) {
  const std::chrono::milliseconds left{deadline_ms > now_ms ? deadline_ms - now_ms : 0};
  return {level == read_level::eventual ? query::route_goal::nearest_read : query::route_goal::read,
          deadline_ms, deadline_ms, left + read_grace};
}

/// A question on the way to a write: as long as nothing is proposed, nothing is late.
status unavailable_if_late(const status& why) {
  return {why.code == errc::timed_out ? errc::unavailable : why.code, why.detail};
}

} // namespace

void routed_batch::add(outcome<write_receipt> part) {
  parts.push_back(std::move(part));
  if (parts.size() < expected)
    return;
  const auto whole = query::merge(parts);
  if (then)
    return then(whole);
  if (whole)
    promise.deliver(
        shard_receipt{log_index{whole->operation_id}, whole->progress, whole->copies});
  else
    promise.refuse(whole.error());
}

/// Sends each question to its shard; `then` once all have answered or one has failed.
void router_state::ask(const std::vector<query::shard_ask>& asks, read_level level,
                       std::uint64_t deadline_ms,
                       const std::function<void(outcome<all_answers>)>& then) {
  struct gathering {
    all_answers answers;
    std::size_t missing = 0;
    std::function<void(outcome<all_answers>)> then; // Empty: told.
  };
  auto gather
      = std::make_shared<gathering>(gathering{all_answers(asks.size()), asks.size(), then});
  const auto plan = plan_of_read(home->host.now_ms(), deadline_ms, level);
  for (std::size_t i = 0; i < asks.size() && gather->then; ++i)
    ask_shard(asks[i].group, shard_read{asks[i].question, level, deadline_ms}, plan,
              [gather, i](outcome<door_answer> answer) {
                if (!gather->then)
                  return;
                if (!answer)
                  return std::exchange(gather->then, nullptr)(std::move(answer).error());
                gather->answers[i] = std::move(*std::get<parcel<shard::answer>>(*answer).value);
                if (--gather->missing == 0)
                  std::exchange(gather->then, nullptr)(std::move(gather->answers));
              });
}

/// Lets a conversation take its next step, and those that follow from the answers.
void router_state::read(const std::shared_ptr<conversation>& talk,
                        const owed<parcel<query::read_answer>>& to) {
  auto& next = *talk->next;
  if (auto* answer = std::get_if<query::read_answer>(&next))
    return to.deliver(wrap(std::move(*answer)));
  if (const auto* refused = std::get_if<status>(&next))
    return to.refuse(*refused);
  ask(std::get<std::vector<query::shard_ask>>(next), talk->how.level, talk->deadline_ms,
      [this, talk, to](outcome<all_answers> answers) {
        if (!answers)
          return read_again(talk, answers.error(), to);
        talk->next =
            talk->session.answered(std::move(*answers), time_until(*home, talk->deadline_ms));
        read(talk, to);
      });
}

/// A shard that was asked is no more: the same question anew, by what is known now.
void router_state::read_again(const std::shared_ptr<conversation>& talk, const status& why,
                              const owed<parcel<query::read_answer>>& to) {
  const auto now_known = home->known.get();
  if (why.code != errc::stale_route || now_known->epoch <= talk->session.planned_by())
    return to.refuse(why);
  const auto again =
      std::make_shared<conversation>(talk->session.asked(), now_known, home->host.now_ms());
  again->deadline_ms = talk->deadline_ms;
  again->next = again->session.begin();
  read(again, to);
}

/// Existence first, on all shards; only then is anything proposed on any.
void router_state::write(const std::shared_ptr<routed_write>& asked, owed<shard_receipt> promise) {
  check_existence(asked, [this, asked, promise = std::move(promise)](const status& all_exist) {
    if (!all_exist.ok())
      return promise.refuse(all_exist);
    if (asked->by_filter)
      return go_on(asked, promise);
    auto batch = std::make_shared<routed_batch>();
    batch->collection = asked->collection;
    batch->expected = asked->parts.size();
    batch->promise = promise;
    send_parts(std::move(asked->parts), batch);
  });
}

void router_state::check_existence(const std::shared_ptr<routed_write>& asked,
                                   std::function<void(status)> then) {
  if (asked->must_exist.empty())
    return then({});
  std::vector<query::shard_ask> asks;
  for (auto& [group, ids] : asked->must_exist)
    asks.push_back({group, std::make_shared<const shard::question>(shard::ask_missing{ids})});
  ask(asks, read_level::linearizable, asked->deadline_ms,
      [this, asked, then = std::move(then)](const outcome<all_answers>& answers) {
        if (!answers && answers.error().code == errc::stale_route)
          return then(why_gone(asked->collection, true));
        if (!answers) // Surely not applied, so it is no write that is late.
          return then(unavailable_if_late(answers.error()));
        for (const auto& answer : *answers)
          if (const auto& missing = std::get<shard::shard_missing>(answer.body).ids;
              !missing.empty())
            return then(absent(missing.front()));
        then({});
      });
}

/// Performs the steps of a write by filter until it is over.
void router_state::go_on(const std::shared_ptr<routed_write>& asked,
                         const owed<shard_receipt>& to) {
  known = home->known.get();
  const auto* entry = known ? known->state.find_exact(asked->collection) : nullptr;
  auto& talk = *asked->by_filter;
  auto step = talk.next(entry, home->host.now_ms());
  if (const auto* whole = std::get_if<outcome<write_receipt>>(&step)) {
    if (!*whole)
      return to.refuse(whole->error());
    return to.deliver(shard_receipt{log_index{(*whole)->operation_id}, (*whole)->progress,
                                    (*whole)->copies});
  }
  if (const auto* asks = std::get_if<std::vector<query::shard_ask>>(&step))
    return ask(*asks, read_level::linearizable, home->host.now_ms() + read_options{}.timeout_ms,
               [this, asked, to](outcome<all_answers> answers) {
                 if (!answers)
                   answers = answers.error().code == errc::stale_route
                                 ? why_gone(asked->collection, true)
                                 : unavailable_if_late(answers.error());
                 asked->by_filter->answered(std::move(answers));
                 go_on(asked, to);
               });
  auto& made = std::get<query::filtered_write::proposals>(step);
  auto batch = std::make_shared<routed_batch>();
  batch->collection = asked->collection;
  batch->expected = made.parts.size();
  batch->then = [this, asked, to](const outcome<write_receipt>& whole) {
    asked->by_filter->proposed(whole);
    go_on(asked, to);
  };
  std::vector<write_command> parts;
  for (auto& part : made.parts)
    parts.push_back({part.group, made.routed_by, made.validated_against, made.wait,
                     made.timeout_ms, std::move(part.bytes), made.ack});
  send_parts(std::move(parts), batch);
}

void router_state::send_parts(std::vector<write_command> parts,
                              const std::shared_ptr<routed_batch>& batch) {
  batch->attempts_end_ms = home->host.now_ms() + leader_patience_ms;
  for (auto& part : parts)
    begin_part({batch, std::move(part), {}, 0});
}

/// In a cluster a write has a stamp, so that a second attempt is no second write.
void router_state::begin_part(routed_part part) {
  if (const auto member = home->member.get()) {
    if (!outgoing)
      outgoing.emplace(shard::write_session{member->self, number, {home->incarnation, renewal}});
    part.stamp = outgoing->begin(part.command.group);
  }
  send_part(part);
}

void router_state::send_part(const routed_part& part) {
  auto command = part.command;
  if (part.stamp)
    command.bytes = shard::stamped(*part.stamp, command.bytes);
  ask_shard(part.command.group, std::move(command), plan_of_write(home->host.now_ms(), part),
            [this, part](outcome<door_answer> answer) {
              if (answer) {
                const auto& receipt = std::get<shard_receipt>(*answer);
                note_taken(part, receipt);
                return end_part(part, write_receipt{receipt.index.value, receipt.progress,
                                                    receipt.copies});
              }
              auto why = std::move(answer).error();
              if (why.code != errc::stale_route || part.attempts >= stale_attempts_max)
                return end_part(part, std::move(why));
              self->delayed_send(self, stale_pause, wrap(routed_part{part}));
            });
}

void router_state::end_part(const routed_part& part, outcome<write_receipt> with) {
  if (part.stamp)
    outgoing->settle(part.command.group, part.stamp->number);
  part.batch->add(std::move(with));
}

/// What is acknowledged before a majority has it may be lost with its leader.
void router_state::note_taken(const routed_part& part, const shard_receipt& receipt) {
  const auto* entry = known ? known->state.find_exact(part.batch->collection) : nullptr;
  const bool may_be_lost =
      entry == nullptr
      || shard::demand_of(entry->schema.options, part.command.ack, part.command.wait).ack
             == write_ack::eventual;
  if (part.stamp && (receipt.progress == write_progress::completed || !may_be_lost))
    outgoing->seen(part.command.group, receipt.index);
}

/// The schema changed between planning and proposing: plan again by what holds now. Surely nothing
/// took effect, so the number of the write stays what it is.
void router_state::send_again(routed_part& part) {
  ++part.attempts;
  known = home->known.get();
  const auto* entry = known->state.find_exact(part.batch->collection);
  const auto is_it = [&part](const auto& one) { return one.second == part.command.group; };
  if (entry == nullptr || std::none_of(entry->groups.begin(), entry->groups.end(), is_it))
    return end_part(part, why_gone(part.batch->collection, is_gone(part.command.group)));
  if (entry->schema.version != part.command.validated_against) {
    auto bytes = query::plan_again(part.command.bytes, entry->schema);
    if (!bytes)
      return end_part(part, std::move(bytes).error());
    part.command.bytes = std::move(*bytes);
    part.command.validated_against = entry->schema.version;
  }
  if (part.stamp && part.attempts % 4 == 2)
    return look_where_log_is(part);
  send_part(part);
}

void router_state::map_changed() {
  known = home->known.get();
  end_those_gone();
  if (outgoing)
    outgoing->forget_unless(
        [this](group_id group) { return known->state.groups().contains(group); });
}

/// What whoever asked a shard hears if it is none of its collection any more. What a recovery has
/// replaced is there for a while, what was dropped is not.
status router_state::why_gone(const std::string& collection, bool is_deleted) const {
  const auto now_known = home->known.get();
  const auto* entry = now_known->state.find_exact(collection);
  if (entry == nullptr)
    return {errc::not_found, "Collection `" + collection + "` doesn't exist!"};
  if (is_deleted && is_sharded_by_keys(entry->schema.options))
    return {errc::not_found, "Shard key not found: it was deleted meanwhile"};
  return {errc::unavailable, "`" + collection + "` has just been replaced"};
}

/// A shard that has seen very many sessions lets a new one in only if it says since when it is one.
void router_state::look_where_log_is(const routed_part& part) {
  const std::vector<query::shard_ask> asks{
      {part.command.group, std::make_shared<const shard::question>(shard::ask_missing{})}};
  ask(asks, read_level::linearizable, part.batch->attempts_end_ms,
      [this, part](const outcome<all_answers>& answers) {
        auto informed = part;
        if (answers) {
          outgoing->seen(part.command.group, answers->front().applied);
          informed.stamp->since = answers->front().applied;
        }
        send_part(informed);
      });
}

void router_state::take_schema(const routed_schema& asked, const owed<shard_receipt>& to) {
  const errand_plan plan{query::route_goal::write, asked.deadline_ms, asked.deadline_ms,
                         write_patience}; // The same version twice changes nothing.
  ask_shard(asked.group, schema_change{asked.schema}, plan, [to](outcome<door_answer> answer) {
    if (answer)
      to.deliver(std::get<shard_receipt>(*answer));
    else
      to.refuse(answer.error());
  });
}

void router_state::reach(const reach_group& asked, const owed<done>& to) {
  const std::vector<query::shard_ask> asks{
      {asked.group, std::make_shared<const shard::question>(shard::ask_missing{})}};
  ask(asks, read_level::eventual, asked.deadline_ms, [to](const outcome<all_answers>& answers) {
    if (answers)
      to.deliver(done{});
    else
      to.refuse(answers.error());
  });
}

namespace {

router_self::behavior_type router(router_self::stateful_pointer<router_state> self,
                                  const std::shared_ptr<house>& home, std::size_t number) {
  self->state.self = self;
  self->state.home = home;
  self->state.known = home->known.get();
  self->state.number = static_cast<std::uint32_t>(number);
  self->state.renewal = ++home->router_lives;
  return {
    reports(self),
    [self](const parcel<routed_write>& asked) -> caf::result<shard_receipt> {
      const owed<shard_receipt> promise{self, fell_writing()};
      self->state.write(asked.value, promise);
      return promise;
    },
    [self](const parcel<conversation>& talk) -> caf::result<parcel<query::read_answer>> {
      const owed<parcel<query::read_answer>> promise{self, fell()};
      self->state.read(talk.value, promise);
      return promise;
    },
    [self](const parcel<routed_schema>& asked) -> caf::result<shard_receipt> {
      const owed<shard_receipt> promise{self, fell_writing()};
      self->state.take_schema(*asked.value, promise);
      return promise;
    },
    [self](const parcel<reach_group>& asked) -> caf::result<done> {
      const owed<done> promise{self, fell()};
      self->state.reach(*asked.value, promise);
      return promise;
    },
    [self](shard_map_changed) { self->state.map_changed(); },
    [self](tick_now) { self->state.waits.look(self); },
    [self](const parcel<routed_part>& part) { self->state.send_again(*part.value); },
    [self](const parcel<doorless>& again) {
      auto& one = *again.value;
      self->state.ask_shard(one.group, std::move(one.asked), one.plan, std::move(one.then));
    },
    [self](const leader_known& news) { self->state.ask_leader_of(news.group); },
    [self](const errand_due& now) { self->state.due(now.at_ms); },
  };
}

} // namespace

router_actor spawn_router(caf::actor_system& system, std::shared_ptr<house> home,
                          std::size_t number) {
  return enrolled(*home, role::router(number),
                  caf::actor_cast<router_actor>(system.spawn(router, home, number)));
}

} // namespace grape::actors
