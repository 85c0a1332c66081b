#pragma once

#include "core/ids.hpp"
#include "core/payload/field_meaning.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/geo_column.hpp"
#include "core/payload/path.hpp"
#include "core/payload/text_column.hpp"
#include "core/payload/typed_column.hpp"
#include "core/payload/verdict.hpp"
#include "core/request/collection.hpp"
#include "core/request/query.hpp"

#include <cstddef>
#include <variant>
#include <vector>

namespace grape::payload {

/// The values of one indexed field by slot, as the type of its index keeps them. Copies share
/// memory (see cow_array): one thread writes, others read copies handed to them.
class field_column {
public:
  /// Needs parameters that `read_text_options` accepts, if it is an index of texts.
  field_column(const field_schema& schema, const path& field);

  field_type type() const noexcept { return type_; }

  /// Replaces what is known of the field in this slot by the values found in `payload`.
  void set(slot where, const object& payload);

  /// As if the field were missing in this slot.
  void clear(slot where);

  /// The verdict on slots 0..capacity-1; slots never set count as missing the field.
  verdict test(const field_test& wanted, std::size_t capacity) const;

  /// What an index of this kind changes in the meaning of conditions on the field.
  field_meaning meaning() const noexcept;

  /// Whether values can be put in the order of numbers.
  bool has_numbers() const noexcept;

  /// The values in this slot as numbers, in the order given; none if `has_numbers` is false.
  std::vector<order_value> numbers(slot where) const;

  /// Slots with a value that is neither null nor an empty array.
  std::size_t filled() const noexcept;

  /// How often each value occurs in the slots of `among`; several times in one slot counts once.
  /// Only keywords, integers, booleans and UUIDs are counted.
  value_counts count_values(const slot_set& among) const;

  /// Memory held, roughly; blocks shared with copies count in each.
  std::size_t bytes() const;

private:
  using any_column
    = std::variant<typed_column<keyword_kind>, typed_column<integer_kind>,
                   typed_column<float_kind>, typed_column<bool_kind>, typed_column<datetime_kind>,
                   typed_column<uuid_kind>, geo_column, text_column>;

  static any_column make(const field_schema& schema, const path& field);

  any_column column_;
  field_type type_;
};

} // namespace grape::payload
