#pragma once

#include "core/payload/filter.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What conditions mean of a single string, without an index. Strings are UTF-8; a character is a
/// code point, and a byte that belongs to none counts as one.
namespace grape::payload {

/// Whether the wanted text, or for `text_match::any` one of its words between white space, is a
/// part of `text`. A text that is wanted whole and empty is a part of any.
bool has_text(std::string_view text, const match_text& wanted);

/// Whether the whole of `text` fits an SQL pattern: `%`, `_`, and `\` before what stands for
/// itself.
bool is_like(std::string_view text, std::string_view pattern);

/// Whether `a` becomes `b` by at most `edits` insertions, deletions and replacements of characters.
bool is_similar(std::string_view a, std::string_view b, std::size_t edits);

/// Whether every wanted word has a similar one in `text`; false if no word is wanted. Words are
/// what stands between ASCII's white space and punctuation.
bool has_similar_words(std::string_view text, const match_fuzzy& wanted);

} // namespace grape::payload
