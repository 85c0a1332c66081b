#pragma once

#include "core/ids.hpp"
#include "core/vector/point.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace grape::cluster {

/// Ids are hashed to this many slots; never changes (golden vectors pin it).
inline constexpr std::uint32_t hash_slots = 16'384;

/// One of the hash slots, 0..16383.
using hash_slot = id<struct hash_slot_tag, std::uint32_t>;

/// The slot of an id: the first 8 bytes (big-endian) of SHA-256 of the id's canonical bytes (a tag
/// byte 0 and 8 big-endian bytes for numbers, 1 and 16 bytes for UUIDs), modulo `hash_slots`.
/// The same on every node and in every version.
hash_slot slot_of(const point_id& id);

/// Which shard keeps which slot: an explicit table, versioned by an epoch. Copies share the owners,
/// which never change: the control plane's state is copied with each of its changes.
class slot_table {
public:
  /// No table yet; `shard_of` must not be asked.
  slot_table() = default;

  /// `owners` has hash_slots entries.
  slot_table(epoch version, std::vector<shard_id> owners);

  grape::epoch version() const noexcept { return version_; }

  /// By slot; empty if there is no table yet.
  const std::vector<shard_id>& owners() const noexcept;

  shard_id shard_of(const point_id& id) const;

  friend bool operator==(const slot_table& a, const slot_table& b) {
    return a.version_ == b.version_ && (a.owners_ == b.owners_ || a.owners() == b.owners());
  }

private:
  friend slot_table whole_table(grape::epoch version);

  grape::epoch version_{1};
  std::shared_ptr<const std::vector<shard_id>> owners_;
};

/// Shard 0 keeps every slot. All such tables share their memory.
slot_table whole_table(epoch version);

/// A first table for `shards` shards: a ring with virtual nodes proposes an owner for each slot,
/// and no shard gets more than its fair share rounded up. Deterministic. Needs shards >= 1.
slot_table propose_slots(std::uint32_t shards);

} // namespace grape::cluster
