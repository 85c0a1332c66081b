#include "core/payload/filter.hpp"

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

} // namespace

std::size_t condition_count(const filter& of) noexcept {
  auto sum = count(of.must) + count(of.should) + count(of.must_not);
  if (of.at_least)
    sum += count(of.at_least->conditions);
  return sum;
}

} // namespace grape::payload
