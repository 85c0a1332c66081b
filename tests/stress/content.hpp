#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/vector/point.hpp"

#include <cstdint>

/// Points whose every part follows from a few numbers, so that a torn or mixed one shows.
namespace grape::stress {

inline constexpr std::uint32_t dimension = 16;
inline constexpr std::uint64_t groups = 8;

/// Ids of one writer: `owner * ids_of_writer` and on. Nobody else writes them.
inline constexpr std::uint64_t ids_of_writer = 1'000;

constexpr std::uint64_t owner_of(std::uint64_t id) noexcept {
  return id / ids_of_writer;
}

/// What a point holds.
struct content {
  std::uint64_t version = 0; ///< Chooses vectors and group.
  std::int64_t mark = 0;     ///< Payload alone.

  std::uint64_t group() const noexcept { return version % groups; }

  friend bool operator==(const content&, const content&) = default;
};

dense_vector dense_of(std::uint64_t id, std::uint64_t version);
point point_of(std::uint64_t id, const content& what);

/// What the record of a point says. Errors: corrupted (no point was ever stored so).
outcome<content> content_of(const record& stored);

/// As exact search scores it.
float distance_between(const dense_vector& a, const dense_vector& b);

/// A collection of such points whose segments are so small that they are sealed, merged and
/// vacuumed all the time; on `shards` shards.
collection_options options_of(std::uint32_t shards, std::uint32_t replicas);

/// The points of one writer, all or those of a group.
payload::filter of_owner(std::uint64_t owner);
payload::filter of_group(std::uint64_t owner, std::uint64_t group);

} // namespace grape::stress
