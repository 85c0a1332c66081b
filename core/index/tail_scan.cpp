#include "core/index/segment.hpp"
#include "core/index/tail.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

namespace grape::index {

namespace {

constexpr std::uint32_t word_rows = 64;

// Looking at a code takes so much less than measuring a row.
constexpr std::uint64_t codes_per_visit = 16;

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
      seed(probe, std::min(codes.blocks(), seeded_.size()));
    std::uint32_t word = 0;
    // A filter may let through too few of those for a bound.
    for (; word < codes.blocks() && std::isinf(best_.bound()) && !left_.over(); ++word)
      measure_word(word, passing(word, unmeasured(word)));
    for (; word < codes.blocks() && word % tail_probe::step_blocks != 0; ++word)
      measure_word(word, passing(word, unmeasured(word)));
    for (; word < codes.blocks() && !left_.over(); word += tail_probe::step_blocks) {
      left_.spend(tail_probe::step_blocks * word_rows / codes_per_visit);
      for (const auto found : probe.near(word, best_.bound()))
        if (const auto at = found / word_rows; (unmeasured(at) >> found % word_rows & 1) != 0)
          note(at, passing(at, std::uint64_t{1} << found % word_rows));
    }
    for (word = static_cast<std::uint32_t>(codes.blocks()); word * word_rows < rows_.rows_; ++word)
      measure_word(word, passing(word, unmeasured(word)));
    measure_noted();
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

  /// The live rows of a word, without those that seed() has measured.
  std::uint64_t unmeasured(std::uint32_t word) const noexcept {
    return rows_.live_words_[word] & ~(word < seeded_.size() ? seeded_[word] : 0);
  }

  /// Measures rows of the first blocks that look near, so that there is a bound to begin with.
  void seed(tail_probe& probe, std::size_t blocks) {
    top_k<scored_row> nearest(2 * best_.capacity());
    std::array<float, word_rows> least{};
    for (std::uint32_t word = 0; word < blocks; ++word) {
      left_.spend(word_rows / codes_per_visit);
      if (probe.measure(word, nearest.bound(), least) == 0)
        continue;
      for (auto rest = passing(word, rows_.live_words_[word]); rest != 0; rest &= rest - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
        if (!(least[bit] > nearest.bound()))
          nearest.offer({least[bit], row{word * word_rows + bit}});
      }
    }
    for (const auto& each : nearest.take()) {
      const auto word = each.where.value / word_rows;
      const auto bit = std::uint64_t{1} << each.where.value % word_rows;
      seeded_[word] |= bit;
      note(word, bit);
    }
    measure_noted();
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
    note(word, rows);
    measure_noted();
  }

  /// Rows to be measured; asking for their memory early hides its delay.
  void note(std::uint32_t word, std::uint64_t rows) {
    for (auto rest = rows; rest != 0; rest &= rest - 1) {
      const row where{word * word_rows + static_cast<std::uint32_t>(std::countr_zero(rest))};
      noted_[noted_count_++] = where;
      if (noted_count_ == noted_.size())
        measure_noted();
    }
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
  std::array<std::uint64_t, 256> seeded_{}; // By word: rows that were measured first.
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
