#include "core/payload/bm25.hpp"

#include <bit>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace grape::payload {

namespace {

/// Up to four bytes as a number, the least significant one first.
std::uint32_t word_of(std::string_view bytes) noexcept {
  std::uint32_t word = 0;
  for (auto left = bytes.size(); left > 0; --left)
    word = word << 8 | static_cast<unsigned char>(bytes[left - 1]);
  return word;
}

/// MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain).
std::uint32_t murmur3(std::string_view bytes) noexcept {
  const auto mixed = [](std::uint32_t word) {
    return std::rotl(word * 0xCC9E2D51, 15) * 0x1B873593;
  };
  std::uint32_t hash = 0;
  auto rest = bytes;
  for (; rest.size() >= 4; rest.remove_prefix(4))
    hash = std::rotl(hash ^ mixed(word_of(rest.substr(0, 4))), 13) * 5 + 0xE6546B64;
  hash ^= mixed(word_of(rest));
  hash ^= static_cast<std::uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85EBCA6B;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35;
  return hash ^ hash >> 16;
}

status wrong(const std::string& what) {
  return {errc::bad_request, "BM25: " + what};
}

outcome<double> read_number(const object& from, const char* name, double otherwise) {
  const auto* given = from.find(name);
  if (given == nullptr || given->is_null())
    return otherwise;
  if (const auto* whole = given->as_int())
    return static_cast<double>(*whole);
  if (const auto* number = given->as_double())
    return *number;
  return wrong(std::string(name) + " must be a number");
}

bool is_given(const object& in, const char* name) {
  const auto* found = in.find(name);
  return found != nullptr && !found->is_null();
}

/// `wanted` with one more parameter, if a text index knows what it means.
object with_known(const object& wanted, const char* name, value what) {
  object alone;
  alone.set(name, what);
  if (!read_text_options(alone))
    return wanted;
  auto more = wanted;
  more.set(name, std::move(what));
  return more;
}

sparse_vector vector_of(const std::map<std::uint32_t, float>& values) {
  sparse_vector made;
  for (const auto& [index, weight] : values) {
    made.indices.push_back(index);
    made.values.push_back(weight);
  }
  return made;
}

} // namespace

outcome<bm25_options> read_bm25_options(const std::optional<object>& given) {
  bm25_options made;
  object params = given.value_or(object{});
  for (const auto& [name, to] :
       {std::pair{"k", &made.k}, {"b", &made.b}, {"avg_len", &made.avg_len}}) {
    auto number = read_number(params, name, *to);
    if (!number)
      return number.error();
    *to = *number;
  }
  if (!std::isfinite(made.k) || made.k < 0)
    return wrong("k must be at least 0");
  if (!(made.b >= 0 && made.b <= 1))
    return wrong("b must be from 0 to 1");
  if (!std::isfinite(made.avg_len) || made.avg_len <= 0)
    return wrong("avg_len must be above 0");
  value language{"english"};
  if (is_given(params, "language"))
    language = *params.find("language");
  if (language.as_string() == nullptr)
    return wrong("language must be a string");
  if (!is_given(params, "stopwords"))
    params = with_known(params, "stopwords", language);
  if (!is_given(params, "stemmer")) {
    object stemmer;
    stemmer.set("type", value{"snowball"});
    stemmer.set("language", language);
    params = with_known(params, "stemmer", value{std::move(stemmer)});
  }
  auto text = read_text_options(params);
  if (!text)
    return text.error();
  made.text = std::move(*text);
  return made;
}

std::uint32_t token_index(std::string_view token) noexcept {
  const auto hash = murmur3(token);
  return (hash >> 31) != 0 ? 0u - hash : hash;
}

bm25::bm25(bm25_options options)
  : options_(std::move(options))
  , analyzer_(options_.text) {}

sparse_vector bm25::document(std::string_view text) const {
  const auto tokens = analyzer_.document_tokens(text);
  std::map<std::string_view, std::uint32_t> counts;
  for (const auto& token : tokens)
    ++counts[token];
  const auto length = static_cast<double>(tokens.size()) / options_.avg_len;
  const auto discount = 1 - options_.b + options_.b * length;
  std::map<std::uint32_t, float> values;
  for (const auto& [token, count] : counts) {
    const auto n = static_cast<double>(count);
    const auto weight = n * (options_.k + 1) / (n + options_.k * discount);
    values[token_index(token)] = static_cast<float>(weight);
  }
  return vector_of(values);
}

sparse_vector bm25::query(std::string_view text) const {
  std::map<std::uint32_t, float> values;
  for (const auto& token : analyzer_.query_tokens(text))
    values[token_index(token)] = 1;
  return vector_of(values);
}

} // namespace grape::payload
