#include "grape/database.hpp"

#include "actors/embed/requests.hpp"
#include "actors/node.hpp"
#include "config/check_config.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace grape {

namespace {

constexpr std::chrono::seconds close_within{4};

node_config config_of(const database_options& options) {
  node_config config;
  config.node.id = "embedded";
  config.node.data_dir = options.directory;
  config.storage.fsync
    = options.durable ? storage::fsync_policy::always : storage::fsync_policy::never;
  config.storage.cache_mb = options.cache_mb;
  config.search.threads = options.search_threads;
  config.search.queue_max = 100'000; // Callers in the same process wait rather than fail,
  config.search.wait_ms_max = 600'000; // however long their crowd takes.
  config.index.threads = options.index_threads;
  config.http.port = 0; // There is none.
  config.collections = {options.shard_number, options.replication_factor};
  if (const auto& member = options.cluster) {
    config.node.id = member->id;
    config.cluster.name = member->name;
    for (const auto& each : member->founders)
      config.cluster.founders.push_back({each.id, each.address});
    config.peer.bind = member->bind;
    config.peer.port = member->port;
    config.peer.insecure = member->insecure;
    config.peer.tls_cert = member->tls_cert;
    config.peer.tls_key = member->tls_key;
    config.peer.tls_ca = member->tls_ca;
  }
  return config;
}

/// What a file would be refused for as well.
status check(const node_config& config, bool is_member) {
  if (is_member && config.cluster.founders.empty())
    return {errc::bad_config, "cluster.founders: the members of a cluster must be named"};
  if (config.collections.shard_number == 0 || config.collections.replication_factor == 0
      || config.collections.replication_factor > 64)
    return {errc::bad_config, "a new collection has at least 1 shard, and 1 to 64 replicas"};
  if (const auto flaw = flaw_of(config))
    return {errc::bad_config, flaw->keys.front() + ": " + flaw->why};
  return {};
}

/// What a closed or failed database answers. Shared with node threads, which may outlive `engine`.
struct life {
  mutable std::mutex mutex; // Protects what follows.
  database_state state = database_state::ready;
  status why;
  std::atomic<std::uint64_t> under_way{0};
};

} // namespace

struct database::engine {
  std::shared_ptr<life> now = std::make_shared<life>();
  std::unique_ptr<actors::node> node;

  /// Ok while calls are possible.
  status open_for_calls() const {
    const std::lock_guard guard{now->mutex};
    if (now->state == database_state::failed)
      return now->why;
    if (now->state != database_state::ready)
      return {errc::closed, "the database is closed"};
    return {};
  }

  /// Asks the node; the future gets `pick(answer)`.
  template <class Reply, class Answer, class Request, class Pick>
  std::future<outcome<Reply>> ask(Request request, Pick pick) {
    auto promise = std::make_shared<std::promise<outcome<Reply>>>();
    auto future = promise->get_future();
    if (auto possible = open_for_calls(); !possible.ok()) {
      promise->set_value(std::move(possible));
      return future;
    }
    ++now->under_way;
    node->port().ask(std::move(request),
                     reply_to<Answer>{[promise, pick, life = now](outcome<Answer> answer) {
                       --life->under_way;
                       if (answer)
                         promise->set_value(pick(std::move(*answer)));
                       else
                         promise->set_value(std::move(answer).error());
                     }});
    return future;
  }

  template <class Request>
  status change(Request wanted) {
    const auto done =
        ask<bool, changed>(std::move(wanted), [](changed said) { return said.yes; }).get();
    return done ? status{} : done.error();
  }

  std::future<outcome<write_receipt>> write(const std::string& collection,
                                            write_operation operation,
                                            const write_options& how,
                                            const keys_of_shards& keys) {
    return ask<write_receipt, write_receipts>(
      write_of(collection, std::move(operation), how, keys),
      [](write_receipts all) { return all.receipts.front(); });
  }
};

std::string_view to_string(database_state state) noexcept {
  switch (state) {
    case database_state::initializing: return "initializing";
    case database_state::ready: return "ready";
    case database_state::busy: return "busy";
    case database_state::shutting: return "shutting";
    case database_state::closed: return "closed";
    case database_state::failed: return "failed";
  }
  return "unknown";
}

outcome<database> database::open(const database_options& options) {
  return open_on(nullptr, options);
}

outcome<database> database::open(caf::actor_system& on, const database_options& options) {
  return open_on(&on, options);
}

outcome<database> database::open_on(caf::actor_system* host, const database_options& options) {
  const auto config = config_of(options);
  if (auto good = check(config, options.cluster.has_value()); !good.ok())
    return good;
  auto own = std::make_unique<engine>();
  auto failed = [life = own->now](const status& why) {
    const std::lock_guard guard{life->mutex};
    life->state = database_state::failed;
    life->why = why;
  };
  auto started = host ? actors::node::start_on(*host, config, std::move(failed))
                      : actors::node::start(config, std::move(failed));
  if (!started)
    return std::move(started).error();
  own->node = std::move(*started);
  return database{std::move(own)};
}

database::database(std::unique_ptr<engine> from) noexcept : engine_(std::move(from)) {
}

database::~database() {
  close();
}

database::database(database&&) noexcept = default;

database& database::operator=(database&& from) noexcept {
  close();
  engine_ = std::move(from.engine_);
  return *this;
}

status database::create_collection(const std::string& name, std::uint32_t size,
                                   metric distance) {
  collection_options options;
  options.shard_number = options.replication_factor = 0; // As configured.
  options.single_unnamed = true;
  options.vectors[""].size = size;
  options.vectors[""].distance = distance;
  return create_collection(name, options);
}

status database::create_collection(const std::string& name, const collection_options& options) {
  const auto made = engine_
                      ->ask<bool, changed>(create_collection_request{name, options},
                                           [](changed answer) { return answer.yes; })
                      .get();
  return made ? status{} : made.error();
}

outcome<bool> database::drop_collection(const std::string& name) {
  return engine_
    ->ask<bool, changed>(delete_collection_request{name}, [](changed answer) { return answer.yes; })
    .get();
}

status database::create_shard_key(const std::string& collection, const add_shard_key& key) {
  return engine_->change(change_shard_keys_request{collection, key});
}

status database::drop_shard_key(const std::string& collection, const shard_key& key) {
  return engine_->change(change_shard_keys_request{collection, remove_shard_key{key}});
}

outcome<std::vector<shard_key>> database::shard_keys(const std::string& collection) {
  return engine_
    ->ask<std::vector<shard_key>, shard_key_list>(
      list_shard_keys_request{collection}, [](shard_key_list told) { return std::move(told.keys); })
    .get();
}

outcome<write_receipt> database::upsert(const std::string& collection,
                                        std::vector<point> points, const write_options& how,
                                        const keys_of_shards& keys) {
  return upsert_later(collection, std::move(points), how, keys).get();
}

outcome<std::vector<scored_record>> database::search(search_request wanted) {
  return search_later(std::move(wanted)).get();
}

outcome<std::vector<record>> database::get(const std::string& collection,
                                           std::vector<point_id> ids,
                                           const keys_of_shards& keys) {
  return get_later(collection, std::move(ids), keys).get();
}

outcome<write_receipt> database::remove(const std::string& collection,
                                        std::vector<point_id> ids, const write_options& how,
                                        const keys_of_shards& keys) {
  return remove_later(collection, std::move(ids), how, keys).get();
}

std::future<outcome<write_receipt>> database::upsert_later(const std::string& collection,
                                                           std::vector<point> points,
                                                           const write_options& how,
                                                           const keys_of_shards& keys) {
  return engine_->write(collection, upsert_of(std::move(points)), how, keys);
}

std::future<outcome<std::vector<scored_record>>> database::search_later(search_request wanted) {
  return engine_->ask<std::vector<scored_record>, query_reply>(
    query_of(std::move(wanted)), [](query_reply found) { return std::move(found.points); });
}

std::future<outcome<std::vector<record>>> database::get_later(const std::string& collection,
                                                              std::vector<point_id> ids,
                                                              const keys_of_shards& keys) {
  return engine_->ask<std::vector<record>, retrieve_reply>(
    retrieval_of(collection, std::move(ids), keys),
    [](retrieve_reply found) { return std::move(found.points); });
}

std::future<outcome<write_receipt>> database::remove_later(const std::string& collection,
                                                           std::vector<point_id> ids,
                                                           const write_options& how,
                                                           const keys_of_shards& keys) {
  return engine_->write(collection, delete_points{std::move(ids)}, how, keys);
}

outcome<database_stats> database::stats() {
  return engine_
    ->ask<database_stats, node_status>(node_status_request{},
                                       [](const node_status& told) {
                                         return database_stats{told.collections, told.points,
                                                               told.resident_bytes,
                                                               told.uptime_s};
                                       })
    .get();
}

database_health database::health() const {
  database_health told;
  {
    const std::lock_guard guard{engine_->now->mutex};
    told.state = engine_->now->state;
    told.why = engine_->now->why;
  }
  if (told.state == database_state::ready && engine_->now->under_way > 0)
    told.state = database_state::busy;
  if (engine_->node)
    told.notes = engine_->node->notes();
  return told;
}

void database::close() {
  if (!engine_)
    return;
  auto& now = *engine_->now;
  {
    const std::lock_guard guard{now.mutex};
    if (now.state == database_state::shutting || now.state == database_state::closed)
      return;
    now.state = database_state::shutting;
  }
  engine_->node->stop(close_within);
  const std::lock_guard guard{now.mutex};
  now.state = database_state::closed;
}

} // namespace grape
