#include "core/archive/digest_summary.hpp"

#include <utility>

namespace grape::archive {

digest_summary sum_up(const storage_report& report) {
  using place = std::pair<std::string, std::uint32_t>;
  std::map<place, const shard_upkeep*> newest;
  std::map<std::pair<place, std::uint64_t>, std::string> by_state;
  std::map<place, bool> differ;
  for (const auto& node : report.nodes)
    for (const auto& one : node.shards) {
      if (one.digest.empty())
        continue;
      const place where{one.collection, one.shard};
      const auto& known = by_state.try_emplace({where, one.applied}, one.digest).first->second;
      if (known != one.digest)
        differ[where] = true;
      auto& best = newest[where];
      if (best == nullptr || best->applied < one.applied)
        best = &one;
    }
  digest_summary sum;
  for (const auto& [where, one] : newest) {
    const auto digest = shard::digest_of_text(one->digest);
    auto& whole = sum.collections[where.first];
    if (!digest)
      differ[where] = true;
    else
      whole += *digest;
    whole.points += one->points;
  }
  for (const auto& [where, yes] : differ)
    sum.differing.push_back(where.first + "/" + std::to_string(where.second));
  return sum;
}

} // namespace grape::archive
