#include "core/payload/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace grape::payload {

namespace {

template <class Members>
auto lower_bound_of(Members& members, std::string_view key) {
  return std::lower_bound(members.begin(), members.end(), key,
                          [](const object::member& m, std::string_view k) {
                            return m.first.compare(k) < 0; // clang 14 cannot do it with <
                          });
}

} // namespace

object::object() = default;
object::object(const object&) = default;
object::object(object&&) noexcept = default;
object& object::operator=(const object&) = default;
object& object::operator=(object&&) noexcept = default;
object::~object() = default;

object::object(std::initializer_list<member> members) {
  for (const auto& [key, to] : members)
    set(key, to);
}

const value* object::find(std::string_view key) const noexcept {
  const auto at = lower_bound_of(members_, key);
  return at != members_.end() && at->first == key ? &at->second : nullptr;
}

value* object::find(std::string_view key) noexcept {
  const auto at = lower_bound_of(members_, key);
  return at != members_.end() && at->first == key ? &at->second : nullptr;
}

value& object::set(std::string key, value to) {
  const auto at = lower_bound_of(members_, key);
  if (at != members_.end() && at->first == key) {
    at->second = std::move(to);
    return at->second;
  }
  return members_.emplace(at, std::move(key), std::move(to))->second;
}

bool object::erase(std::string_view key) {
  const auto at = lower_bound_of(members_, key);
  if (at == members_.end() || at->first != key)
    return false;
  members_.erase(at);
  return true;
}

bool object::empty() const noexcept {
  return members_.empty();
}

std::size_t object::size() const noexcept {
  return members_.size();
}

object::const_iterator object::begin() const noexcept {
  return members_.begin();
}

object::const_iterator object::end() const noexcept {
  return members_.end();
}

bool operator==(const object& a, const object& b) {
  return a.members_ == b.members_;
}

value::value(std::uint64_t from) {
  if (from <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    state_ = static_cast<std::int64_t>(from);
  else
    state_ = from;
}

bool value::is_number() const noexcept {
  return as_int() != nullptr || as_big() != nullptr || as_double() != nullptr;
}

double value::number() const noexcept {
  if (const auto* integer = as_int())
    return static_cast<double>(*integer);
  if (const auto* big = as_big())
    return static_cast<double>(*big);
  if (const auto* floating = as_double())
    return *floating;
  return std::numeric_limits<double>::quiet_NaN();
}

} // namespace grape::payload
