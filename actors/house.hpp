#pragma once

#include "actors/group_set.hpp"
#include "actors/index_works.hpp"
#include "actors/leases.hpp"
#include "actors/pool/thread_pool.hpp"
#include "actors/quota_gate.hpp"
#include "actors/recovery_table.hpp"
#include "actors/roles.hpp"
#include "actors/switchboard.hpp"
#include "config/node_config.hpp"
#include "core/cluster/known_leader.hpp"
#include "core/cluster/liveness.hpp"
#include "core/cluster/metadata.hpp"
#include "core/metrics/node_metrics.hpp"
#include "core/raft/compaction.hpp"
#include "core/raft/freshness.hpp"
#include "core/shard/shown_state.hpp"
#include "core/storage/file_system.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/ordered_log.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace grape::actors {

struct peer_room;   ///< remote/peer_room.hpp
struct shard_place;

/// A value that one actor publishes and everybody may read at any time. Thread-safe.
template <class T>
class cell {
public:
  void set(std::shared_ptr<T> value) {
    const std::lock_guard guard{mutex_};
    value_.swap(value);
  }

  std::shared_ptr<T> get() const {
    const std::lock_guard guard{mutex_};
    return value_;
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

/// The control plane as it was last committed.
struct catalog {
  cluster::metadata state;
  grape::epoch epoch; ///< Increases with each change.
};

/// Sentences for whoever runs the node. Thread-safe.
class notebook {
public:
  using listener_fn = std::function<void(const std::string&)>;

  /// Called with each note as it comes, by whoever adds it. Set before anybody adds one.
  void listen(listener_fn listener) { listener_ = std::move(listener); }

  void add(std::string note) {
    if (listener_)
      listener_(note);
    const std::lock_guard guard{mutex_};
    if (notes_.size() < notes_max)
      notes_.push_back(std::move(note));
  }

  std::vector<std::string> all() const {
    const std::lock_guard guard{mutex_};
    return notes_;
  }

private:
  static constexpr std::size_t notes_max = 1'000;

  listener_fn listener_;
  mutable std::mutex mutex_; // Protects the notes.
  std::vector<std::string> notes_;
};

/// What actors count. Thread-safe.
struct counters {
  explicit counters(metrics::registry& series);

  metrics::counter reads;
  metrics::counter writes;
  metrics::counter refused; ///< Of both, answered `overloaded`.
  metrics::counter failed;  ///< Of both, answered with another fault of ours.
  metrics::counter log_batches;
  metrics::counter log_records;
  metrics::counter points_visited; ///< Distances computed by searches.
  metrics::counter router_retries; ///< Questions to shards that were asked another time.
  metrics::counter repeated_writes; ///< Of those: writes that may have taken effect before.
};

/// Every pool that was ever made, so that the house can wait for their threads. Thread-safe.
class pool_list {
public:
  void keep(std::shared_ptr<job_pool> pool) {
    const std::lock_guard guard{mutex_};
    pools_.push_back(std::move(pool));
  }

  void join_all() {
    std::vector<std::shared_ptr<job_pool>> all;
    {
      const std::lock_guard guard{mutex_};
      all.swap(pools_);
    }
    for (const auto& pool : all)
      pool->join();
  }

private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<job_pool>> pools_;
};

/// How actors are hosted: for real, or by hand in a test.
struct hosting {
  bool detached = true; ///< False: no actor gets a thread of its own.
  /// Milliseconds on a clock that never runs backwards. Not empty.
  std::function<std::uint64_t()> now_ms;
  /// The same in microseconds.
  std::function<std::uint64_t()> now_us;
  std::uint64_t drawn = 0; ///< By chance, at this start.
  raft::compaction_options log_kept; ///< Of each group.
  std::uint32_t replicas_max = 0;    ///< That can be open; 0 = any number.
  /// Makes a pool of threads, or what stands in for it. Not empty.
  std::function<std::shared_ptr<job_pool>(const thread_pool_options&)> make_pool;
};

/// Which shards SHARDS was told to host. Survives a renewal of CATALOG. Thread-safe.
class hosted_shards {
public:
  /// False if the group is hosted already.
  bool add(const std::shared_ptr<const shard_place>& place, group_id group) {
    const std::lock_guard guard{mutex_};
    const auto is_new = places_.emplace(group, place).second;
    changes_ += is_new ? 1 : 0;
    return is_new;
  }

  void remove(group_id group) {
    const std::lock_guard guard{mutex_};
    changes_ += places_.erase(group);
  }

  void clear() {
    const std::lock_guard guard{mutex_};
    ++changes_;
    places_.clear();
  }

  /// Grows with each change: the same number twice, and `all` is the same.
  std::uint64_t changes() const {
    const std::lock_guard guard{mutex_};
    return changes_;
  }

  std::map<group_id, std::shared_ptr<const shard_place>> all() const {
    const std::lock_guard guard{mutex_};
    return places_;
  }

private:
  mutable std::mutex mutex_;
  std::uint64_t changes_ = 0;
  std::map<group_id, std::shared_ptr<const shard_place>> places_;
};

/// What the SHARDs of this node show to whoever reads, so that they need not be asked. Thread-safe.
class shard_windows {
public:
  using window = cell<const shard::shown_state>;

  /// For a SHARD that begins: nothing is shown yet, also not what its predecessor showed.
  std::shared_ptr<window> open(group_id group) {
    auto made = std::make_shared<window>();
    const std::lock_guard guard{mutex_};
    windows_[group] = made;
    return made;
  }

  /// Null: nothing is shown.
  std::shared_ptr<const shard::shown_state> look(group_id group) const {
    const std::lock_guard guard{mutex_};
    const auto at = windows_.find(group);
    return at == windows_.end() ? nullptr : at->second->get();
  }

  void erase(group_id group) {
    const std::lock_guard guard{mutex_};
    windows_.erase(group);
  }

private:
  mutable std::mutex mutex_;
  std::map<group_id, std::shared_ptr<window>> windows_;
};

/// Who this node is in its cluster.
struct membership {
  std::string cluster_id;
  node_number self;
};

/// Who leads each group, as far as this node was told. Thread-safe.
class leader_table {
public:
  /// By the group's replica here, which knows whether it leads.
  void told_by_replica(group_id group, grape::term term, std::optional<node_number> leader,
                       bool leads) {
    const std::lock_guard guard{mutex_};
    leaders_[group].told_by_replica(term, leader, leads);
  }

  /// By another node.
  void hinted(group_id group, std::optional<node_number> leader) {
    const std::lock_guard guard{mutex_};
    leaders_[group].hinted(leader);
  }

  std::optional<node_number> of(group_id group) const {
    const std::lock_guard guard{mutex_};
    const auto at = leaders_.find(group);
    return at == leaders_.end() ? std::nullopt : at->second.leader();
  }

  void erase(group_id group) {
    const std::lock_guard guard{mutex_};
    leaders_.erase(group);
  }

private:
  mutable std::mutex mutex_;
  std::map<group_id, cluster::known_leader> leaders_;
};

/// What this node knows of the links to the others. Thread-safe.
class peer_table {
public:
  struct peer {
    bool connected = false; ///< Hellos were exchanged, and the connection lives.
    cluster::health health = cluster::health::alive;
    std::uint64_t rtt_us = 0; ///< Smoothed; 0 = not measured yet.
    std::string name;
    std::string http_address; ///< As its hello said; empty: none came yet.
    std::string last_error;   ///< Why it is not connected.
  };

  void set(node_number node, const peer& now) {
    const std::lock_guard guard{mutex_};
    peers_[node] = now;
  }

  /// Changes what is known of `node`, as one step.
  template <class Change>
  void change(node_number node, Change by) {
    const std::lock_guard guard{mutex_};
    by(peers_[node]);
  }

  /// Of a stranger: not connected.
  peer look(node_number node) const {
    const std::lock_guard guard{mutex_};
    const auto at = peers_.find(node);
    return at == peers_.end() ? peer{} : at->second;
  }

  std::map<node_number, peer> all() const {
    const std::lock_guard guard{mutex_};
    return peers_;
  }

  void erase(node_number node) {
    const std::lock_guard guard{mutex_};
    peers_.erase(node);
  }

private:
  mutable std::mutex mutex_;
  std::map<node_number, peer> peers_;
};

/// How new the replicas of this node are, as their RAFT_GROUPs know. Thread-safe.
class freshness_table {
public:
  void set(group_id group, raft::fresh_mark now) {
    const std::lock_guard guard{mutex_};
    marks_[group] = std::move(now);
  }

  /// Nothing: nobody has said anything yet.
  std::optional<raft::fresh_mark> of(group_id group) const {
    const std::lock_guard guard{mutex_};
    const auto at = marks_.find(group);
    return at == marks_.end() ? std::nullopt : std::optional{at->second};
  }

  void erase(group_id group) {
    const std::lock_guard guard{mutex_};
    marks_.erase(group);
  }

private:
  mutable std::mutex mutex_;
  std::map<group_id, raft::fresh_mark> marks_;
};

/// What the actors of one node share. Everything here is either constant or thread-safe; whoever
/// changes something says so by a message as well.
struct house {
  house();

  node_config config;
  const std::size_t cores; ///< Counted once: the system opens files to count them.
  std::string cluster_id;
  storage::file_system* files = nullptr;
  hosting host;

  std::uint64_t incarnation = 0; ///< Counts the starts from this data directory.
  cell<const membership> member; ///< Empty: this node is alone, or its cluster is not formed yet.
  cell<const storage::ordered_log> log; ///< LOG_WRITER's, for questions about one group.
  leader_table leaders;
  peer_table peers;
  group_set awake;         ///< Their RAFT_GROUPs need ticks; the others sleep or are not here.
  group_set busy_replicas; ///< TICKER beats these REPLICAs each second, the others now and then.
  group_set busy_shards;   ///< As `busy_replicas`, of SHARDs.
  std::shared_ptr<peer_room> remote; ///< Null: this node is alone.

  switchboard board;
  cell<const catalog> known;
  lease_table leases;
  hosted_shards hosted;
  shard_windows windows;
  freshness_table fresh;
  index_works works;
  std::atomic<bool> ready{false}; ///< Every shard of the catalog has served once.
  pool_list pools;
  cell<job_pool> search_pool; ///< SEARCH_POOL's; empty while that is renewed.
  std::shared_ptr<job_pool> index_pool;
  std::shared_ptr<job_pool> graph_pool; ///< Helps with jobs of `index_pool`, on idle processors.
  std::shared_ptr<job_pool> recovery_pool; ///< Each of its threads works for one recovery.
  std::shared_ptr<job_pool> courier_pool;  ///< Asks other nodes for their snapshots.
  recovery_table recoveries;
  std::shared_ptr<storage::background_lane> lane;
  std::shared_ptr<storage::block_cache> cache;
  notebook notes;
  quota_gate quota;
  metrics::node_metrics metrics;
  counters counted{metrics.series()};
  std::atomic<std::uint64_t> restarts{0}; ///< Actors renewed since the start, all floors.
  std::atomic<std::uint64_t> router_lives{0}; ///< ROUTERs begun since the start.
  std::atomic<bool> closing{false};       ///< Running searches give up.

  /// Threads that build graphs: as configured, or half of the cores.
  std::size_t index_threads() const;

  /// Threads that search: as configured, or one for each core.
  std::size_t search_threads() const;

  /// One of a cluster, formed or not.
  bool is_clustered() const { return grape::is_clustered(config.cluster); }

  std::string path(const std::string& below) const { return config.node.data_dir + "/" + below; }
};

/// Writes a newborn in under its role before anybody is started who may look for it.
template <class Handle>
Handle enrolled(house& home, const std::string& role, Handle who) {
  home.board.put(role, caf::actor_cast<caf::strong_actor_ptr>(who));
  return who;
}

/// Where a shard's replica keeps its files, below the data directory.
std::string shard_directory(collection_id collection, shard_id shard, replica_id replica);

/// Which STORE_WORKER serves a group: its role on the switchboard.
std::string store_worker_of(const house& of, group_id group);

} // namespace grape::actors
