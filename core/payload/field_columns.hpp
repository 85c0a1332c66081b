#pragma once

#include "core/ids.hpp"
#include "core/payload/field_column.hpp"
#include "core/payload/field_meaning.hpp"
#include "core/payload/path.hpp"
#include "core/request/collection.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace grape::payload {

/// The columns of all indexed fields at one moment. Immutable, cheap to copy, thread-safe.
class column_view {
public:
  /// The column of the field at this path, in any spelling of it, or null if it is not indexed.
  const field_column* find(std::string_view field) const;

  /// What the indexes change in the meaning of conditions. The view must live as long.
  field_meanings meanings() const;

  std::size_t fields() const noexcept { return columns_ ? columns_->size() : 0; }

private:
  friend class field_columns;

  using columns = std::map<std::string, field_column, std::less<>>;

  std::shared_ptr<const columns> columns_;
};

/// The writer's side of the columns: values of the indexed payload fields by slot. One thread.
class field_columns {
public:
  /// Starts an empty column, replacing any at this path. The caller then sets the field of every
  /// live slot. Errors: malformed if the path does not parse, bad_request if the parameters of a
  /// text index make no sense.
  status add_field(const std::string& field, const field_schema& schema);

  /// Forgets the column; an unknown path is fine.
  void remove_field(std::string_view field);

  /// Takes over the values of every indexed field from the whole payload of the point at `where`.
  void set(slot where, const object& payload);

  /// The same for one field, as when an index is being built. Needs an indexed field.
  void set_field(std::string_view field, slot where, const object& payload);

  /// Forgets the slot in every column; it may be reused.
  void clear(slot where);

  /// What is here now. Later changes do not show in it.
  column_view snapshot() const;

  /// Live slots in which the field has a value that is neither null nor an empty array; 0 if the
  /// field is not indexed.
  std::size_t points(std::string_view field) const;

  /// Memory held by the columns, roughly; shared pages count once.
  std::size_t bytes() const;

private:
  std::map<std::string, field_column, std::less<>> fields_; ///< By canonical path text.

  /// The last snapshot while it is still true; given away again instead of copied.
  mutable std::optional<column_view> fresh_;
};

} // namespace grape::payload
