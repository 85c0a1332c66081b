#include "core/storage/field_keys.hpp"

#include "core/storage/keys.hpp"

#include <algorithm>

namespace grape::storage {

outcome<field_keys> field_keys::of(const std::map<std::string, field_schema>& indexes) {
  field_keys out;
  for (const auto& [field, schema] : indexes) {
    auto path = payload::path::parse(field);
    if (!path)
      return status{errc::corrupted, "the stored schema indexes `" + field + "`, which is no path"};
    out.indexes_.push_back({keys::of_field(field), std::move(*path), schema.type});
  }
  return out;
}

std::vector<std::string> field_keys::collect(const point_id& id,
                                             const payload::object& payload) const {
  std::vector<std::string> out;
  for (const auto& each : indexes_) {
    const auto add = [&](const payload::value& value) {
      if (keys::indexable(each.type, value))
        out.push_back(keys::of_field_value(each.prefix, each.type, value, id));
    };
    payload::visit_values(payload, each.path, [&](const payload::value& value) {
      if (const auto* elements = value.as_array())
        std::for_each(elements->begin(), elements->end(), add);
      else
        add(value);
      return true;
    });
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

} // namespace grape::storage
