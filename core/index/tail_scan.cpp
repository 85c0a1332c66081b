#include "core/index/segment.hpp"
#include "core/index/tail.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace grape::index {

namespace {

constexpr std::uint32_t word_rows = 64;

// Looking at a code takes so much less than measuring a row.
constexpr std::uint64_t codes_per_visit = 16;

// A bound to begin with comes from blocks all over a tail, as what came early may be of another
// kind than what came late, and from so many rows of them.
constexpr std::size_t seed_blocks_max = 64;
constexpr std::size_t seeds_per_result = 2;

} // namespace

/// One look through a tail, word of live rows by word.
class tail_scan {
public:
  tail_scan(const tail& rows, const distance_function& distance, const float* query,
            const slot_set* allowed, top_k<scored_slot>& best, budget& left)
    : rows_(rows)
    , distance_(distance)
    , query_(query)
    , allowed_(allowed)
    , best_(best)
    , left_(left)
    , widened_(rows.layout_.is_plain() ? 0 : word_rows * rows.layout_.dimension()) {}

  /// Measures every row that passes.
  void run() {
    for (std::uint32_t word = 0; word * word_rows < rows_.rows_ && !left_.over(); ++word)
      measure_word(word, passing(word, rows_.live_words_[word]));
  }

  /// Measures those that may be near enough, and those without codes.
  void run(const tail_codes& codes) {
    tail_probe probe(codes, query_);
    if (std::isinf(best_.bound()))
      seed(probe, codes.blocks());
    std::uint32_t word = 0;
    // A filter may let through too few of those for a bound.
    for (; word < codes.blocks() && (std::isinf(bound()) || word % tail_probe::step_blocks != 0);
         ++word)
      if (!left_.over())
        measure_word(word, passing(word, rows_.live_words_[word]));
    for (; word < codes.blocks() && !left_.over(); word += tail_probe::step_blocks) {
      left_.spend(tail_probe::step_blocks * word_rows / codes_per_visit);
      for (const auto found : probe.near(word, bound()))
        if (passes(row{found}))
          note(row{found});
    }
    measure_noted();
    for (word = static_cast<std::uint32_t>(codes.blocks()); word * word_rows < rows_.rows_; ++word)
      measure_word(word, passing(word, rows_.live_words_[word]));
  }

private:
  /// Those of `rows` that the filter lets through.
  std::uint64_t passing(std::uint32_t word, std::uint64_t rows) const {
    if (allowed_ != nullptr)
      for (auto rest = rows; rest != 0; rest &= rest - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
        if (!allowed_->contains(rows_.owner(row{word * word_rows + bit})))
          rows &= ~(std::uint64_t{1} << bit);
      }
    return rows;
  }

  bool passes(row where) const {
    return rows_.is_live(where) && (allowed_ == nullptr || allowed_->contains(rows_.owner(where)));
  }

  /// Nothing farther away is of interest.
  float bound() const { return std::min(best_.bound(), seeded_bound_); }

  /// Measures some rows that look near, so that there is a bound to begin with.
  void seed(tail_probe& probe, std::size_t blocks) {
    top_k<scored_row> near(seeds_per_result * best_.capacity());
    std::array<float, word_rows> least{};
    const auto step = (blocks + seed_blocks_max - 1) / seed_blocks_max;
    for (std::size_t block = 0; block < blocks; block += step) {
      left_.spend(word_rows / codes_per_visit);
      if (probe.measure(block, near.bound(), least) == 0)
        continue;
      const auto word = static_cast<std::uint32_t>(block);
      for (auto rest = passing(word, rows_.live_words_[word]); rest != 0; rest &= rest - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
        if (!(least[bit] > near.bound()))
          near.offer({least[bit], row{word * word_rows + bit}});
      }
    }
    top_k<scored_row> measured(best_.capacity());
    for (const auto& each : near.take()) {
      const auto* values = rows_.layout_.load(rows_.stored(each.where), widened_.data());
      measured.offer({distance_(query_, values), each.where});
      left_.spend(1);
    }
    seeded_bound_ = measured.bound();
  }

  void measure_word(std::uint32_t word, std::uint64_t rows) {
    const auto count = static_cast<std::size_t>(std::popcount(rows));
    if (count == 0)
      return;
    // Most rows pass: reading the few others in one stream costs less than picking rows.
    if (rows_.layout_.is_plain() && count >= 48) {
      const auto first = word * word_rows;
      const auto present = std::min<std::size_t>(word_rows, rows_.rows_ - first);
      distance_.contiguous(query_, static_cast<const float*>(rows_.stored(row{first})),
                           std::span(distances_).first(present));
      for (auto rest = rows; rest != 0; rest &= rest - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
        offer(row{first + bit}, distances_[bit]);
      }
      left_.spend(count);
      return;
    }
    for (auto rest = rows; rest != 0; rest &= rest - 1)
      note(row{word * word_rows + static_cast<std::uint32_t>(std::countr_zero(rest))});
    measure_noted();
  }

  /// A row to be measured, with others.
  void note(row where) {
    noted_[noted_count_++] = where;
    if (noted_count_ == noted_.size())
      measure_noted();
  }

  void measure_noted() {
    const auto& layout = rows_.layout_;
    std::array<const float*, word_rows> values{};
    for (std::size_t i = 0; i < noted_count_; ++i)
      values[i] = layout.load(rows_.stored(noted_[i]),
                              widened_.data() + (widened_.empty() ? 0 : i * layout.dimension()));
    distance_.scattered(query_, std::span(values).first(noted_count_),
                        std::span(distances_).first(noted_count_));
    for (std::size_t i = 0; i < noted_count_; ++i)
      offer(noted_[i], distances_[i]);
    left_.spend(noted_count_);
    noted_count_ = 0;
  }

  void offer(row where, float distance) {
    if (distance <= best_.bound())
      best_.offer({distance, rows_.owner(where)});
  }

  const tail& rows_;
  const distance_function& distance_;
  const float* query_;
  const slot_set* allowed_;
  top_k<scored_slot>& best_;
  budget& left_;
  std::vector<float> widened_; // Rows that are kept narrow, as floats.
  std::array<float, word_rows> distances_{};
  float seeded_bound_ = std::numeric_limits<float>::infinity();
  std::array<row, word_rows> noted_{};
  std::size_t noted_count_ = 0;
};

void tail::scan(const distance_function& distance, const float* query, const slot_set* allowed,
                bool by_codes, top_k<scored_slot>& best, budget& left) const {
  tail_scan look(*this, distance, query, allowed, best, left);
  if (by_codes && codes_)
    look.run(*codes_);
  else
    look.run();
}

} // namespace grape::index
