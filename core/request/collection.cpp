#include "core/request/collection.hpp"

namespace grape {

std::string_view to_string(field_type type) noexcept {
  switch (type) {
    case field_type::keyword: return "keyword";
    case field_type::integer: return "integer";
    case field_type::floating: return "float";
    case field_type::boolean: return "bool";
  }
  return "unknown";
}

} // namespace grape
