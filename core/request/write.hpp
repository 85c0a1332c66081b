#pragma once

#include "core/ids.hpp"
#include "core/payload/filter.hpp"
#include "core/request/options.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape {

/// Of these points of one shard, those whose last change is at or before its log entry `since`.
/// What a filter found at that entry, so that nothing newer is touched.
struct unchanged_points {
  std::vector<point_id> ids;
  log_index since;

  friend bool operator==(const unchanged_points&, const unchanged_points&) = default;
};

/// Which points an operation touches: a list, or all that match a filter. The third is made by the
/// node that resolves the filter.
using point_selector = std::variant<std::vector<point_id>, payload::filter, unchanged_points>;

/// Replaces whole points. An id repeated in one list: the last wins.
struct upsert_points {
  enum class mode : std::uint8_t { upsert = 0, insert_only = 1, update_only = 2 };

  std::vector<point> points; ///< Not empty.
  mode how = mode::upsert;
  std::optional<payload::filter> only_if; ///< Existing points are replaced only if they match.

  friend bool operator==(const upsert_points&, const upsert_points&) = default;
};

/// Absent ids are fine.
struct delete_points {
  point_selector points;

  friend bool operator==(const delete_points&, const delete_points&) = default;
};

/// Merges into, or replaces, the payload of existing points.
struct set_payload {
  payload::object payload;
  point_selector points;
  bool overwrite = false; ///< True: the payload becomes exactly this.
  std::string key;        ///< Not empty: the object at this path is merged instead.

  friend bool operator==(const set_payload&, const set_payload&) = default;
};

/// Removes payload paths.
struct delete_payload {
  std::vector<std::string> keys;
  point_selector points;

  friend bool operator==(const delete_payload&, const delete_payload&) = default;
};

struct clear_payload {
  point_selector points;

  friend bool operator==(const clear_payload&, const clear_payload&) = default;
};

/// Vectors of one existing point.
struct point_vectors {
  point_id id;
  named_vectors vectors;

  friend bool operator==(const point_vectors&, const point_vectors&) = default;
};

/// Replaces the named vectors given; the rest of each point stays.
struct update_vectors {
  std::vector<point_vectors> points;
  std::optional<payload::filter> only_if = {}; ///< Points that do not match it stay as they are.

  friend bool operator==(const update_vectors&, const update_vectors&) = default;
};

struct delete_vectors {
  std::vector<std::string> names;
  point_selector points;

  friend bool operator==(const delete_vectors&, const delete_vectors&) = default;
};

using write_operation = std::variant<upsert_points, delete_points, set_payload, delete_payload,
                                     clear_payload, update_vectors, delete_vectors>;

/// Operations in order. All are validated before any is logged.
struct write_request {
  std::string collection;
  std::vector<write_operation> operations;
  write_options options;
  /// Of a collection that is sharded by keys: which of them each operation is about, by its place.
  /// What has none, or no place here, names no key, and is refused there.
  std::vector<std::optional<shard_key_selector>> keys{};
};

enum class write_progress : std::uint8_t {
  acknowledged = 0, ///< Durable in the log.
  completed = 1,    ///< Applied and visible.
  wait_timeout = 2, ///< Logged for good, but not all that was waited for came in time.
};

/// One receipt for each operation of the request.
struct write_receipt {
  std::uint64_t operation_id = 0; ///< The highest log index among the shards touched.
  write_progress progress = write_progress::acknowledged;
  /// With `wait_timeout` where copies were waited for: so many replicas at least have it durably.
  std::uint32_t copies = 0;
};

struct write_receipts {
  std::vector<write_receipt> receipts;
};

} // namespace grape
