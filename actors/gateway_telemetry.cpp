// What GATEWAY tells those who watch the node over time.

#include "actors/gateway.hpp"
#include "actors/node_figures.hpp"

#include <mutex>

namespace grape::actors {

/// Answers of several threads, gathered until none is missing.
struct gathered_telemetry {
  std::mutex mutex;
  telemetry told;
  std::size_t missing = 1;
  reply_to<telemetry> reply;

  void one_less() {
    const std::lock_guard guard{mutex};
    if (--missing == 0)
      reply(std::move(told));
  }
};

/// Where the shards of the collections are, for all that `gather` has.
void gateway::place_all(const std::shared_ptr<gathered_telemetry>& gather) {
  const auto count = gather->told.collections.size();
  gather->missing += count;
  for (std::size_t at = 0; at < count; ++at)
    ask(collection_cluster_request{gather->told.collections[at].name},
        [gather, at](outcome<collection_cluster> placed) {
          if (placed)
            gather->told.collections[at].placed = *std::move(placed);
          gather->one_less();
        });
}

void gateway::ask(telemetry_request asked, reply_to<telemetry> reply) {
  auto gather = std::make_shared<gathered_telemetry>();
  gather->reply = std::move(reply);
  auto& told = gather->told;
  told.node = figures_of(*home_, started_ms_);
  told.started_unix_ms = unix_ms_now() - told.node.uptime_s * 1'000;
  told.search_threads = home_->search_threads();
  told.memory = memory_of_process();
  const auto quota = home_->quota.read(*home_);
  told.quota = quota.config;
  told.exceeded = quota.exceeded;
  told.routes = home_->metrics.routes();
  ask(cluster_status_request{}, [this, gather, asked](outcome<cluster_status> cluster) {
    if (cluster)
      gather->told.cluster = *std::move(cluster);
    if (!asked.with_collections)
      return gather->one_less();
    describe_all([this, gather, asked](descriptions found) {
      for (auto& [name, about] : found)
        gather->told.collections.push_back({name, std::move(about), {}});
      if (asked.with_shards)
        place_all(gather);
      gather->one_less();
    });
  });
}

/// By the views that are shown: no shard is asked.
void gateway::ask(optimizations_request asked, reply_to<optimizations> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  const auto name = known->state.resolve(asked.collection);
  if (!name)
    return reply(name.error());
  std::vector<group_id> groups;
  for (const auto& [shard, group] : known->state.find_exact(*name)->groups)
    groups.push_back(group);
  optimizations told;
  home_->works.tell(groups, told);
  for (const auto group : groups)
    if (const auto shown = home_->windows.look(group); shown && shown->newest)
      shard::add_parts(told, group, shown->newest->parts());
  reply(std::move(told));
}

} // namespace grape::actors
