#include "core/raft/member_history.hpp"

#include "core/check.hpp"
#include "core/raft/codec.hpp"

#include <iterator>
#include <utility>

namespace grape::raft {

member_history::member_history(log_index since, configuration members) {
  by_index_.emplace(since, std::move(members));
}

status member_history::applied(const entry& next) {
  if (next.kind != entry_kind::configuration)
    return {};
  const auto change = decode_change(next.data ? *next.data : std::string_view{});
  if (!change)
    return change.error();
  if (auto members = changed(newest(), *change))
    by_index_.insert_or_assign(next.index, std::move(*members));
  return {};
}

const configuration& member_history::at(log_index index) const {
  const auto after = by_index_.upper_bound(index);
  GRAPE_CHECK(after != by_index_.begin());
  return std::prev(after)->second;
}

void member_history::forget_below(log_index index) {
  const auto after = by_index_.upper_bound(index);
  if (after != by_index_.begin())
    by_index_.erase(by_index_.begin(), std::prev(after));
}

} // namespace grape::raft
