#pragma once

#include "core/query/fusion.hpp"
#include "core/query/stages.hpp"
#include "core/request/shard_key.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

/// Lists of hits: their order, what is in them, and several as one. Pure.
namespace grape::query {

/// Whether several shards may find the same point, and what becomes of it.
enum class repetition : std::uint8_t {
  none,         ///< Each id is kept by one shard.
  one_each,     ///< Ids are written under several keys: the best hit stays.
  one_of_value, ///< As above, but where a value orders them, the best of each value stays.
};

/// Whether one hit comes before another.
class hit_order {
public:
  hit_order(const shard::ranking& by, bool ascending);

  bool operator()(const scored_record& a, const scored_record& b) const;

private:
  bool ascending_;
  std::optional<std::uint64_t> seed_;
  std::optional<bool> descending_;
};

/// Merges what several shards found in the order of the ranking; ties by id, then in the order of
/// the shards.
hit_list merge_hits(std::vector<shard::shard_hits> by_shard, const shard::ranking& by,
                    bool ascending, repetition repeats = repetition::none);

/// The different points of some lists, ascending.
std::vector<point_id> points_of(const std::vector<const hit_list*>& lists);

/// Where these points were found, ascending for each key; empty where no hit names a key.
std::map<shard_key, std::vector<point_id>> points_by_key(const std::vector<const hit_list*>& lists);

/// For each candidate its scores in the lists. `candidates`: ascending, all points of the lists.
std::vector<std::vector<std::optional<float>>> scores_in(const std::vector<const hit_list*>& lists,
                                                         const std::vector<point_id>& candidates);

} // namespace grape::query
