#pragma once

#include "core/payload/path.hpp"
#include "core/payload/value.hpp"
#include "core/shard/query.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace grape::shard {

/// The groups that a point with this payload is in: strings and integers at the path, of arrays
/// each element; ascending, each once.
std::vector<payload::value> groups_at(const payload::object& of, const payload::path& path);

/// Integers before strings, each by their value.
struct group_order {
  bool operator()(const payload::value& a, const payload::value& b) const noexcept;
};

/// Fills groups with hits that come best first: the first `groups` that any hit is in are opened,
/// each takes the first `size` of its hits. Shards and those who merge their answers do the same.
class group_filler {
public:
  explicit group_filler(const shard_grouping& wanted);

  /// Of `groups_of_hit`, ascending, those that take the next hit.
  std::vector<payload::value> take(const std::vector<payload::value>& groups_of_hit);

  /// Nothing can be taken any more.
  bool full() const noexcept;

  /// In the order in which they were opened.
  const std::vector<payload::value>& opened() const noexcept { return opened_; }

private:
  std::uint64_t size_;
  std::uint64_t groups_;
  bool fixed_; // No other groups than those opened at first.
  std::map<payload::value, std::uint64_t, group_order> filled_;
  std::vector<payload::value> opened_;
  std::uint64_t full_ = 0;
};

} // namespace grape::shard
