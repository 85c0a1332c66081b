#include "core/request/collection.hpp"

namespace grape {

std::string_view to_string(field_type type) noexcept {
  switch (type) {
    case field_type::keyword: return "keyword";
    case field_type::integer: return "integer";
    case field_type::floating: return "float";
    case field_type::boolean: return "bool";
    case field_type::datetime: return "datetime";
    case field_type::uuid: return "uuid";
    case field_type::geo: return "geo";
    case field_type::text: return "text";
  }
  return "unknown";
}

bool is_sharded_by_keys(const collection_options& options) {
  const auto* method = options.echoed_params.find("sharding_method");
  const auto* text = method != nullptr ? method->as_string() : nullptr;
  return text != nullptr && *text == "custom";
}

} // namespace grape
