#include "core/index/multi_rows.hpp"

#include "core/check.hpp"

namespace grape::index {

row_range multi_rows::place(slot point, std::uint32_t count) {
  GRAPE_CHECK(count > 0);
  remove(point);
  row_range made{static_cast<std::uint32_t>(now_.owners_.size()), count};
  if (const auto fits = free_.lower_bound(count); fits != free_.end()) {
    const auto [length, first] = *fits;
    free_.erase(fits);
    made.first = first;
    if (length > count)
      free_.emplace(length - count, first + count);
  } else {
    now_.owners_.resize(now_.owners_.size() + count);
  }
  for (std::uint32_t i = 0; i < count; ++i)
    now_.owners_.edit(made.first + i) = point;
  if (point.value >= now_.ranges_.size())
    now_.ranges_.resize(point.value + std::size_t{1});
  now_.ranges_.edit(point.value) = made;
  ++now_.points_;
  return made;
}

row_range multi_rows::remove(slot point) {
  const auto had = now_.of(point);
  if (had.count == 0)
    return had;
  now_.ranges_.edit(point.value) = {};
  free_.emplace(had.count, had.first);
  --now_.points_;
  return had;
}

} // namespace grape::index
