#pragma once

#include "core/outcome.hpp"
#include "core/payload/value.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// The words that are shipped with the project; see tests/data/glove-sample/README.md.
struct word_sample {
  static constexpr std::size_t dimension = 100;
  static constexpr std::size_t neighbours = 100; ///< Of each query, in `truth`.

  std::vector<std::string> words;
  std::vector<std::uint32_t> ranks;   ///< By frequency; one per word.
  std::vector<dense_vector> vectors;  ///< One per word, of length 1.
  std::vector<dense_vector> queries;  ///< Of words that are not stored.
  std::vector<std::uint16_t> truth;   ///< `neighbours` per query, best first: places in `words`.
};

/// Errors: not_found, corrupted (the files do not fit together).
outcome<word_sample> read_word_sample(const std::string& folder);

/// What is stored beside a word; the same as the demonstration's.
payload::object payload_of(const word_sample& from, std::size_t place);

/// The place of the sample relative to this program, as tools/build leaves both.
std::string default_sample_folder();

} // namespace grape::bench
