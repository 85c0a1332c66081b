#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace grape::payload {

/// Numbers for strings: dense from 0, never changed, never reused. One thread adds, any number
/// look up at the same time.
class keyword_dictionary {
public:
  /// The number of `word`, a new one if it has none.
  std::uint32_t intern(std::string_view word);

  std::optional<std::uint32_t> find(std::string_view word) const;

  /// Needs code < size(). Valid as long as the dictionary.
  const std::string& word(std::uint32_t code) const;

  /// Calls `visit(code, word)` for each word there is now, by code.
  template <class Visit>
  void visit(Visit&& visit) const;

  std::size_t size() const;
  std::size_t bytes() const;

private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> words_; ///< A deque: the map's keys point into it.
  std::unordered_map<std::string_view, std::uint32_t> codes_;
  std::size_t text_bytes_ = 0;
};

template <class Visit>
void keyword_dictionary::visit(Visit&& visit) const {
  // A writer waits for some words at most, not for all of them.
  constexpr std::size_t at_once = 1'024;
  for (std::size_t code = 0, end = size(); code < end;) {
    const std::shared_lock lock{mutex_};
    for (const auto pause = std::min(end, code + at_once); code < pause; ++code)
      visit(static_cast<std::uint32_t>(code), words_[code]);
  }
}

} // namespace grape::payload
