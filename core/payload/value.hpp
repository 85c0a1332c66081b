#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The payload tree: JSON without loss. Integers and floats stay what they were.
namespace grape::payload {

class value;

using array = std::vector<value>;

/// Members ascending by key, each key once. Lookups are binary searches.
class object {
public:
  using member = std::pair<std::string, value>;
  using const_iterator = std::vector<member>::const_iterator;

  object();
  object(std::initializer_list<member> members);
  object(const object&);
  object(object&&) noexcept;
  object& operator=(const object&);
  object& operator=(object&&) noexcept;
  ~object();

  /// The value under `key`, or null. Valid until the object changes.
  const value* find(std::string_view key) const noexcept;
  value* find(std::string_view key) noexcept;

  /// Sets or replaces the value under `key`.
  value& set(std::string key, value to);

  /// Removes `key`; false if it was not there.
  bool erase(std::string_view key);

  bool empty() const noexcept;
  std::size_t size() const noexcept;
  const_iterator begin() const noexcept;
  const_iterator end() const noexcept;

  friend bool operator==(const object& a, const object& b);

private:
  std::vector<member> members_;
};

/// One node of the tree. A value type: copies are deep.
class value {
public:
  value() noexcept = default; ///< null
  value(std::nullptr_t) noexcept {}
  explicit value(bool from) : state_(from) {}
  explicit value(std::int64_t from) : state_(from) {}
  explicit value(std::uint64_t from); ///< Becomes an int64 whenever it fits.
  explicit value(double from) : state_(from) {}
  explicit value(std::string from) : state_(std::move(from)) {}
  explicit value(const char* from) : state_(std::string(from)) {}
  explicit value(array from) : state_(std::move(from)) {}
  explicit value(object from) : state_(std::move(from)) {}

  bool is_null() const noexcept { return state_.index() == 0; }
  const bool* as_bool() const noexcept { return std::get_if<bool>(&state_); }
  const std::int64_t* as_int() const noexcept { return std::get_if<std::int64_t>(&state_); }
  /// Only integers above the range of int64.
  const std::uint64_t* as_big() const noexcept { return std::get_if<std::uint64_t>(&state_); }
  const double* as_double() const noexcept { return std::get_if<double>(&state_); }
  const std::string* as_string() const noexcept { return std::get_if<std::string>(&state_); }
  const array* as_array() const noexcept { return std::get_if<array>(&state_); }
  array* as_array() noexcept { return std::get_if<array>(&state_); }
  const object* as_object() const noexcept { return std::get_if<object>(&state_); }
  object* as_object() noexcept { return std::get_if<object>(&state_); }

  /// True for integers and floats; `number` then is the value as a double.
  bool is_number() const noexcept;
  double number() const noexcept;

  friend bool operator==(const value& a, const value& b) = default;

private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, array,
               object>
    state_;
};

/// The tree as JSON text, shortest form that reads back equal. For logs and tools, not for HTTP.
std::string to_json(const value& tree);
std::string to_json(const object& tree);

} // namespace grape::payload
