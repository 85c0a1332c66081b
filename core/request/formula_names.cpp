#include "core/request/formula_names.hpp"

#include <charconv>
#include <string>

namespace grape {

outcome<std::size_t> score_index(std::string_view name) {
  constexpr std::string_view word = "$score";
  if (name == word)
    return std::size_t{0};
  std::size_t index = 0;
  if (name.starts_with(word) && name.size() > word.size() + 2 && name[word.size()] == '['
      && name.back() == ']') {
    const auto digits = name.substr(word.size() + 1, name.size() - word.size() - 2);
    const auto end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, index);
    if (error == std::errc{} && stop == end)
      return index;
  }
  return status{errc::malformed,
                (name.starts_with(word) ? "Invalid reserved variable: " : "Invalid reserved word: ")
                    + std::string(name)};
}

} // namespace grape
