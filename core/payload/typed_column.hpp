#pragma once

#include "core/ids.hpp"
#include "core/payload/column_kinds.hpp"
#include "core/payload/column_store.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/keyword_dictionary.hpp"
#include "core/payload/path.hpp"
#include "core/payload/verdict.hpp"
#include "core/request/query.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace grape::payload {

/// How many slots have each value.
using value_counts =
    std::vector<std::pair<std::variant<bool, std::int64_t, std::string>, std::uint64_t>>;

/// The plain values of one indexed field by slot, together with what else is known of the field in
/// each slot: whether it is empty, holds a null, or values of other types. Copies share memory.
template <class Kind>
class typed_column {
public:
  explicit typed_column(const path& field);

  void set(slot where, const object& payload);
  void clear(slot where);
  verdict test(const field_test& wanted, std::size_t capacity) const;
  std::size_t filled() const noexcept { return values_.filled(); }
  std::size_t bytes() const;

  /// The values of the slots in `among`, each counted once a slot, in no order.
  value_counts count_values(const slot_set& among) const;

  /// The values in the slot as numbers, in the order given; none of kinds that are no numbers.
  std::vector<order_value> numbers(slot where) const;

private:
  /// Starts a new dictionary when most words of the old one are no longer used.
  void renew_words();

  path field_;
  bool single_path_;
  column_store<typename Kind::stored> values_;
  std::shared_ptr<keyword_dictionary> words_; ///< Keywords only.
};

extern template class typed_column<keyword_kind>;
extern template class typed_column<integer_kind>;
extern template class typed_column<float_kind>;
extern template class typed_column<bool_kind>;
extern template class typed_column<datetime_kind>;
extern template class typed_column<uuid_kind>;

} // namespace grape::payload
