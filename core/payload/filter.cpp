#include "core/payload/filter.hpp"

#include <algorithm>

namespace grape::payload {

namespace {

std::size_t count(const std::vector<condition>& conditions) noexcept;

struct leaf_counter {
  std::size_t operator()(const field_condition&) const noexcept { return 1; }
  std::size_t operator()(const has_id&) const noexcept { return 1; }
  std::size_t operator()(const has_vector&) const noexcept { return 1; }
  std::size_t operator()(const slice&) const noexcept { return 1; }
  std::size_t operator()(const nested& n) const noexcept { return condition_count(n.inner); }
  std::size_t operator()(const filter& f) const noexcept { return condition_count(f); }
};

std::size_t count(const std::vector<condition>& conditions) noexcept {
  std::size_t sum = 0;
  for (const auto& c : conditions)
    sum += std::visit(leaf_counter{}, c.test);
  return sum;
}

std::size_t largest(const std::vector<condition>& conditions) noexcept;

struct list_measure {
  std::size_t operator()(const match_any& test) const noexcept { return length(test.values); }
  std::size_t operator()(const match_except& test) const noexcept { return length(test.values); }
  template <class Test>
  std::size_t operator()(const Test&) const noexcept {
    return 0;
  }

private:
  template <class Lists>
  static std::size_t length(const Lists& lists) noexcept {
    return std::visit([](const auto& list) { return list.size(); }, lists);
  }
};

struct size_measure {
  std::size_t operator()(const field_condition& f) const noexcept {
    std::size_t most = 0;
    for (const auto& test : f.tests)
      most = std::max(most, std::visit(list_measure{}, test));
    return most;
  }
  std::size_t operator()(const has_id& c) const noexcept { return c.ids.size(); }
  std::size_t operator()(const nested& n) const noexcept { return largest_condition(n.inner); }
  std::size_t operator()(const filter& f) const noexcept { return largest_condition(f); }
  template <class Condition>
  std::size_t operator()(const Condition&) const noexcept {
    return 0;
  }
};

std::size_t largest(const std::vector<condition>& conditions) noexcept {
  std::size_t most = 0;
  for (const auto& c : conditions)
    most = std::max(most, std::visit(size_measure{}, c.test));
  return most;
}

} // namespace

std::size_t largest_condition(const filter& of) noexcept {
  const auto most = std::max({largest(of.must), largest(of.should), largest(of.must_not)});
  return of.at_least ? std::max(most, largest(of.at_least->conditions)) : most;
}

std::size_t condition_count(const filter& of) noexcept {
  auto sum = count(of.must) + count(of.should) + count(of.must_not);
  if (of.at_least)
    sum += count(of.at_least->conditions);
  return sum;
}

} // namespace grape::payload
