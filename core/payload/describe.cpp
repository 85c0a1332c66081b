#include "core/payload/describe.hpp"

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
    std::string text;
    const auto bound = [&](const char* relation, const std::optional<double>& limit) {
      if (limit)
        text += (text.empty() ? "" : " and ") + key + relation + to_json(value{*limit});
    };
    bound(" > ", wanted.gt);
    bound(" >= ", wanted.gte);
    bound(" < ", wanted.lt);
    bound(" <= ", wanted.lte);
    return text.empty() ? key + " is a number" : text;
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
