#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace grape {

/// An integer that knows what it counts: an index is no epoch, and mixing them does not compile.
template <class Tag, class Rep = std::uint64_t>
struct id {
  using rep = Rep;

  Rep value = 0;

  constexpr id() noexcept = default;
  constexpr explicit id(Rep from) noexcept : value(from) {
  }

  constexpr id next() const noexcept { return id{static_cast<Rep>(value + 1)}; }

  friend constexpr auto operator<=>(const id&, const id&) = default;
};

using term = id<struct term_tag>;           ///< Raft term; 0 = none yet.
using log_index = id<struct log_index_tag>; ///< Position in one group's log; the first is 1.
using epoch = id<struct epoch_tag>;         ///< Version of a routing table.
using schema_version = id<struct schema_version_tag>;          ///< Of one collection, from 1.
using group_id = id<struct group_id_tag, std::uint32_t>;       ///< One ordered log; 0 = metadata.
using collection_id = id<struct collection_id_tag, std::uint32_t>; ///< Never reused.
using shard_id = id<struct shard_id_tag, std::uint32_t>;       ///< Within one collection, from 0.
using node_number = id<struct node_number_tag, std::uint32_t>; ///< Qdrant's peer_id; from 1.
using replica_id = id<struct replica_id_tag>; ///< A member of one group; never reused; 0 = none.

/// The dense number of a point inside one shard replica's memory. Reused after a deletion, never
/// written to disk.
using slot = id<struct slot_tag, std::uint32_t>;

/// The place of a vector inside one segment, from 0.
using row = id<struct row_tag, std::uint32_t>;

/// A segment of one vector field of one shard replica. Increasing, never reused; 0 = none.
using segment_id = id<struct segment_id_tag, std::uint32_t>;

} // namespace grape

template <class Tag, class Rep>
struct std::hash<grape::id<Tag, Rep>> {
  std::size_t operator()(const grape::id<Tag, Rep>& of) const noexcept {
    return std::hash<Rep>{}(of.value);
  }
};
