#pragma once

#include "core/ids.hpp"
#include "core/payload/column_store.hpp"
#include "core/payload/column_verdict.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/keyword_dictionary.hpp"
#include "core/payload/path.hpp"
#include "core/request/collection.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

namespace grape::payload {

/// The values of one indexed field by slot, in the type of its index, together with what else is
/// known of the field in each slot: whether it is empty, holds a null, or values of other types.
/// Copies share memory (see cow_array): one thread writes, others read copies handed to them.
class field_column {
public:
  explicit field_column(field_type type);

  field_type type() const noexcept { return type_; }

  /// Replaces what is known of the field in this slot by the values found at `field`.
  void set(slot where, const object& payload, const path& field);

  /// As if the field were missing in this slot.
  void clear(slot where);

  /// The verdict on slots 0..capacity-1; slots never set count as missing the field.
  verdict test(const field_test& wanted, std::size_t capacity) const;

  /// Slots with a value that is neither null nor an empty array.
  std::size_t filled() const noexcept;

  /// Memory held, roughly; blocks shared with copies count in each.
  std::size_t bytes() const;

private:
  /// Starts a new dictionary when most words of the old one are no longer used.
  void renew_words();

  std::variant<column_store<std::uint32_t>, column_store<std::int64_t>, column_store<double>,
               column_store<std::uint8_t>>
    values_;
  std::shared_ptr<keyword_dictionary> words_; ///< Keywords only.
  field_type type_;
};

} // namespace grape::payload
