#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/request/write.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape::shard {

/// Operations on points, validated against one version of the schema.
struct write_points {
  schema_version validated_against;
  std::vector<write_operation> operations;

  friend bool operator==(const write_points&, const write_points&) = default;
};

/// From this entry on the shard lives by this schema.
struct change_schema {
  collection_schema schema;

  friend bool operator==(const change_schema&, const change_schema&) = default;
};

/// One entry of a shard's log.
using command = std::variant<write_points, change_schema>;

/// A command as the bytes that go through log, replica and disk; `decode(encode(c)) == c`.
std::string encode(const command& of);

/// Errors: corrupted (checksum, shape), wrong_version.
outcome<command> decode(std::string_view bytes);

/// Whether it makes the data grow: what deletes points, vectors or payload does not.
bool takes_room(const command& of) noexcept;

} // namespace grape::shard
