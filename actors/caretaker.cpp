#include "actors/caretaker.hpp"

#include "actors/owed.hpp"
#include "actors/reporting.hpp"
#include "actors/upkeep_work.hpp"
#include "core/archive/upkeep_codec.hpp"

#include <algorithm>
#include <utility>

namespace grape::actors {

namespace {

using told_fn = std::function<void(node_upkeep&)>;
using step_fn = std::function<void()>;

struct caretaker_state {
  caretaker_state() {}

  void begin(const storage_request& asked, told_fn tell);
  void look_up(upkeep_task& task) const;
  void sync_log(const std::shared_ptr<upkeep_task>& task, const step_fn& then);
  void ask_replicas(const std::shared_ptr<upkeep_task>& task, const step_fn& then);
  void do_work(const std::shared_ptr<upkeep_task>& task, const step_fn& then);
  std::chrono::milliseconds left(const upkeep_task& task) const;

  caretaker_actor::stateful_pointer<caretaker_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<upkeep_work> desk;
};

/// For the worker to say what it did not do in its time.
constexpr std::chrono::milliseconds telling{500};

/// What a person is told about something that goes on.
status still_at_work() {
  return {errc::timed_out, "not done in time; it goes on"};
}

status of_loss(const caf::error& why) {
  auto told = to_status(why);
  return told.code == errc::timed_out ? still_at_work() : std::move(told);
}

bool names_checkpoint(storage_verb verb) {
  return verb == storage_verb::checkpoint || verb == storage_verb::delete_checkpoint
         || verb == storage_verb::read_checkpoint;
}

/// Its replicas that have data, ascending by collection, then by shard.
void caretaker_state::look_up(upkeep_task& task) const {
  const auto known = home->known.get();
  if (!known) {
    task.told.result = {errc::unavailable, "the node is starting"};
    return;
  }
  if (names_checkpoint(task.asked.verb) && !archive::is_checkpoint_name(task.asked.checkpoint)) {
    task.told.result = {errc::bad_request, "`" + task.asked.checkpoint + "` names no checkpoint"};
    return;
  }
  const auto hosted = home->hosted.all();
  for (const auto& [name, entry] : known->state.collections())
    for (const auto& [shard, group] : entry.groups) {
      const auto place = hosted.find(group);
      if (place == hosted.end() || (place->second->member && place->second->member->is_witness)
          || (!task.asked.collection.empty() && task.asked.collection != name))
        continue;
      task.places.push_back(place->second);
      shard_upkeep told;
      told.collection = name;
      told.shard = shard.value;
      task.told.shards.push_back(std::move(told));
    }
}

std::chrono::milliseconds caretaker_state::left(const upkeep_task& task) const {
  const auto now = home->host.now_ms();
  return std::chrono::milliseconds{task.deadline_ms > now ? task.deadline_ms - now : 1};
}

/// For /metrics: what was done here, and what was not.
void count(house& home, const upkeep_task& task) {
  const auto is_done = [](const auto& one) { return one.result.ok(); };
  const auto good = is_done(task.told)
                    && std::all_of(task.told.shards.begin(), task.told.shards.end(), is_done);
  home.metrics.series()
      .counter_of("grape_storage_verbs_total", "Verbs of the storage done by this node.",
                  {{"verb", std::string(to_string(task.asked.verb))},
                   {"result", good ? "done" : "failed"}})
      .add();
}

void caretaker_state::begin(const storage_request& asked, told_fn tell) {
  auto task = std::make_shared<upkeep_task>();
  task->asked = asked;
  task->deadline_ms = home->host.now_ms() + asked.timeout_ms;
  const auto member = home->member.get();
  task->told.node = member ? member->self : node_number{1};
  task->told.name = home->config.node.id;
  if (asked.verb == storage_verb::usage) {
    const auto now = home->quota.read(*home);
    task->told.quota = {now.usage, now.exceeded.any()};
  } else {
    look_up(*task);
  }
  const auto end = [task, home = home, tell = std::move(tell)] {
    count(*home, *task);
    tell(task->told);
  };
  if (!task->told.result.ok())
    return end();
  switch (asked.verb) {
    case storage_verb::sync: return sync_log(task, end);
    case storage_verb::flush: return ask_replicas(task, end);
    case storage_verb::compact:
      return ask_replicas(task, [this, task, end] { do_work(task, end); });
    case storage_verb::size:
    case storage_verb::warm:
    case storage_verb::digest:
    case storage_verb::checkpoint:
    case storage_verb::list_checkpoints:
    case storage_verb::delete_checkpoint:
    case storage_verb::read_checkpoint: return do_work(task, end);
    case storage_verb::usage: return end(); // Told above.
  }
}

/// One log for all shards of the node.
void caretaker_state::sync_log(const std::shared_ptr<upkeep_task>& task, const step_fn& then) {
  const auto log = home->board.get<log_writer_actor>(role::log_writer);
  self->request(log, left(*task), log_sync{})
      .then([then](done) { then(); },
            [task, then](const caf::error& why) {
              task->told.result = of_loss(why);
              then();
            });
}

/// What only REPLICA can do, at the same time with each of them.
void caretaker_state::ask_replicas(const std::shared_ptr<upkeep_task>& task, const step_fn& then) {
  const auto missing = std::make_shared<std::size_t>(task->places.size() + 1);
  const auto one_less = [missing, then] {
    if (--*missing == 0)
      then();
  };
  for (std::size_t i = 0; i < task->places.size(); ++i) {
    const auto who = home->board.get<replica_actor>(role::replica(task->places[i]->group));
    const auto lost = [task, i, one_less](const caf::error& why) {
      task->told.shards[i].result = of_loss(why);
      one_less();
    };
    if (!who)
      lost(to_error(fell()));
    else if (task->asked.verb == storage_verb::flush)
      self->request(who, left(*task), flush_state{})
          .then(
              [task, i, one_less](state_flushed said) {
                auto& told = task->told.shards[i];
                told.applied = said.applied.value;
                told.durable = said.durable.value;
                if (said.durable < said.applied)
                  told.result = {errc::no_space, "the disk has no room to sync the store"};
                one_less();
              },
              lost);
    else
      self->request(who, left(*task), vacuum_index{}).then([one_less](done) { one_less(); }, lost);
  }
  one_less();
}

/// What may block. A size is asked while something else takes long.
void caretaker_state::do_work(const std::shared_ptr<upkeep_task>& task, const step_fn& then) {
  const auto is_quick = task->asked.verb == storage_verb::size;
  const auto worker =
      home->board.get<store_worker_actor>(is_quick ? role::store_worker(0) : role::upkeep);
  // Its own copy: who has lost patience goes on without it.
  const auto copy = std::make_shared<upkeep_task>(*task);
  self->request(worker, left(*task) + telling, store_job{[desk = desk, copy, is_quick] {
                  is_quick ? desk->measure(*copy) : desk->run(*copy);
                }})
      .then(
          [task, copy, then](done) {
            task->told = std::move(copy->told);
            then();
          },
          [task, then](const caf::error& why) {
            for (auto& told : task->told.shards)
              if (told.result.ok())
                told.result = of_loss(why);
            task->told.result = of_loss(why);
            then();
          });
}

caretaker_actor::behavior_type caretaker(caretaker_actor::stateful_pointer<caretaker_state> self,
                                         const std::shared_ptr<house>& home) {
  self->state.self = self;
  self->state.home = home;
  self->state.desk = std::make_shared<upkeep_work>(home);
  return {
      reports(self),
      [self](const parcel<storage_request>& asked) -> caf::result<parcel<node_upkeep>> {
        const owed<parcel<node_upkeep>> promise{self, fell()};
        self->state.begin(*asked.value,
                          [promise](node_upkeep& told) { promise.deliver(wrap(std::move(told))); });
        return promise;
      },
      [self](const link_asked& asked) -> caf::result<link_answer> {
        const auto what = archive::decode_storage_request(asked.bytes);
        if (!what)
          return to_error(what.error());
        const owed<link_answer> promise{self, fell()};
        self->state.begin(*what, [promise](node_upkeep& told) {
          promise.deliver(link_answer{archive::encode(told)});
        });
        return promise;
      },
  };
}

} // namespace

caretaker_actor spawn_caretaker(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::caretaker, system.spawn(caretaker, home));
}

} // namespace grape::actors
