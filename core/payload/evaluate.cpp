#include "core/payload/evaluate.hpp"

#include "core/payload/path.hpp"

#include <algorithm>

namespace grape::payload {

namespace {

template <class Element>
bool among(const std::vector<Element>& list, const Element& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// Whether a string or integer stands in the list; elements of other types never do.
bool among(const std::variant<std::vector<std::string>, std::vector<std::int64_t>>& list,
           const value& element) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&list))
    return element.as_string() != nullptr && among(*texts, *element.as_string());
  const auto& integers = std::get<std::vector<std::int64_t>>(list);
  return element.as_int() != nullptr && among(integers, *element.as_int());
}

struct element_tester {
  const value& element;

  bool operator()(const match_value& wanted) const {
    if (const auto* boolean = std::get_if<bool>(&wanted.value))
      return element.as_bool() != nullptr && *element.as_bool() == *boolean;
    if (const auto* integer = std::get_if<std::int64_t>(&wanted.value))
      return element.as_int() != nullptr && *element.as_int() == *integer;
    const auto* text = element.as_string();
    return text != nullptr && *text == std::get<std::string>(wanted.value);
  }

  bool operator()(const match_any& wanted) const { return among(wanted.values, element); }

  bool operator()(const match_except& wanted) const {
    return !element.is_null() && !among(wanted.values, element);
  }

  bool operator()(const number_range& wanted) const {
    return element.is_number() && within(wanted, element.number());
  }

  bool operator()(const empty_test&) const { return false; }
  bool operator()(const null_test&) const { return false; }
};

bool is_empty(const value& tree) {
  return tree.is_null() || (tree.as_array() != nullptr && tree.as_array()->empty());
}

bool has_null(const value& tree) {
  const auto* elements = tree.as_array();
  return tree.is_null()
         || (elements != nullptr
             && std::any_of(elements->begin(), elements->end(),
                            [](const value& element) { return element.is_null(); }));
}

struct field_tester {
  const object& payload;
  const path* where; ///< Null: a field that nobody has.

  /// Whether some value there satisfies `holds`.
  template <class Predicate>
  bool any(Predicate holds) const {
    return where != nullptr
           && !visit_values(payload, *where, [&](const value& found) { return !holds(found); });
  }

  bool operator()(const empty_test& wanted) const {
    return wanted.wanted != any([](const value& found) { return !is_empty(found); });
  }

  bool operator()(const null_test& wanted) const { return wanted.wanted == any(has_null); }

  template <class Test>
  bool operator()(const Test& wanted) const {
    return any([&](const value& found) {
      const auto* elements = found.as_array();
      if (elements == nullptr)
        return element_tester{found}(wanted);
      return std::any_of(elements->begin(), elements->end(), [&](const value& element) {
        return element_tester{element}(wanted);
      });
    });
  }
};

struct condition_tester {
  const object& payload;
  const point_id* id; ///< Null inside a nested filter, where ids and vectors never match.
  const std::function<bool(std::string_view)>* has_vector_named;

  bool operator()(const filter& wanted) const {
    const auto holds = [this](const condition& c) { return std::visit(*this, c.test); };
    const auto& [must, should, must_not, at_least] = wanted;
    if (!std::all_of(must.begin(), must.end(), holds))
      return false;
    if (!should.empty() && !std::any_of(should.begin(), should.end(), holds))
      return false;
    if (std::any_of(must_not.begin(), must_not.end(), holds))
      return false;
    return !at_least || enough(*at_least);
  }

  bool operator()(const field_condition& wanted) const { return matches(wanted, payload); }

  bool operator()(const has_id& wanted) const { return id != nullptr && among(wanted.ids, *id); }

  bool operator()(const has_vector& wanted) const {
    return has_vector_named != nullptr && *has_vector_named && (*has_vector_named)(wanted.name);
  }

  bool operator()(const nested& wanted) const {
    const auto where = path::parse(wanted.key);
    return where && !visit_values(payload, where->with_every_element(), [&](const value& element) {
      const auto* inside = element.as_object();
      return inside == nullptr || !condition_tester{*inside, nullptr, nullptr}(wanted.inner);
    });
  }

private:
  bool enough(const min_should& wanted) const {
    std::uint64_t held = 0;
    for (const auto& c : wanted.conditions) {
      if (held >= wanted.min_count)
        break;
      held += std::visit(*this, c.test) ? 1 : 0;
    }
    return held >= wanted.min_count;
  }
};

} // namespace

bool matches(const field_condition& wanted, const object& payload) {
  const auto where = path::parse(wanted.key);
  const field_tester tester{payload, where ? &*where : nullptr};
  return std::any_of(wanted.tests.begin(), wanted.tests.end(),
                     [&](const field_test& test) { return std::visit(tester, test); });
}

bool matches(const filter& wanted, const point_id& id, const object& payload,
             const std::function<bool(std::string_view)>& has_vector) {
  return condition_tester{payload, &id, &has_vector}(wanted);
}

} // namespace grape::payload
