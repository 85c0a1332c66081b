#include "config/toml_settings.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace grape {

namespace {

setting_value value_of(const toml::node& node) {
  if (const auto* truth = node.as_boolean())
    return truth->get();
  if (const auto* whole = node.as_integer())
    return whole->get();
  if (const auto* real = node.as_floating_point())
    return real->get();
  if (const auto* text = node.as_string())
    return text->get();
  if (node.is_table())
    return unreadable{"a table"};
  const auto* list = node.as_array();
  if (list == nullptr)
    return unreadable{"a date or time"};
  std::vector<std::string> texts;
  for (const auto& each : *list) {
    const auto* text = each.as_string();
    if (text == nullptr)
      return unreadable{"a list that holds something else"};
    texts.push_back(text->get());
  }
  return texts;
}

} // namespace

outcome<std::vector<setting>> settings_of_toml(std::string_view text, const std::string& file) {
  toml::table root;
  try {
    root = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return status{errc::bad_config, file + ":" + std::to_string(error.source().begin.line) + ": "
                                      + std::string{error.description()}};
  }
  std::vector<std::pair<toml::source_index, setting>> found;
  const auto take = [&found, &file](std::string section, const toml::key& key,
                                    const toml::node& node) {
    const auto line = key.source().begin.line;
    found.emplace_back(line, setting{std::move(section), std::string{key.str()}, value_of(node),
                                     file + ":" + std::to_string(line)});
  };
  for (const auto& [name, node] : root) {
    const auto* section = node.as_table();
    if (section == nullptr || section->empty())
      take("", name, node);
    else
      for (const auto& [key, value] : *section)
        take(std::string{name.str()}, key, value);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<setting> in_order;
  for (auto& each : found)
    in_order.push_back(std::move(each.second));
  return in_order;
}

} // namespace grape
