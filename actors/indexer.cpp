#include "actors/indexer.hpp"

#include "actors/node_figures.hpp"
#include "actors/pool/idle_executor.hpp"
#include "actors/reporting.hpp"

#include <atomic>
#include <thread>

namespace grape::actors {

namespace {

using product = outcome<shard::finished_job>;

struct indexer_state {
  indexer_state() {}

  // Nobody wants the product of a fallen INDEXER: its successor is given the work again.
  ~indexer_state() {
    if (!stop)
      return;
    *stop = true;
    home->works.end(place->group, {errc::cancelled, "the shard begins anew"}, unix_ms_now());
  }

  void run(const std::shared_ptr<const shard::index_job>& job);
  void built(const product& result);

  indexer_actor::stateful_pointer<indexer_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const shard_place> place;
  replica_actor replica;
  std::shared_ptr<std::atomic<bool>> stop; // Null: idle.
};

void indexer_state::run(const std::shared_ptr<const shard::index_job>& job) {
  if (stop)
    return; // The same work, offered twice.
  stop = std::make_shared<std::atomic<bool>>(false);
  const auto width = home->index_threads();
  const auto progress = std::make_shared<shard::job_progress>();
  auto told = shard::begun(place->group, job->sketch());
  told.started_unix_ms = unix_ms_now();
  home->works.begin(place->group, std::move(told), progress);
  auto work = [job, pool = home->graph_pool, width, stop = stop, progress,
               me = caf::actor_cast<indexer_actor>(self)] {
    idle_executor threads{pool, width};
    auto result = std::make_shared<product>(shard::machine::run(*job, threads, *stop, *progress));
    caf::anon_send(me, index_built{std::move(result)});
  };
  if (!home->index_pool->post(std::move(work)))
    built(product{status{errc::overloaded, "no index thread is free"}});
}

void indexer_state::built(const product& result) {
  stop = nullptr;
  home->works.end(place->group, result ? status{} : result.error(), unix_ms_now());
  install_index asked;
  if (result)
    asked.product = std::make_shared<const shard::finished_job>(*result);
  else if (result.error().code != errc::cancelled)
    home->notes.add("shard " + place->name + ": indexing failed: " + to_string(result.error()));
  self->request(replica, disk_timeout, std::move(asked))
    .then([](done) {}, [self = self](caf::error& why) { self->quit(std::move(why)); });
}

indexer_actor::behavior_type indexer(indexer_actor::stateful_pointer<indexer_state> self,
                                     const std::shared_ptr<house>& home,
                                     const std::shared_ptr<const shard_place>& place) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  state.place = place;
  home->board.put(role::indexer(place->group), caf::actor_cast<caf::strong_actor_ptr>(self));
  state.replica = home->board.get<replica_actor>(role::replica(place->group));
  self->send(state.replica, indexer_ready{});
  return {
    reports(self),
    [self](const index_wanted& wanted) { self->state.run(wanted.job); },
    [self](const index_built& told) { self->state.built(*told.product); },
  };
}

} // namespace

indexer_actor spawn_indexer(caf::actor_system& system, std::shared_ptr<house> home,
                            std::shared_ptr<const shard_place> place) {
  return system.spawn(indexer, std::move(home), std::move(place));
}

} // namespace grape::actors
