#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/payload/value.hpp"
#include "core/request/collection.hpp"
#include "core/vector/point.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The key space of one point store. Keys compare as bytes in the order of what they name: ids as
/// operator< of point_id orders them, numbers by size, keywords as strings.
namespace grape::storage::keys {

inline constexpr std::string_view metas = "m/";    ///< + id: versions of a point.
inline constexpr std::string_view vectors = "v/";  ///< + id
inline constexpr std::string_view payloads = "p/"; ///< + id
inline constexpr std::string_view fields = "f/";   ///< + field + value + id: who has this value.
inline constexpr std::string_view changes = "i/";  ///< + log index + id: what changed when.
inline constexpr std::string_view notes = "n/";    ///< + name: of whoever keeps the store.
inline constexpr std::string_view applied = "applied";
inline constexpr std::string_view forgotten = "forgotten"; ///< Ends up to here may be missing.
inline constexpr std::string_view schema = "schema";

/// `prefix` (one of the above) followed by the id.
std::string of_point(std::string_view prefix, const point_id& id);

/// The id behind a prefix already taken off, consuming it from `rest`. Error: corrupted.
outcome<point_id> take_id(std::string_view& rest);

/// Where the keys of one field begin; no key of another field starts with it.
std::string of_field(std::string_view field);

/// Whether an index of `type` holds `value`: keyword = strings, integer = what fits into int64,
/// float = every number, bool = booleans; indexes of other types live in memory only. 5 and 5.0 are
/// different values.
bool indexable(field_type type, const payload::value& value) noexcept;

/// The key that says that point `id` has `value` in the field. `field_prefix` comes from
/// `of_field`. Precondition: indexable(type, value).
std::string of_field_value(std::string_view field_prefix, field_type type,
                           const payload::value& value, const point_id& id);

/// A field key taken apart.
struct field_entry {
  payload::value value;
  point_id id;
};

/// `rest` is a field key without its `of_field` prefix. Error: corrupted.
outcome<field_entry> parse_field_value(std::string_view rest);

std::string of_change(log_index at, const point_id& id);

/// Where the changes made at `from` and later begin.
std::string changes_from(log_index from);

/// A change key taken apart.
struct change_entry {
  log_index at;
  point_id id;
};

/// `rest` is a change key without its prefix. Error: corrupted.
outcome<change_entry> parse_change(std::string_view rest);

} // namespace grape::storage::keys
