#pragma once

#include "config/node_config.hpp"
#include "core/cluster/founding.hpp"
#include "core/cluster/node_identity.hpp"
#include "core/ids.hpp"
#include "core/link/hello.hpp"
#include "core/outcome.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace grape::actors {

/// When each peer was heard last. Thread-safe.
class hearing {
public:
  struct entry {
    std::uint64_t heard_ms = 0; ///< On the node's clock; of the last frame.
    bool is_lost = false;       ///< The connection ended, and nothing was heard since.

    friend bool operator==(const entry&, const entry&) = default;
  };

  void heard(node_number node, std::uint64_t now_ms) {
    const std::lock_guard guard{mutex_};
    entries_[node] = {now_ms, false};
  }

  /// A link begins: its peer is watched from now on, if it was not before.
  void watch(node_number node, std::uint64_t now_ms) {
    const std::lock_guard guard{mutex_};
    entries_.try_emplace(node, entry{now_ms, false});
  }

  void lost(node_number node) {
    const std::lock_guard guard{mutex_};
    entries_[node].is_lost = true;
  }

  void forget(node_number node) {
    const std::lock_guard guard{mutex_};
    entries_.erase(node);
  }

  std::map<node_number, entry> all() const {
    const std::lock_guard guard{mutex_};
    return entries_;
  }

private:
  mutable std::mutex mutex_;
  std::map<node_number, entry> entries_;
};

/// The last incarnation of each peer whose hello was accepted: outlives the links, not the process.
/// Thread-safe.
class incarnation_table {
public:
  std::optional<link::incarnation> of(node_number node) const {
    const std::lock_guard guard{mutex_};
    const auto at = accepted_.find(node);
    return at == accepted_.end() ? std::nullopt : std::optional{at->second};
  }

  void accepted(node_number node, const link::incarnation& one) {
    const std::lock_guard guard{mutex_};
    accepted_[node] = one;
  }

private:
  mutable std::mutex mutex_;
  std::map<node_number, link::incarnation> accepted_;
};

/// What this node's disk says of the cluster being formed. Thread-safe.
class founding_record {
public:
  void set(cluster::founding_state state) {
    const std::lock_guard guard{mutex_};
    state_ = std::move(state);
  }

  /// Nothing: FOUNDER has not looked yet, or this node is no founder.
  std::optional<cluster::founding_state> get() const {
    const std::lock_guard guard{mutex_};
    return state_;
  }

private:
  mutable std::mutex mutex_;
  std::optional<cluster::founding_state> state_;
};

/// What the actors that speak to other nodes share, beyond what everybody may know. All but the
/// first four is thread-safe; those are set before anybody is started.
struct peer_room {
  node_number self;                ///< This node's, also before the cluster is formed.
  cluster::node_identity identity; ///< As it was when the node started, this start counted.
  std::uint64_t drawn = 0;         ///< For this process alone: link::incarnation.
  /// Makes another identity durable; may block. Called by FOUNDER only. Not empty.
  std::function<status(const cluster::node_identity&)> write_identity;

  hearing heard;
  incarnation_table incarnations;
  founding_record founding;
  std::atomic<std::uint16_t> port{0}; ///< Where DOOR listens; 0 = not yet.

  /// The disk says now that this node is another one: the node ends, to start again as that.
  std::atomic<bool> starts_again{false};
};

/// What a founder's disk and configuration say.
cluster::founding_state founding_state_of(const node_config& config,
                                          const cluster::node_identity& who);

/// True: it helps to form the cluster, or helped. A founder whose disk was replaced, and whoever
/// came later, has another number than the founders have.
bool is_founder(const node_config& config, const peer_room& room) noexcept;

/// For a node of a cluster whose disk says `identity`: a founder, or one that was admitted. Errors:
/// bad_config (number and name do not belong together).
outcome<std::shared_ptr<peer_room>>
make_peer_room(const node_config& config, const cluster::node_identity& identity,
               std::uint64_t drawn,
               std::function<status(const cluster::node_identity&)> write_identity);

} // namespace grape::actors
