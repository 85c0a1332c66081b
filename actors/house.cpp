#include "actors/house.hpp"

#include <algorithm>
#include <thread>

namespace grape::actors {

namespace {

/// Of the interface that the HTTP API speaks.
constexpr const char* qdrant_version = "1.19.0";

std::string numbered(const char* what, std::uint64_t number) {
  return std::string{what} + "/" + std::to_string(number);
}

} // namespace

counters::counters(metrics::registry& series)
  : reads(series.counter_of("grape_reads_total", "Reads answered, refusals included."))
  , writes(series.counter_of("grape_writes_total", "Batches answered, refusals included."))
  , refused(series.counter_of("grape_requests_refused_total", "Answered overloaded by a queue."))
  , failed(series.counter_of("grape_requests_failed_total", "Answered with a fault of the node."))
  , log_batches(series.counter_of("grape_log_batches_total", "Group commits of the log."))
  , log_records(series.counter_of("grape_log_records_total", "Records written to the log."))
  , points_visited(
        series.counter_of("grape_points_visited_total", "Distances computed by searches."))
  , router_retries(series.counter_of("grape_router_retries_total",
                                     "Questions to shards that were asked another time."))
  , repeated_writes(series.counter_of(
        "grape_router_repeated_writes_total",
        "Writes sent another time because an earlier attempt may have taken effect.")) {}

house::house()
  : cores(std::max<std::size_t>(std::thread::hardware_concurrency(), 1))
  , metrics(qdrant_version, GRAPE_VERSION) {}

std::size_t house::index_threads() const {
  return config.index.threads > 0 ? config.index.threads : std::max<std::size_t>(cores / 2, 1);
}

std::size_t house::search_threads() const {
  return config.search.threads > 0 ? config.search.threads : cores;
}

std::string shard_directory(collection_id collection, shard_id shard, replica_id replica) {
  // By number, not by name: numbers are never reused, and names may hold anything.
  return "shards/" + std::to_string(collection.value) + "/" + std::to_string(shard.value) + "/"
         + std::to_string(replica.value);
}

std::string store_worker_of(const house& of, group_id group) {
  return role::store_worker(group.value % of.config.storage.workers);
}

namespace role {

std::string storage(group_id group) {
  return numbered("storage", group.value);
}

std::string replica(group_id group) {
  return numbered("replica", group.value);
}

std::string witness(group_id group) {
  return numbered("witness", group.value);
}

std::string indexer(group_id group) {
  return numbered("indexer", group.value);
}

std::string shard(group_id group) {
  return numbered("shard", group.value);
}

std::string raft_group(group_id group) {
  return numbered("raft_group", group.value);
}

std::string link(node_number node) {
  return numbered("link", node.value);
}

std::string router(std::size_t number) {
  return numbered("router", number);
}

std::string gateway(std::size_t number) {
  return numbered("gateway", number);
}

std::string store_worker(std::size_t number) {
  return numbered("store_worker", number);
}

} // namespace role

} // namespace grape::actors
