#pragma once

#include <functional>
#include <string>
#include <string_view>

/// What text analysis needs to know of Unicode; ICU's only door. Strings are UTF-8, and bytes that
/// are none count as U+FFFD. Thread-safe.
namespace grape::payload::unicode {

/// In lower case, by the rules of no particular language.
std::string lower(std::string_view text);

/// Letters of the Latin script without their accents and in ASCII where that is usual: é -> e,
/// ß -> ss, æ -> ae. Anything else stays.
std::string ascii_folded(std::string_view text);

/// Lower case, compatibility forms unified, marks above and below letters dropped; for words of any
/// language.
std::string plain_form(std::string_view text);

std::size_t characters(std::string_view text) noexcept;

/// How many bytes the first `count` characters take; all of them if there are not so many.
std::size_t bytes_of_first(std::string_view text, std::size_t count) noexcept;

using word_visitor = std::function<void(std::string_view word)>;

/// The longest runs of letters and digits.
void for_each_alphanumeric(std::string_view text, const word_visitor& visit);

/// The longest runs of anything but white space.
void for_each_spaced(std::string_view text, const word_visitor& visit);

/// Words by the rules and dictionaries of the scripts they are written in (UAX 29; Chinese,
/// Japanese, Thai and others by dictionary). Only words with a letter.
void for_each_segment(std::string_view text, const word_visitor& visit);

} // namespace grape::payload::unicode
