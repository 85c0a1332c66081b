#pragma once

#include "core/codec/little_endian.hpp"
#include "core/codec/pack_parts.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/storage/point_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The values behind the keys of a point store: a version byte, then the content.
namespace grape::storage::records {

/// Change it when the content of any record changes its meaning; never reuse a number.
inline constexpr char version = 1;

/// A record without content: a field key says it all.
inline constexpr std::string_view bare{&version, 1};

/// The record of a change: what happened to the point.
inline constexpr std::string_view changed{"\1\0", 2};
inline constexpr std::string_view erased{"\1\1", 2};
static_assert(changed.front() == version && erased.front() == version);

/// The content of a record. Errors: corrupted if there is none, wrong_version.
inline outcome<std::string_view> content(std::string_view record) {
  if (record.empty())
    return status{errc::corrupted, "a stored record is empty"};
  if (record.front() != version)
    return status{errc::wrong_version, "a stored record has version "
                                         + std::to_string(static_cast<int>(record.front()))};
  return record.substr(1);
}

/// A record of any type that core/codec packs.
template <class T>
std::string packed(const T& value) {
  return std::string(bare) + codec::packed(value);
}

template <class T>
outcome<T> unpacked(std::string_view record) {
  const auto inside = content(record);
  if (!inside)
    return inside.error();
  return codec::unpacked<T>(*inside);
}

/// A record of two numbers: both that are neither ids nor of variable length.
inline std::string pair(std::uint64_t first, std::uint64_t second) {
  std::string out{bare};
  codec::append_little(out, first);
  codec::append_little(out, second);
  return out;
}

struct two_numbers {
  std::uint64_t first;
  std::uint64_t second;
};

inline outcome<two_numbers> read_pair(std::string_view record) {
  const auto inside = content(record);
  if (!inside)
    return inside.error();
  if (inside->size() != 2 * sizeof(std::uint64_t))
    return status{errc::corrupted, "a stored record has the wrong length"};
  return two_numbers{codec::read_little<std::uint64_t>(inside->data()),
                     codec::read_little<std::uint64_t>(inside->data() + sizeof(std::uint64_t))};
}

inline std::string of_meta(const point_meta& meta) {
  return pair(meta.version, meta.vector_version);
}

inline outcome<point_meta> read_meta(std::string_view record) {
  const auto read = read_pair(record);
  if (!read)
    return read.error();
  return point_meta{read->first, read->second};
}

/// The record under a key that stands alone, as `read` understands it; none if there is none.
template <class Read>
auto alone(const store& from, std::string_view key, const store_snapshot* at, Read&& read)
  -> outcome<std::optional<typename decltype(read(std::string_view{}))::value_type>> {
  using record = typename decltype(read(std::string_view{}))::value_type;
  const auto found = from.get(key, at);
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<record>{};
  auto value = read(**found);
  if (!value)
    return status{value.error().code, std::string(key) + ": " + value.error().detail};
  return std::optional<record>{std::move(*value)};
}

} // namespace grape::storage::records
