#include "core/payload/stemmer.hpp"

#include "core/check.hpp"

#include <libstemmer.h>
#include <map>
#include <memory>

namespace grape::payload {

namespace {

using native_stemmer = std::unique_ptr<sb_stemmer, void (*)(sb_stemmer*)>;

/// The stemmer of this thread, for a stemmer keeps the word it works on; null if there is none.
sb_stemmer* stemmer_of(const std::string& language) {
  thread_local std::map<std::string, native_stemmer> known;
  auto found = known.find(language);
  if (found == known.end())
    found = known
                .emplace(language, native_stemmer{sb_stemmer_new(language.c_str(), "UTF_8"),
                                                  sb_stemmer_delete})
                .first;
  return found->second.get();
}

} // namespace

bool has_stemmer(const std::string& language) {
  return stemmer_of(language) != nullptr;
}

std::string stem(std::string_view word, const std::string& language) {
  auto* native = stemmer_of(language);
  GRAPE_CHECK(native != nullptr);
  const auto* stemmed = sb_stemmer_stem(native, reinterpret_cast<const sb_symbol*>(word.data()),
                                        static_cast<int>(word.size()));
  if (stemmed == nullptr)
    return std::string{word}; // Out of memory; the word itself is a poor stem, but no lie.
  return {reinterpret_cast<const char*>(stemmed),
          static_cast<std::size_t>(sb_stemmer_length(native))};
}

} // namespace grape::payload
