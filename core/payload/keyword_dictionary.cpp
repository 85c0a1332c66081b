#include "core/payload/keyword_dictionary.hpp"

#include "core/check.hpp"

#include <mutex>

namespace grape::payload {

std::uint32_t keyword_dictionary::intern(std::string_view word) {
  // The writer is alone, so it may look without a lock; only adding needs readers kept out.
  if (const auto known = codes_.find(word); known != codes_.end())
    return known->second;
  const std::unique_lock lock{mutex_};
  const auto code = static_cast<std::uint32_t>(words_.size());
  const auto& kept = words_.emplace_back(word);
  codes_.emplace(kept, code);
  text_bytes_ += kept.size();
  return code;
}

std::optional<std::uint32_t> keyword_dictionary::find(std::string_view word) const {
  const std::shared_lock lock{mutex_};
  const auto known = codes_.find(word);
  return known == codes_.end() ? std::nullopt : std::optional{known->second};
}

const std::string& keyword_dictionary::word(std::uint32_t code) const {
  const std::shared_lock lock{mutex_};
  GRAPE_CHECK(code < words_.size());
  return words_[code];
}

std::size_t keyword_dictionary::size() const {
  const std::shared_lock lock{mutex_};
  return words_.size();
}

std::size_t keyword_dictionary::bytes() const {
  const std::shared_lock lock{mutex_};
  // A string object, a map node and a bucket for each word.
  constexpr auto per_word = sizeof(std::string) + sizeof(std::string_view) + 40;
  return text_bytes_ + words_.size() * per_word;
}

} // namespace grape::payload
