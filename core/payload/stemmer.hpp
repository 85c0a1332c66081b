#pragma once

#include <string>
#include <string_view>

/// Snowball's stemmers; libstemmer's only door. Thread-safe.
namespace grape::payload {

/// Whether there is a stemmer for the language, by its English name in lower case.
bool has_stemmer(const std::string& language);

/// The stem of a word in lower case. Needs has_stemmer(language).
std::string stem(std::string_view word, const std::string& language);

} // namespace grape::payload
