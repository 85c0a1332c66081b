#include "core/payload/text_column.hpp"

#include "core/payload/column_scan.hpp"
#include "core/payload/string_match.hpp"

#include <algorithm>
#include <utility>

namespace grape::payload {

namespace {

using block = column_block<std::uint32_t>;

slot_set none(std::size_t capacity) {
  return slot_set{capacity};
}

verdict sure(slot_set yes) {
  auto possible = yes;
  return {std::move(yes), std::move(possible)};
}

} // namespace

text_column::text_column(text_options options, const path& field)
  : field_(field)
  , analyzer_(std::make_shared<const text_analyzer>(std::move(options)))
  , words_(std::make_shared<keyword_dictionary>()) {}

slot_facts<text_column::code> text_column::gather(const object& payload) {
  slot_facts<code> facts;
  const auto add = [&](const value& element) {
    (element.is_null() ? facts.null : facts.other) = true;
    const auto* text = element.as_string();
    if (text == nullptr)
      return;
    if (!facts.values.empty())
      facts.values.push_back(gap);
    for (const auto& token : analyzer_->document_tokens(*text))
      facts.values.push_back(words_->intern(token));
  };
  visit_values(payload, field_, [&](const value& found) {
    const auto* elements = found.as_array();
    facts.filled |= elements != nullptr ? !elements->empty() : !found.is_null();
    if (elements == nullptr)
      add(found);
    else
      std::for_each(elements->begin(), elements->end(), add);
    return true;
  });
  return facts;
}

void text_column::set(slot where, const object& payload) {
  replace(where, gather(payload));
  renew_words();
}

void text_column::clear(slot where) {
  if (where.value / block::slots < texts_.blocks())
    replace(where, {});
}

void text_column::replace(slot where, const slot_facts<code>& facts) {
  const auto distinct = [](std::vector<code> codes) {
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    if (!codes.empty() && codes.back() == gap)
      codes.pop_back();
    return codes;
  };
  auto before = texts_.facts(where.value);
  if (before.values == facts.values && before.other == facts.other && before.null == facts.null
      && before.filled == facts.filled)
    return; // Spares the copies of what snapshots share.
  const auto gone = distinct(std::move(before.values));
  const auto now = distinct(facts.values);
  if (slots_.size() < words_->size())
    slots_.resize(words_->size());
  for (const auto token : gone)
    if (!std::binary_search(now.begin(), now.end(), token)) {
      auto& list = slots_.edit(token);
      list.erase(where);
      used_words_ -= list.empty() ? 1 : 0;
    }
  for (const auto token : now)
    if (!std::binary_search(gone.begin(), gone.end(), token)) {
      auto& list = slots_.edit(token);
      used_words_ += list.empty() ? 1 : 0;
      list.insert(where);
    }
  texts_.set(where.value, facts);
}

void text_column::renew_words() {
  // As for keywords: words stay for the sake of snapshots, until half of them are idle.
  constexpr std::size_t idle_always_fine = 4'096;
  if (words_->size() <= idle_always_fine + 2 * used_words_)
    return;
  const auto old_words = std::exchange(words_, std::make_shared<keyword_dictionary>());
  const auto old_texts = std::exchange(texts_, {});
  slots_ = {};
  used_words_ = 0;
  for (std::size_t at = 0; at < old_texts.blocks() * block::slots; ++at) {
    auto facts = old_texts.facts(at);
    for (auto& token : facts.values)
      token = token == gap ? gap : words_->intern(old_words->word(token));
    replace(slot{static_cast<std::uint32_t>(at)}, facts);
  }
}

std::optional<std::vector<text_column::code>>
text_column::codes_of(const std::vector<std::string>& tokens) const {
  std::vector<code> codes;
  for (const auto& token : tokens) {
    const auto known = words_->find(token);
    if (!known || *known >= slots_.size())
      return std::nullopt;
    codes.push_back(*known);
  }
  return codes;
}

slot_set text_column::slots_of(code token, std::size_t capacity) const {
  auto found = none(capacity);
  slots_[token].add_to(found);
  return found;
}

slot_set text_column::with_all(const std::vector<code>& tokens, std::size_t capacity) const {
  if (tokens.empty())
    return none(capacity);
  auto found = slots_of(tokens.front(), capacity);
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const auto more = slots_of(tokens[i], capacity);
    for (std::size_t w = 0; w < found.words().size(); ++w)
      found.words()[w] &= more.words()[w];
  }
  return found;
}

slot_set text_column::with_phrase(const std::vector<code>& phrase, std::size_t capacity) const {
  auto found = with_all(phrase, capacity);
  if (phrase.size() < 2)
    return found;
  auto holding = none(capacity);
  found.for_each([&](slot at) {
    const auto text = texts_.facts(at.value).values;
    if (std::search(text.begin(), text.end(), phrase.begin(), phrase.end()) != text.end())
      holding.insert(at);
  });
  return holding;
}

slot_set text_column::with_words(const match_text& wanted, std::size_t capacity) const {
  if (wanted.wanted == text_match::phrase && analyzer_->options().phrase_matching) {
    const auto phrase = codes_of(analyzer_->phrase_tokens(wanted.text));
    return phrase ? with_phrase(*phrase, capacity) : none(capacity);
  }
  const auto tokens = analyzer_->query_tokens(wanted.text);
  if (wanted.wanted != text_match::any) {
    const auto codes = codes_of(tokens);
    return codes ? with_all(*codes, capacity) : none(capacity);
  }
  auto found = none(capacity);
  for (const auto& token : tokens)
    if (const auto known = codes_of({token}))
      slots_[known->front()].add_to(found);
  return found;
}

slot_set text_column::with_similar(const match_fuzzy& wanted, std::size_t capacity) const {
  const auto tokens = analyzer_->query_tokens(wanted.text);
  std::optional<slot_set> found;
  for (const auto& token : tokens) {
    auto one = none(capacity);
    words_->visit([&](code number, const std::string& word) {
      if (number < slots_.size() && !slots_[number].empty()
          && is_similar(token, word, wanted.edits))
        slots_[number].add_to(one);
    });
    if (!found)
      found = std::move(one);
    else
      for (std::size_t w = 0; w < one.words().size(); ++w)
        found->words()[w] &= one.words()[w];
  }
  return found ? std::move(*found) : none(capacity);
}

verdict text_column::test(const field_test& wanted, std::size_t capacity) const {
  const auto some = [&] { return facts(texts_, capacity, &block::other); };
  if (const auto* words = std::get_if<match_text>(&wanted))
    return sure(with_words(*words, capacity));
  if (const auto* words = std::get_if<match_fuzzy>(&wanted))
    return sure(with_similar(*words, capacity));
  if (const auto* empty = std::get_if<empty_test>(&wanted))
    return sure(facts(texts_, capacity, &block::filled, !empty->wanted));
  if (const auto* null = std::get_if<null_test>(&wanted))
    return sure(facts(texts_, capacity, &block::null, null->wanted));
  if (const auto* counts = std::get_if<values_count>(&wanted)) {
    // A slot that is not filled has no value, if its path leads to one place at most.
    auto possible = facts(texts_, capacity, &block::filled);
    if (!within(*counts, std::uint64_t{0}) && field_.leads_to_one())
      return {none(capacity), std::move(possible)};
    add(possible, facts(texts_, capacity, &block::filled, false));
    return {none(capacity), std::move(possible)};
  }
  return {none(capacity), some()}; // It keeps words, not strings.
}

std::size_t text_column::bytes() const {
  auto sum = texts_.bytes() + words_->bytes();
  for (std::size_t token = 0; token < slots_.size(); ++token)
    sum += sizeof(posting_list) + slots_[token].bytes();
  return sum;
}

} // namespace grape::payload
