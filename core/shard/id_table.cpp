#include "core/shard/id_table.hpp"

#include <algorithm>

namespace grape::shard {

namespace {

constexpr std::size_t first_buckets = 64;
constexpr std::size_t bucket_entries_mean_max = 32;

template <class Bucket>
auto lower_bound_of(Bucket& bucket, const point_id& id) {
  return std::lower_bound(bucket.begin(), bucket.end(), id,
                          [](const auto& entry, const point_id& key) { return entry.first < key; });
}

} // namespace

id_table::id_table() {
  buckets_.resize(first_buckets);
}

std::size_t id_table::place_of(const point_id& id) const noexcept {
  return std::hash<point_id>{}(id) & (buckets_.size() - 1);
}

std::optional<slot> id_table::find(const point_id& id) const noexcept {
  const auto& in = buckets_[place_of(id)];
  if (!in)
    return {};
  const auto at = lower_bound_of(*in, id);
  if (at == in->end() || at->first != id)
    return {};
  return at->second;
}

void id_table::insert(const point_id& id, slot where) {
  if (size_ >= buckets_.size() * bucket_entries_mean_max)
    grow();
  auto& in = buckets_.edit(place_of(id));
  auto changed = in ? *in : bucket{};
  const auto at = lower_bound_of(changed, id);
  GRAPE_CHECK(at == changed.end() || at->first != id);
  changed.emplace(at, id, where);
  in = std::make_shared<const bucket>(std::move(changed));
  ++size_;
}

void id_table::erase(const point_id& id) {
  if (!find(id))
    return;
  auto& in = buckets_.edit(place_of(id));
  auto changed = *in;
  changed.erase(lower_bound_of(changed, id));
  in = changed.empty() ? nullptr : std::make_shared<const bucket>(std::move(changed));
  --size_;
}

void id_table::grow() {
  std::vector<bucket> spread(buckets_.size() * 2);
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    if (const auto& in = buckets_[i])
      for (const auto& known : *in) // In order, so that every new bucket is ascending, too.
        spread[std::hash<point_id>{}(known.first) & (spread.size() - 1)].push_back(known);
  buckets larger;
  for (auto& in : spread)
    larger.push_back(in.empty() ? nullptr : std::make_shared<const bucket>(std::move(in)));
  buckets_ = std::move(larger);
}

} // namespace grape::shard
