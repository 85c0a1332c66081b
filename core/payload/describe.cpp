#include "core/payload/describe.hpp"

#include "core/payload/datetime.hpp"

#include <string_view>
#include <vector>

namespace grape::payload {

namespace {

constexpr std::size_t list_max = 5; ///< Literals shown of one list.

std::string text_of(bool literal) {
  return literal ? "true" : "false";
}

std::string text_of(std::int64_t literal) {
  return std::to_string(literal);
}

std::string text_of(const std::string& literal) {
  return to_json(value{literal});
}

std::string text_of(const point_id& id) {
  return id.text();
}

std::string text_of(const geo_point& place) {
  return to_json(value{place.lon}) + " " + to_json(value{place.lat});
}

template <class Literal>
std::string text_of(const std::vector<Literal>& literals) {
  std::string text = "[";
  for (std::size_t i = 0; i < literals.size() && i < list_max; ++i)
    text += (i == 0 ? "" : ", ") + text_of(literals[i]);
  if (literals.size() > list_max)
    text += ", and " + std::to_string(literals.size() - list_max) + " more";
  return text + "]";
}

/// "a <glue> b <glue> c", each part in brackets if it is not a leaf.
std::string joined(const std::vector<condition>& conditions, std::string_view glue);

/// "x > 1 and x <= 2", or that it `is_any` if nothing bounds it.
template <class Bounds, class Print>
std::string bounds(const std::string& what, const Bounds& wanted, const char* is_any, Print print) {
  std::string text;
  const auto bound = [&](const char* relation, const auto& limit) {
    if (limit)
      text += (text.empty() ? "" : " and ") + what + relation + print(*limit);
  };
  bound(" > ", wanted.gt);
  bound(" >= ", wanted.gte);
  bound(" < ", wanted.lt);
  bound(" <= ", wanted.lte);
  return text.empty() ? what + is_any : text;
}

struct test_describer {
  const std::string& key;

  std::string operator()(const match_value& wanted) const {
    return key + " = " + std::visit([](const auto& l) { return text_of(l); }, wanted.value);
  }

  std::string operator()(const match_any& wanted) const {
    return key + " in " + std::visit([](const auto& l) { return text_of(l); }, wanted.values);
  }

  std::string operator()(const match_except& wanted) const {
    return key + " not in " + std::visit([](const auto& l) { return text_of(l); }, wanted.values);
  }

  std::string operator()(const number_range& wanted) const {
    return bounds(key, wanted, " is a number", [](double limit) { return to_json(value{limit}); });
  }

  std::string operator()(const match_text& wanted) const {
    static constexpr const char* relations[] = {" has all of ", " has any of ", " has the phrase "};
    return key + relations[static_cast<std::size_t>(wanted.wanted)] + text_of(wanted.text);
  }

  std::string operator()(const match_prefix& wanted) const {
    return key + " begins with " + text_of(wanted.prefix);
  }

  std::string operator()(const match_like& wanted) const {
    return key + " like " + text_of(wanted.pattern);
  }

  std::string operator()(const match_fuzzy& wanted) const {
    return key + " has words similar to " + text_of(wanted.text);
  }

  std::string operator()(const time_range& wanted) const {
    return bounds(key, wanted, " is a time", [](std::int64_t limit) {
      return datetime_text(limit);
    });
  }

  std::string operator()(const values_count& wanted) const {
    return bounds("the count of " + key, wanted, " is any", [](std::uint64_t limit) {
      return std::to_string(limit);
    });
  }

  std::string operator()(const geo_box& wanted) const {
    return key + " in the box " + text_of(wanted.top_left) + " to "
           + text_of(wanted.bottom_right);
  }

  std::string operator()(const geo_radius& wanted) const {
    return key + " within " + to_json(value{wanted.radius}) + " m of " + text_of(wanted.center);
  }

  std::string operator()(const geo_polygon& wanted) const {
    return key + " in a polygon of " + std::to_string(wanted.exterior.size()) + " points";
  }

  std::string operator()(const empty_test& wanted) const {
    return key + (wanted.wanted ? " is empty" : " is not empty");
  }

  std::string operator()(const null_test& wanted) const {
    return key + (wanted.wanted ? " is null" : " is not null");
  }
};

struct condition_describer {
  std::string operator()(const field_condition& wanted) const {
    std::string text;
    for (const auto& test : wanted.tests)
      text += (text.empty() ? "" : " or ") + std::visit(test_describer{wanted.key}, test);
    return wanted.tests.size() > 1 ? "(" + text + ")" : text;
  }

  std::string operator()(const has_id& wanted) const { return "id in " + text_of(wanted.ids); }

  std::string operator()(const has_vector& wanted) const {
    return "has vector " + text_of(wanted.name);
  }

  std::string operator()(const slice& wanted) const {
    return "slice " + std::to_string(wanted.index) + " of " + std::to_string(wanted.total);
  }

  std::string operator()(const nested& wanted) const {
    return "some element of " + wanted.key + " has (" + describe(wanted.inner) + ")";
  }

  std::string operator()(const filter& wanted) const { return "(" + describe(wanted) + ")"; }
};

std::string joined(const std::vector<condition>& conditions, std::string_view glue) {
  std::string text;
  for (const auto& c : conditions) {
    if (!text.empty())
      text += glue;
    text += std::visit(condition_describer{}, c.test);
  }
  return text;
}

} // namespace

std::string describe(const filter& wanted) {
  std::vector<std::string> clauses;
  if (!wanted.must.empty())
    clauses.push_back(joined(wanted.must, " and "));
  if (wanted.should.size() == 1)
    clauses.push_back(joined(wanted.should, ""));
  else if (!wanted.should.empty())
    clauses.push_back("(" + joined(wanted.should, " or ") + ")");
  if (wanted.must_not.size() == 1)
    clauses.push_back("not " + joined(wanted.must_not, ""));
  else if (!wanted.must_not.empty())
    clauses.push_back("none of (" + joined(wanted.must_not, ", ") + ")");
  if (wanted.at_least)
    clauses.push_back("at least " + std::to_string(wanted.at_least->min_count) + " of ("
                      + joined(wanted.at_least->conditions, ", ") + ")");
  std::string text;
  for (const auto& clause : clauses)
    text += (text.empty() ? "" : " and ") + clause;
  return text.empty() ? "everything" : text;
}

} // namespace grape::payload
