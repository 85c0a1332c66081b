#pragma once

#include "core/payload/column_store.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/keyword_dictionary.hpp"
#include "core/slot_set.hpp"

#include <cstddef>
#include <cstdint>

namespace grape::payload {

/// What a column can say about a test: surely true for `yes`; true or false for the rest of
/// `possible`, where only the payload tells; surely false elsewhere. yes is a subset of possible.
struct verdict {
  slot_set yes;
  slot_set possible;
};

/// The verdict of a column on slots 0..capacity-1. `words` gives the codes of a keyword column
/// their meaning and is not read for other types.
verdict judge_column(const column_store<std::uint32_t>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity);
verdict judge_column(const column_store<std::int64_t>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity);
verdict judge_column(const column_store<double>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity);
verdict judge_column(const column_store<std::uint8_t>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity);

} // namespace grape::payload
