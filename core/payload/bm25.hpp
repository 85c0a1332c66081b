#pragma once

#include "core/outcome.hpp"
#include "core/payload/text_analyzer.hpp"
#include "core/payload/value.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace grape::payload {

/// How texts become sparse vectors by BM25 (Robertson and Zaragoza 2009, "The Probabilistic
/// Relevance Framework", section 3), without the idf, which the field's modifier brings.
struct bm25_options {
  double k = 1.2;         ///< Saturation of frequent words; at least 0.
  double b = 0.75;        ///< How much long texts are discounted, 0..1.
  double avg_len = 256.0; ///< Tokens of a usual text; above 0.
  text_options text;

  friend bool operator==(const bm25_options&, const bm25_options&) = default;
};

/// Reads options as clients give them: `k`, `b`, `avg_len`, `language` (English if absent: its stop
/// words and stemmer; one that is not known has neither), and those of `read_text_options`, which
/// take precedence. Error: bad_request.
outcome<bm25_options> read_bm25_options(const std::optional<object>& given);

/// The index of a token in sparse vectors, as everywhere that Qdrant's model is spoken: its 32-bit
/// Murmur3 hash with seed 0, read as a signed number, without the sign.
std::uint32_t token_index(std::string_view token) noexcept;

/// Makes sparse vectors of texts. Immutable, thread-safe.
class bm25 {
public:
  explicit bm25(bm25_options options);

  /// Of a stored text: each token's frequency, saturated and set against the text's length.
  sparse_vector document(std::string_view text) const;

  /// Of a query: 1 for each token.
  sparse_vector query(std::string_view text) const;

private:
  bm25_options options_;
  text_analyzer analyzer_;
};

} // namespace grape::payload
