#pragma once

#include <string_view>

/// Stop words as they come from their projects: lower case, each followed by a space. Empty for a
/// language without a list.
namespace grape::payload {

std::string_view snowball_stop_words(std::string_view language) noexcept;
std::string_view european_stop_words(std::string_view language) noexcept;
std::string_view asian_stop_words(std::string_view language) noexcept;

} // namespace grape::payload
