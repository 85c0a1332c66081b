#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace grape::raft_drive {

/// Commands name reads by words, the core by numbers: one number per word, from 1.
class context_words {
public:
  std::uint64_t number_of(const std::string& word) {
    const auto found = std::find(words_.begin(), words_.end(), word);
    if (found == words_.end()) {
      words_.push_back(word);
      return words_.size();
    }
    return static_cast<std::uint64_t>(found - words_.begin()) + 1;
  }

  std::string_view word_of(std::uint64_t number) const {
    return number == 0 || number > words_.size() ? std::string_view{} : words_[number - 1];
  }

private:
  std::vector<std::string> words_;
};

} // namespace grape::raft_drive
