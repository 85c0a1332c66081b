#pragma once

#include "core/request/collection.hpp"
#include "net/http/decoding.hpp"

#include <limits>
#include <span>
#include <string_view>

/// Settings of a collection that Grape accepts and shows again: checked by tables, kept as given.
namespace grape::http {

/// What a setting may hold.
enum class setting_kind : std::uint8_t {
  flag,            ///< true or false
  whole,           ///< an unsigned integer within the bounds
  fraction,        ///< a number within the bounds
  placement,       ///< cold, cached or pinned
  storage_placement, ///< the same, but pinned is not allowed
  threads,         ///< "auto", kept as null, or an unsigned integer
};

struct setting {
  std::string_view name;
  setting_kind kind;
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
  std::string_view alias = {};
};

/// Copies the settings of the object `of` that `known` lists, each checked. Null and absent ones,
/// and members that `known` does not list, are left out.
void read_settings(const node& of, std::span<const setting> known, payload::object& into);

/// One of the quantizations, checked and kept as given. It changes speed and memory, never what
/// the right answer is, so an index without it may accept it.
payload::object read_quantization(const node& of);

/// `strict_mode_config`; what it means says core/request/strict_mode.
payload::object read_strict_mode(const node& of);

/// `wal_config`.
payload::object read_wal(const node& of);

/// The parameters of a sparse vector.
sparse_field read_sparse_params(const node& of);

} // namespace grape::http
