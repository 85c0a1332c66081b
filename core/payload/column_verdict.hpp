#pragma once

#include "core/payload/column_kinds.hpp"
#include "core/payload/column_store.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/keyword_dictionary.hpp"
#include "core/payload/verdict.hpp"

#include <cstddef>

namespace grape::payload {

/// A column of plain values as a test sees it.
template <class Kind>
struct judged_column {
  const column_store<typename Kind::stored>& values;
  const keyword_dictionary* words; ///< Of a keyword column; null for the others.
  bool single_path = false;        ///< No "[]" in the path: at most one value stands there.
};

/// The verdict of a column on slots 0..capacity-1. A test on the field must mean what it means with
/// this index: strings of a uuid column are equal when they name the same UUID.
template <class Kind>
verdict judge_column(const judged_column<Kind>& column, const field_test& wanted,
                     std::size_t capacity);

extern template verdict judge_column(const judged_column<keyword_kind>&, const field_test&,
                                     std::size_t);
extern template verdict judge_column(const judged_column<integer_kind>&, const field_test&,
                                     std::size_t);
extern template verdict judge_column(const judged_column<float_kind>&, const field_test&,
                                     std::size_t);
extern template verdict judge_column(const judged_column<bool_kind>&, const field_test&,
                                     std::size_t);
extern template verdict judge_column(const judged_column<datetime_kind>&, const field_test&,
                                     std::size_t);
extern template verdict judge_column(const judged_column<uuid_kind>&, const field_test&,
                                     std::size_t);

} // namespace grape::payload
