#pragma once

#include "core/outcome.hpp"
#include "core/payload/value.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace grape {

/// A UUID as its 16 bytes in network order.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const uuid&, const uuid&) = default;
};

/// The client's name for a point: an unsigned integer or a UUID. Integers sort before UUIDs.
class point_id {
public:
  point_id() = default;
  explicit point_id(std::uint64_t number) : state_(number) {
  }
  explicit point_id(uuid name) : state_(name) {
  }

  /// Accepts hyphenated, simple, urn and braced UUIDs in either case; nothing else.
  static outcome<point_id> parse_uuid(std::string_view text);

  bool is_number() const noexcept { return state_.index() == 0; }
  std::uint64_t number() const { return std::get<std::uint64_t>(state_); }
  const uuid& name() const { return std::get<uuid>(state_); }

  /// Decimal digits, or the hyphenated lower-case UUID.
  std::string text() const;

  friend auto operator<=>(const point_id&, const point_id&) = default;

private:
  std::variant<std::uint64_t, uuid> state_;
};

/// Components in order. All finite.
using dense_vector = std::vector<float>;

/// Pairs of an index and a value. Indices are ascending and unique; both lists are equally long.
struct sparse_vector {
  std::vector<std::uint32_t> indices;
  std::vector<float> values;

  friend bool operator==(const sparse_vector&, const sparse_vector&) = default;
};

/// Rows of one dimension, one after another: a multivector. At least one row of at least one
/// component.
struct multi_vector {
  std::uint32_t dimension = 0;
  std::vector<float> values; ///< rows() * dimension.

  std::size_t rows() const noexcept { return dimension == 0 ? 0 : values.size() / dimension; }

  /// Needs row < rows().
  std::span<const float> row(std::size_t which) const noexcept {
    return {values.data() + which * dimension, dimension};
  }

  friend bool operator==(const multi_vector&, const multi_vector&) = default;
};

using vector_value = std::variant<dense_vector, sparse_vector, multi_vector>;

/// One vector of a point under its name; the unnamed vector's name is "".
struct named_vector {
  std::string name;
  vector_value value;

  friend bool operator==(const named_vector&, const named_vector&) = default;
};

/// All vectors of a point, ascending by name, each name once.
using named_vectors = std::vector<named_vector>;

/// The vector called `name`, or null.
const vector_value* find_vector(const named_vectors& vectors, std::string_view name) noexcept;

/// What a client stores.
struct point {
  point_id id;
  named_vectors vectors;
  payload::object payload;

  friend bool operator==(const point&, const point&) = default;
};

} // namespace grape

template <>
struct std::hash<grape::point_id> {
  std::size_t operator()(const grape::point_id& id) const noexcept;
};
