#include "core/payload/evaluate.hpp"

#include "core/payload/datetime.hpp"
#include "core/payload/path.hpp"
#include "core/payload/slice.hpp"
#include "core/payload/steps.hpp"
#include "core/payload/string_match.hpp"
#include "core/payload/text_analyzer.hpp"

#include <algorithm>

namespace grape::payload {

namespace {

template <class Element>
bool among(const std::vector<Element>& list, const Element& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool is_same(const std::string& a, const std::string& b, field_meaning meaning) {
  if (a == b || !meaning.uuids)
    return a == b;
  const auto first = point_id::parse_uuid(a);
  const auto second = point_id::parse_uuid(b);
  return first && second && *first == *second;
}

struct element_tester {
  const value& element;
  field_meaning meaning;
  budget* work = nullptr;

  bool operator()(const match_value& wanted) const {
    if (const auto* boolean = std::get_if<bool>(&wanted.value))
      return element.as_bool() != nullptr && *element.as_bool() == *boolean;
    if (const auto* integer = std::get_if<std::int64_t>(&wanted.value))
      return element.as_int() != nullptr && *element.as_int() == *integer;
    const auto* text = element.as_string();
    return text != nullptr && is_same(*text, std::get<std::string>(wanted.value), meaning);
  }

  bool operator()(const match_any& wanted) const { return is_among(wanted.values); }

  bool operator()(const match_except& wanted) const {
    return !element.is_null() && !is_among(wanted.values);
  }

  bool operator()(const number_range& wanted) const {
    return element.is_number() && within(wanted, element.number());
  }

  bool operator()(const match_text& wanted) const {
    const auto* text = element.as_string();
    return text != nullptr && take_steps(work, text->size()) && has_text(*text, wanted);
  }

  bool operator()(const match_prefix& wanted) const {
    const auto* text = element.as_string();
    return text != nullptr && text->starts_with(wanted.prefix);
  }

  bool operator()(const match_like& wanted) const {
    const auto* text = element.as_string();
    return text != nullptr && take_steps(work, text->size()) && is_like(*text, wanted.pattern);
  }

  bool operator()(const match_fuzzy& wanted) const {
    const auto* text = element.as_string();
    return text != nullptr && take_steps(work, text->size()) && has_similar_words(*text, wanted);
  }

  bool operator()(const time_range& wanted) const {
    const auto* text = element.as_string();
    const auto moment = text == nullptr ? std::nullopt : parse_datetime(*text);
    return moment && within(wanted, *moment);
  }

  bool operator()(const geo_box& wanted) const { return is_inside(wanted); }
  bool operator()(const geo_radius& wanted) const { return is_inside(wanted); }
  bool operator()(const geo_polygon& wanted) const { return is_inside(wanted); }

  // These speak of a whole field.
  bool operator()(const empty_test&) const { return false; }
  bool operator()(const null_test&) const { return false; }
  bool operator()(const values_count&) const { return false; }

private:
  /// Whether a string or integer stands in the list; elements of other types never do.
  bool is_among(const decltype(match_any::values)& list) const {
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&list))
      return element.as_int() != nullptr && among(*integers, *element.as_int());
    const auto& texts = std::get<std::vector<std::string>>(list);
    const auto* text = element.as_string();
    return text != nullptr && std::any_of(texts.begin(), texts.end(), [&](const auto& listed) {
             return is_same(*text, listed, meaning);
           });
  }

  bool is_inside(const auto& area) const {
    const auto place = geo_point_of(element);
    return place && contains(area, *place);
  }
};

std::uint64_t count_of(const value& tree) {
  const auto* elements = tree.as_array();
  return elements != nullptr ? elements->size() : tree.is_null() ? 0 : 1;
}

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
  field_meaning meaning;
  budget* work;

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

  bool operator()(const values_count& wanted) const {
    bool found_some = false;
    const auto fits = any([&](const value& found) {
      found_some = true;
      return within(wanted, count_of(found));
    });
    return found_some ? fits : within(wanted, std::uint64_t{0});
  }

  bool operator()(const match_text& wanted) const {
    return meaning.text != nullptr ? has_words(strings(), wanted) : any_element(wanted);
  }

  bool operator()(const match_fuzzy& wanted) const {
    return meaning.text != nullptr ? has_words(strings(), wanted) : any_element(wanted);
  }

  template <class Test>
  bool operator()(const Test& wanted) const {
    return any_element(wanted);
  }

private:
  template <class Test>
  bool has_words(const std::vector<std::string_view>& texts, const Test& wanted) const {
    std::uint64_t bytes = 0;
    for (const auto text : texts)
      bytes += text.size();
    return take_steps(work, bytes) && payload::has_words(texts, wanted, *meaning.text);
  }

  /// All strings of the field, for the words of a text index may come from any of them.
  std::vector<std::string_view> strings() const {
    std::vector<std::string_view> found;
    const auto add = [&](const value& element) {
      if (const auto* text = element.as_string())
        found.push_back(*text);
    };
    any([&](const value& at) {
      if (const auto* elements = at.as_array())
        std::for_each(elements->begin(), elements->end(), add);
      else
        add(at);
      return false;
    });
    return found;
  }

  template <class Test>
  bool any_element(const Test& wanted) const {
    return any([&](const value& found) {
      const auto* elements = found.as_array();
      if (elements == nullptr)
        return element_tester{found, meaning, work}(wanted);
      return std::any_of(elements->begin(), elements->end(), [&](const value& element) {
        return element_tester{element, meaning, work}(wanted);
      });
    });
  }
};

/// What conditions are asked of: a point, or an object inside of it.
struct subject {
  const object& payload;
  const point_id* id; ///< Null inside a nested filter, where ids and vectors never match.
  const std::function<bool(std::string_view)>* has_vector_named;
  const field_meanings* meanings;
  const path* outer = nullptr; ///< The way to `payload`, inside a nested filter.
  budget* work = nullptr;
};

struct condition_tester {
  subject of;

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

  bool operator()(const field_condition& wanted) const {
    constexpr std::uint64_t steps_of_a_condition = 64;
    if (!take_steps(of.work, steps_of_a_condition))
      return false;
    const auto where = path::parse(wanted.key);
    if (!of.meanings || !*of.meanings)
      return holds(wanted, where, {});
    if (of.outer == nullptr || !where)
      return holds(wanted, where, (*of.meanings)(wanted.key));
    return holds(wanted, where, (*of.meanings)(of.outer->followed_by(*where).text()));
  }

  bool operator()(const has_id& wanted) const {
    return of.id != nullptr && among(wanted.ids, *of.id);
  }

  bool operator()(const has_vector& wanted) const {
    return of.has_vector_named != nullptr && *of.has_vector_named
           && (*of.has_vector_named)(wanted.name);
  }

  bool operator()(const slice& wanted) const { return of.id != nullptr && is_in(wanted, *of.id); }

  bool operator()(const nested& wanted) const {
    const auto inner = path::parse(wanted.key);
    if (!inner)
      return false;
    const auto elements = inner->with_every_element();
    const auto whole = of.outer == nullptr ? elements : of.outer->followed_by(elements);
    return !visit_values(of.payload, elements, [&](const value& element) {
      const auto* inside = element.as_object();
      return inside == nullptr
             || !condition_tester{{*inside, nullptr, nullptr, of.meanings, &whole, of.work}}(
                  wanted.inner);
    });
  }

  bool holds(const field_condition& wanted, const outcome<path>& where,
             field_meaning meaning) const {
    const field_tester tester{of.payload, where ? &*where : nullptr, meaning, of.work};
    return std::any_of(wanted.tests.begin(), wanted.tests.end(),
                       [&](const field_test& test) { return std::visit(tester, test); });
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

bool matches(const field_condition& wanted, const object& payload, field_meaning meaning) {
  return condition_tester{{payload, nullptr, nullptr, nullptr, nullptr, nullptr}}.holds(
    wanted, path::parse(wanted.key), meaning);
}

bool matches(const filter& wanted, const point_id& id, const object& payload,
             const std::function<bool(std::string_view)>& has_vector,
             const field_meanings& meanings, budget* work) {
  return condition_tester{{payload, &id, &has_vector, &meanings, nullptr, work}}(wanted);
}

} // namespace grape::payload
