#include "actors/workers.hpp"

#include "actors/reporting.hpp"
#include "actors/supervision/supervisor.hpp"
#include "core/shard/idle_turns.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds beat{1'000};

constexpr std::size_t beats_of_the_idle = 30;

struct plain_state {
  plain_state() {}
};

store_worker_actor::behavior_type
store_worker(store_worker_actor::stateful_pointer<plain_state> self) {
  return {
    reports(self),
    [](const store_job& job) {
      job.run();
      return done{};
    },
  };
}

void beat_all(const house& home, const std::string& listeners) {
  home.board.for_each(listeners, [](const auto&, const auto& who) {
    caf::anon_send(caf::actor_cast<caf::actor>(who), tick_now{});
  });
}

template <class Actor>
void beat_each(const house& home, const std::set<group_id>& of, std::string (*role_of)(group_id)) {
  for (const auto group : of)
    if (const auto who = home.board.get<Actor>(role_of(group)))
      caf::anon_send(who, tick_now{});
}

std::set<group_id> joined(std::set<group_id> some, const std::set<group_id>& more) {
  some.insert(more.begin(), more.end());
  return some;
}

struct ticker_state {
  ticker_state() {}

  /// Those whose turn is now, although they may have nothing to do.
  const std::set<group_id>& in_turn(const hosted_shards& hosted) {
    const auto now = hosted.changes();
    if (std::exchange(hosted_as_of, now) != now) {
      std::vector<group_id> groups;
      for (const auto& [group, place] : hosted.all())
        groups.push_back(group);
      turns.are(groups);
    }
    return turns.next();
  }

  std::uint64_t hosted_as_of = 0; // Nothing is hosted before the first change.
  shard::idle_turns turns{beats_of_the_idle};
};

struct search_pool_state {
  search_pool_state() {}

  // Those who hold the pool still may post to it no more; it is joined when the last one lets go,
  // at the latest when the house closes.
  ~search_pool_state() {
    if (pool)
      pool->close();
  }

  std::shared_ptr<job_pool> pool;
};

search_pool_actor::behavior_type
search_pool(search_pool_actor::stateful_pointer<search_pool_state> self,
            const std::shared_ptr<house>& home) {
  const auto& settings = home->config.search;
  self->state.pool = home->host.make_pool({.name = "grape-search",
                                           .threads = home->search_threads(),
                                           .queue_max = settings.queue_max});
  home->pools.keep(self->state.pool);
  home->search_pool.set(self->state.pool);
  return {reports(self)};
}

using ticker_self = ticker_actor::extend<
    // From itself: a beat of Raft.
    caf::reacts_to<raft_tick>>;

ticker_self::behavior_type ticker(ticker_self::stateful_pointer<ticker_state> self,
                                  const std::shared_ptr<house>& home) {
  const std::chrono::milliseconds raft_beat{home->config.raft.tick_ms};
  self->delayed_send(self, beat, tick_now{});
  self->delayed_send(self, raft_beat, raft_tick{});
  return {
    reports(self),
    [self, home](tick_now) {
      for (const auto* listeners :
           {"catalog", "coordinator", "gateway/", "log_writer", "router/", "snapshot"})
        beat_all(*home, listeners);
      const auto& turn = self->state.in_turn(home->hosted);
      beat_each<replica_actor>(*home, joined(home->busy_replicas.all(), turn), role::replica);
      beat_each<shard_actor>(*home, joined(home->busy_shards.all(), turn), role::shard);
      self->delayed_send(self, beat, tick_now{});
    },
    [self, home, raft_beat](raft_tick) {
      for (const auto group : home->awake.all())
        if (const auto who = home->board.get<raft_group_actor>(role::raft_group(group)))
          caf::anon_send(who, raft_tick{});
      self->delayed_send(self, raft_beat, raft_tick{});
    },
  };
}

} // namespace

store_worker_actor spawn_store_worker(caf::actor_system& system, std::shared_ptr<house> home,
                                      std::size_t number) {
  return enrolled(*home, role::store_worker(number),
                  spawn_detached(system, home->host.detached, store_worker));
}

store_worker_actor spawn_archivist(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::archivist,
                  spawn_detached(system, home->host.detached, store_worker));
}

store_worker_actor spawn_upkeep_worker(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::upkeep, spawn_detached(system, home->host.detached, store_worker));
}

search_pool_actor spawn_search_pool(caf::actor_system& system, std::shared_ptr<house> home) {
  return system.spawn(search_pool, std::move(home));
}

ticker_actor spawn_ticker(caf::actor_system& system, std::shared_ptr<house> home) {
  return system.spawn(ticker, std::move(home));
}

} // namespace grape::actors
