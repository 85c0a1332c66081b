#pragma once

#include "core/outcome.hpp"
#include "core/payload/path.hpp"
#include "core/payload/value.hpp"
#include "core/request/collection.hpp"
#include "core/vector/point.hpp"

#include <map>
#include <string>
#include <vector>

namespace grape::storage {

/// Which field keys a payload has under a set of payload indexes: one for each different indexable
/// value at a field's path, and for each indexable element where an array stands there. Immutable.
class field_keys {
public:
  field_keys() = default; ///< No index, no keys.

  /// Error: corrupted if a field is no payload path.
  static outcome<field_keys> of(const std::map<std::string, field_schema>& indexes);

  bool empty() const noexcept { return indexes_.empty(); }

  /// Ascending, each once.
  std::vector<std::string> collect(const point_id& id, const payload::object& payload) const;

private:
  struct index {
    std::string prefix;
    payload::path path;
    field_type type;
  };

  std::vector<index> indexes_;
};

} // namespace grape::storage
