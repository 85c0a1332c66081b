#pragma once

#include "core/cow_array.hpp"
#include "core/ids.hpp"
#include "core/payload/column_store.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/keyword_dictionary.hpp"
#include "core/payload/path.hpp"
#include "core/payload/posting_list.hpp"
#include "core/payload/text_analyzer.hpp"
#include "core/payload/typed_column.hpp"
#include "core/payload/verdict.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace grape::payload {

/// The texts of one indexed field: for each token the slots that have it, and for each slot its
/// tokens in order. Copies share memory.
class text_column {
public:
  text_column(text_options options, const path& field);

  const text_analyzer* analyzer() const noexcept { return analyzer_.get(); }

  void set(slot where, const object& payload);
  void clear(slot where);
  verdict test(const field_test& wanted, std::size_t capacity) const;
  std::size_t filled() const noexcept { return texts_.filled(); }
  std::size_t bytes() const;
  value_counts count_values(const slot_set&) const { return {}; }
  std::vector<order_value> numbers(slot) const { return {}; }

private:
  using code = std::uint32_t;

  /// Between the tokens of two strings of one slot, so that no phrase reaches over.
  static constexpr code gap = UINT32_MAX;

  slot_facts<code> gather(const object& payload);
  void replace(slot where, const slot_facts<code>& facts);
  void renew_words();

  /// Their codes; none if a token occurs nowhere.
  std::optional<std::vector<code>> codes_of(const std::vector<std::string>& tokens) const;
  slot_set slots_of(code token, std::size_t capacity) const;
  slot_set with_all(const std::vector<code>& tokens, std::size_t capacity) const;
  slot_set with_words(const match_text& wanted, std::size_t capacity) const;
  slot_set with_phrase(const std::vector<code>& phrase, std::size_t capacity) const;
  slot_set with_similar(const match_fuzzy& wanted, std::size_t capacity) const;

  path field_;
  std::shared_ptr<const text_analyzer> analyzer_;
  /// Tokens in order. `other` marks slots with an element that is not null.
  column_store<code> texts_;
  std::shared_ptr<keyword_dictionary> words_;
  cow_array<posting_list, 16> slots_; ///< By code.
  std::size_t used_words_ = 0;        ///< Tokens that some slot has.
};

} // namespace grape::payload
