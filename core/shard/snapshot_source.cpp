#include "core/shard/snapshot_source.hpp"

#include <algorithm>
#include <utility>

namespace grape::shard {

namespace {

/// So many changes are looked at for one chunk, also if none of them is in it.
constexpr std::size_t changes_per_chunk_max = 65'536;

/// Adding up sends nothing, so it may read more at a time.
constexpr std::size_t bytes_summed_factor = 16;

/// Every change through this entry has come.
log_index changes_through(const snapshot_position& at) noexcept {
  if (at.walking)
    return at.since;
  const auto whole = at.last ? log_index{at.at.value - 1} : at.at;
  return std::max(at.since, whole);
}

} // namespace

snapshot_source::snapshot_source(storage::point_reader from, log_index index, log_index forgotten)
  : from_(from)
  , index_(index)
  , forgotten_(forgotten)
  , sum_(std::move(from)) {}

outcome<snapshot_source> snapshot_source::open(storage::point_reader from) {
  const auto index = from.applied();
  if (!index)
    return index.error();
  const auto forgotten = from.forgotten();
  if (!forgotten)
    return forgotten.error();
  return snapshot_source{std::move(from), *index, *forgotten};
}

bool snapshot_source::can_go_on(const snapshot_position& from) const noexcept {
  return from.since <= index_ && from.at <= index_ && changes_through(from) >= forgotten_;
}

snapshot_position snapshot_source::begin(const snapshot_standing& to) const noexcept {
  if (to.staged && can_go_on(*to.staged))
    return *to.staged;
  if (to.own > log_index{} && can_go_on(difference_begin(to.own)))
    return difference_begin(to.own);
  return whole_begin(index_);
}

outcome<std::optional<snapshot_question>> snapshot_source::next(const snapshot_position& from,
                                                                std::size_t bytes_max) {
  if (!from.walking && from.at >= index_ && !from.last)
    return end(from, bytes_max);
  snapshot_chunk made{.from = from, .to = from, .schema = {}, .erased = {}, .points = {}};
  if (is_begin(from)) {
    auto schema = from_.schema();
    if (!schema)
      return std::move(schema).error();
    made.schema = std::move(*schema);
  }
  const auto added = from.walking ? add_points(made, bytes_max) : add_changes(made, bytes_max);
  if (!added.ok())
    return added;
  return std::optional{snapshot_question{std::move(made)}};
}

status snapshot_source::add_points(snapshot_chunk& to, std::size_t bytes_max) const {
  std::size_t bytes = 0;
  bool finished = true;
  const auto scanned = from_.scan_stored(to.from.last, [&](storage::stored_point&& one) {
    if (to.from.last == one.id)
      return true;
    bytes += chunk_bytes(one);
    if (bytes > bytes_max && !to.points.empty()) {
      finished = false;
      return false;
    }
    to.points.push_back(std::move(one));
    return true;
  });
  if (!to.points.empty())
    to.to.last = to.points.back().id;
  if (finished) {
    // The ends of points that are still known come with the second part, so that the receiver can
    // be a source for others.
    to.to.walking = false;
    to.to.at = std::min(forgotten_, to.to.since);
    to.to.last.reset();
  }
  return scanned;
}

status snapshot_source::add_changes(snapshot_chunk& to, std::size_t bytes_max) const {
  std::size_t bytes = 0;
  std::size_t looked_at = 0;
  bool finished = true;
  status failed;
  const auto add = [&](log_index at, const point_id& id, bool erased) -> status {
    if (erased) {
      bytes += chunk_bytes({});
      to.erased.push_back({at, id});
      return {};
    }
    if (at <= to.from.since)
      return {}; // It came with the first part.
    auto whole = from_.stored(id);
    if (!whole)
      return std::move(whole).error();
    if (!*whole)
      return {errc::corrupted, "point " + id.text() + " changed, but does not exist"};
    bytes += chunk_bytes(**whole);
    to.points.push_back(std::move(**whole));
    return {};
  };
  const auto visit = [&](log_index at, const point_id& id, bool erased) {
    if (to.from.last == id && to.from.at == at)
      return true;
    if (bytes >= bytes_max || looked_at >= changes_per_chunk_max) {
      finished = false;
      return false;
    }
    ++looked_at;
    failed = add(at, id, erased);
    to.to.at = at;
    to.to.last = id;
    return failed.ok();
  };
  const auto scanned =
      to.from.last ? from_.scan_changes(storage::change_place{to.from.at, *to.from.last}, visit)
                   : from_.scan_changes(to.from.at, visit);
  if (finished) {
    to.to.at = index_;
    to.to.last.reset();
  }
  return failed.ok() ? scanned : failed;
}

outcome<std::optional<snapshot_question>> snapshot_source::end(const snapshot_position& at,
                                                               std::size_t bytes) {
  const auto finished = sum_.step(bytes * bytes_summed_factor);
  if (!finished)
    return finished.error();
  if (!*finished)
    return std::optional<snapshot_question>{};
  auto schema = from_.schema();
  if (!schema)
    return std::move(schema).error();
  auto sessions = notes_of_sessions(from_);
  if (!sessions)
    return std::move(sessions).error();
  return std::optional{snapshot_question{snapshot_end{.at = at,
                                                      .index = index_,
                                                      .forgotten = forgotten_,
                                                      .schema = std::move(*schema),
                                                      .points = sum_.so_far().points,
                                                      .sum = sum_.so_far().sum,
                                                      .message = {},
                                                      .sessions = std::move(*sessions)}}};
}

} // namespace grape::shard
