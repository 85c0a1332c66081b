#include "core/request/unindexed.hpp"

#include "core/vector/point.hpp"

#include <algorithm>
#include <utility>

namespace grape {

namespace {

using type_names = std::set<std::string_view>;

bool reads_as_uuid(const std::string& text) {
  return point_id::parse_uuid(text).ok();
}

/// Which types of index can answer a test. Empty: no index is needed.
struct helpful_types {
  type_names operator()(const payload::match_value& test) const {
    if (const auto* text = std::get_if<std::string>(&test.value))
      return of_texts({*text});
    return std::holds_alternative<bool>(test.value) ? type_names{"bool"} : type_names{"integer"};
  }
  type_names operator()(const payload::match_any& test) const { return of_list(test.values); }
  type_names operator()(const payload::match_except& test) const { return of_list(test.values); }
  type_names operator()(const payload::number_range&) const { return {"float", "integer"}; }
  type_names operator()(const payload::time_range&) const { return {"datetime"}; }
  type_names operator()(const payload::geo_box&) const { return {"geo"}; }
  type_names operator()(const payload::geo_radius&) const { return {"geo"}; }
  type_names operator()(const payload::geo_polygon&) const { return {"geo"}; }
  type_names operator()(const payload::match_text&) const { return {"text"}; }
  type_names operator()(const payload::match_fuzzy&) const { return {"text"}; }
  type_names operator()(const payload::match_prefix&) const { return {"keyword"}; }
  type_names operator()(const payload::match_like&) const { return {"keyword"}; }
  type_names operator()(const payload::values_count&) const { return any_type(); }
  type_names operator()(const payload::empty_test&) const { return any_type(); }
  type_names operator()(const payload::null_test&) const { return any_type(); }

private:
  static type_names any_type() {
    return {"bool", "datetime", "float", "geo", "integer", "keyword", "text", "uuid"};
  }

  static type_names of_texts(const std::vector<std::string>& texts) {
    type_names types{"keyword"};
    if (std::all_of(texts.begin(), texts.end(), reads_as_uuid))
      types.insert("uuid");
    return types;
  }

  template <class Values>
  static type_names of_list(const Values& values) {
    if (std::visit([](const auto& list) { return list.empty(); }, values))
      return {};
    const auto* texts = std::get_if<std::vector<std::string>>(&values);
    return texts != nullptr ? of_texts(*texts) : type_names{"integer"};
  }
};

bool has(const field_schema& schema, std::string_view option, bool wanted) {
  const auto* found = schema.params ? schema.params->find(option) : nullptr;
  return found != nullptr && *found == payload::value{wanted};
}

/// Whether the index of the field serves a test that one of `types` would serve.
bool serves(const field_schema& schema, const payload::field_test& test, const type_names& types) {
  if (!types.contains(to_string(schema.type)))
    return false;
  if (const auto* text = std::get_if<payload::match_text>(&test))
    return text->wanted != payload::text_match::phrase || has(schema, "phrase_matching", true);
  if (std::holds_alternative<payload::match_prefix>(test))
    return has(schema, "prefix", true);
  if (schema.type != field_type::integer)
    return true;
  if (std::holds_alternative<payload::number_range>(test))
    return !has(schema, "range", false);
  return types.size() > 1 || !has(schema, "lookup", false); // Any index tells what is empty.
}

struct searcher {
  const std::map<std::string, field_schema>& fields;
  std::string prefix; ///< Of the path, inside a nested condition.

  std::optional<missing_index> operator()(const payload::field_condition& condition) const {
    missing_index missing{prefix + condition.key, {}};
    const auto known = fields.find(missing.field);
    for (const auto& test : condition.tests) {
      const auto types = std::visit(helpful_types{}, test);
      if (types.empty() || (known != fields.end() && serves(known->second, test, types)))
        return {};
      missing.types.insert(types.begin(), types.end());
    }
    return missing;
  }

  std::optional<missing_index> operator()(const payload::has_id&) const { return {}; }
  std::optional<missing_index> operator()(const payload::has_vector&) const { return {}; }
  std::optional<missing_index> operator()(const payload::slice&) const { return {}; }

  std::optional<missing_index> operator()(const payload::nested& condition) const {
    const auto ends_open = condition.key.ends_with("[]");
    const searcher inside{fields, prefix + condition.key + (ends_open ? "." : "[].")};
    return inside(condition.inner);
  }

  std::optional<missing_index> operator()(const payload::filter& filter) const {
    for (const auto* clause : {&filter.must, &filter.must_not, &filter.should})
      if (auto found = first_of(*clause))
        return found;
    return filter.at_least ? first_of(filter.at_least->conditions) : std::nullopt;
  }

private:
  std::optional<missing_index> first_of(const std::vector<payload::condition>& of) const {
    for (const auto& one : of)
      if (auto found = std::visit(*this, one.test))
        return found;
    return {};
  }
};

/// The paths of a formula, in order.
struct formula_searcher {
  const std::map<std::string, field_schema>& fields;

  std::optional<missing_index> operator()(double) const { return {}; }
  std::optional<missing_index> operator()(const score_variable&) const { return {}; }

  std::optional<missing_index> operator()(const payload_variable& of) const {
    return need(of.path, {"float", "integer"});
  }

  std::optional<missing_index> operator()(const geo_distance& of) const {
    return need(of.path, {"geo"});
  }

  std::optional<missing_index> operator()(const datetime_variable& of) const {
    return need(of.path, {"datetime"});
  }

  std::optional<missing_index> operator()(const condition_value& of) const {
    return std::visit(searcher{fields, {}}, of.holds.test);
  }

  std::optional<missing_index> operator()(const formula_operation& of) const {
    return first_of(of.operands);
  }

  std::optional<missing_index> operator()(const formula_decay& of) const { return first_of(of.x); }

private:
  std::optional<missing_index> need(const std::string& path, type_names types) const {
    const auto known = fields.find(path);
    if (known != fields.end() && types.contains(to_string(known->second.type)))
      return {};
    return missing_index{path, std::move(types)};
  }

  std::optional<missing_index> first_of(const std::vector<expression>& of) const {
    for (const auto& one : of)
      if (auto found = std::visit(*this, one.node))
        return found;
    return {};
  }
};

} // namespace

std::optional<missing_index> first_unindexed(const payload::filter& filter,
                                             const std::map<std::string, field_schema>& fields) {
  return searcher{fields, {}}(filter);
}

std::optional<missing_index> first_unindexed(const formula& of,
                                             const std::map<std::string, field_schema>& fields) {
  return std::visit(formula_searcher{fields}, of.score.node);
}

bool can_match(const field_schema& index) {
  switch (index.type) {
    case field_type::keyword:
    case field_type::boolean:
    case field_type::uuid: return true;
    case field_type::integer: return !has(index, "lookup", false);
    case field_type::floating:
    case field_type::datetime:
    case field_type::geo:
    case field_type::text: return false;
  }
  return false;
}

} // namespace grape
