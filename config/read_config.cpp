#include "config/read_config.hpp"

#include "config/check_config.hpp"
#include "config/known_settings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace grape {

namespace {

std::string variable_of(const std::string& name) {
  std::string made = "GRAPE_" + name;
  for (auto& each : made)
    each = each == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return made;
}

// What the text of a variable means; a text that does not fit its kind stays a text, and the key
// says what it expected.
setting_value value_of(setting_kind kind, const std::string& text) {
  switch (kind) {
    case setting_kind::text: return text;
    case setting_kind::truth:
      if (text == "true" || text == "false")
        return text == "true";
      return text;
    case setting_kind::whole: {
      std::int64_t number = 0;
      const auto* end = text.data() + text.size();
      const auto read = std::from_chars(text.data(), end, number);
      if (read.ec == std::errc{} && read.ptr == end)
        return number;
      return text;
    }
    case setting_kind::list: break;
  }
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

std::string not_known(const setting& given) {
  std::set<std::string> sections;
  std::string keys;
  for (const auto& [name, ignored] : known_settings()) {
    const auto point = name.find('.');
    sections.insert(name.substr(0, point));
    if (name.starts_with(given.section + "."))
      keys += (keys.empty() ? "" : ", ") + name.substr(point + 1);
  }
  if (!given.section.empty() && !keys.empty())
    return given.where + ": " + given.section + "." + given.key + ": unknown key, expected one of "
           + keys;
  std::string all;
  for (const auto& each : sections)
    all += (all.empty() ? "" : ", ") + each;
  const auto& name = given.section.empty() ? given.key : given.section;
  return given.where + ": " + name + ": unknown section, expected one of " + all;
}

/// Puts settings into a configuration one by one and remembers where each came from.
class config_reader {
public:
  status take(const setting& given) {
    if (given.section.empty() && std::holds_alternative<unreadable>(given.value)
        && is_section(given.key))
      return {}; // An empty section.
    const auto name = given.section + "." + given.key;
    const auto known = known_settings().find(name);
    if (known == known_settings().end())
      return {errc::bad_config, not_known(given)};
    if (auto why = known->second.store(given.value, config_); !why.empty())
      return {errc::bad_config, given.where + ": " + name + ": " + why};
    where_[name] = given.where + ": " + name;
    return {};
  }

  status take_variables(const environment& variable) {
    for (const auto& [name, known] : known_settings()) {
      const auto variable_name = variable_of(name);
      const auto text = variable(variable_name);
      if (!text)
        continue;
      if (auto why = known.store(value_of(known.kind, *text), config_); !why.empty())
        return {errc::bad_config, variable_name + ": " + why};
      where_[name] = variable_name;
    }
    return {};
  }

  outcome<node_config> finish(const std::string& file) {
    const auto flaw = flaw_of(config_);
    if (!flaw)
      return config_;
    for (const auto& key : flaw->keys)
      if (const auto found = where_.find(key); found != where_.end())
        return status{errc::bad_config, found->second + ": " + flaw->why};
    return status{errc::bad_config, file + ": " + flaw->keys.front() + ": " + flaw->why};
  }

private:
  static bool is_section(const std::string& name) {
    const auto first = known_settings().lower_bound(name + ".");
    return first != known_settings().end() && first->first.starts_with(name + ".");
  }

  node_config config_;
  std::map<std::string, std::string> where_; ///< By "section.key".
};

std::optional<std::string> process_variable(const std::string& name) {
  const char* found = std::getenv(name.c_str());
  if (found == nullptr)
    return {};
  return std::string{found};
}

} // namespace

outcome<node_config> read_config(std::string_view text, const std::string& file,
                                 const environment& variable) {
  auto settings = settings_of_toml(text, file);
  if (!settings)
    return settings.error();
  config_reader reader;
  for (const auto& each : *settings)
    if (auto taken = reader.take(each); !taken.ok())
      return taken;
  if (auto taken = reader.take_variables(variable); !taken.ok())
    return taken;
  return reader.finish(file);
}

outcome<node_config> read_config_file(const std::string& file) {
  std::ifstream stream{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream.is_open() || stream.bad())
    return status{errc::bad_config, file + ": cannot be read"};
  return read_config(text, file, process_variable);
}

outcome<node_config> read_default_config() {
  return read_config("", "defaults", process_variable);
}

std::vector<std::string> config_keys() {
  std::vector<std::string> keys;
  for (const auto& [name, ignored] : known_settings())
    keys.push_back(name);
  return keys;
}

} // namespace grape
