#include "core/payload/unicode.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <memory>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

namespace grape::payload::unicode {

namespace {

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string made;
  text.toUTF8String(made);
  return made;
}

// The macro of ICU narrows on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"

/// The character at `at`, which moves behind it; U+FFFD for bytes that are none.
UChar32 next(std::string_view text, std::int32_t& at) noexcept {
  UChar32 character = 0;
  U8_NEXT_OR_FFFD(text.data(), at, static_cast<std::int32_t>(text.size()), character);
  return character;
}

#pragma GCC diagnostic pop

bool is_letter(UChar32 c) noexcept {
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) != 0;
}

bool is_alphanumeric(UChar32 c) noexcept {
  if (c < 0x80)
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter(c) || (U_GET_GC_MASK(c) & U_GC_N_MASK) != 0;
}

template <class Belongs>
void for_each_run(std::string_view text, Belongs belongs, const word_visitor& visit) {
  const auto size = static_cast<std::int32_t>(text.size());
  std::int32_t begin = -1; // Of the run we are in, if we are in one.
  for (std::int32_t at = 0; at < size;) {
    const auto before = at;
    if (belongs(next(text, at))) {
      begin = begin < 0 ? before : begin;
    } else if (begin >= 0) {
      visit(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(before - begin)));
      begin = -1;
    }
  }
  if (begin >= 0)
    visit(text.substr(static_cast<std::size_t>(begin)));
}

const icu::Transliterator& latin_to_ascii() {
  static const auto made = [] {
    UErrorCode failed = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> one{
        icu::Transliterator::createInstance("Latin-ASCII", UTRANS_FORWARD, failed)};
    GRAPE_CHECK(U_SUCCESS(failed) && one != nullptr); // Part of ICU's own data.
    return one;
  }();
  return *made;
}

/// A break iterator keeps the text it looks at, so each thread has its own.
icu::BreakIterator& word_breaks() {
  thread_local const auto made = [] {
    UErrorCode failed = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> one{
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), failed)};
    GRAPE_CHECK(U_SUCCESS(failed) && one != nullptr);
    return one;
  }();
  return *made;
}

bool has_letter(std::string_view word) noexcept {
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(word.size());)
    if (is_letter(next(word, at)))
      return true;
  return false;
}

} // namespace

std::string lower(std::string_view text) {
  if (!is_ascii(text))
    return to_utf8(from_utf8(text).toLower(icu::Locale::getRoot()));
  std::string made{text};
  for (auto& c : made)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return made;
}

std::string ascii_folded(std::string_view text) {
  if (is_ascii(text))
    return std::string{text};
  auto folded = from_utf8(text);
  latin_to_ascii().transliterate(folded);
  return to_utf8(folded);
}

std::string plain_form(std::string_view text) {
  if (is_ascii(text))
    return lower(text);
  UErrorCode failed = U_ZERO_ERROR;
  const auto* apart = icu::Normalizer2::getNFKDInstance(failed);
  const auto* together = icu::Normalizer2::getNFCInstance(failed);
  GRAPE_CHECK(U_SUCCESS(failed));
  const auto decomposed = apart->normalize(from_utf8(text).toLower(icu::Locale::getRoot()), failed);
  icu::UnicodeString kept;
  for (std::int32_t at = 0; at < decomposed.length(); at = decomposed.moveIndex32(at, 1)) {
    const auto c = decomposed.char32At(at);
    // The sound marks of Japanese make other letters; the rest of the marks is decoration.
    if (u_charType(c) != U_NON_SPACING_MARK || c == 0x3099 || c == 0x309A)
      kept.append(c);
  }
  const auto composed = together->normalize(kept, failed);
  return U_SUCCESS(failed) ? to_utf8(composed) : std::string{text};
}

std::size_t characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size()); ++count)
    (void)next(text, at);
  return count;
}

std::size_t bytes_of_first(std::string_view text, std::size_t count) noexcept {
  std::int32_t at = 0;
  for (; count > 0 && at < static_cast<std::int32_t>(text.size()); --count)
    (void)next(text, at);
  return static_cast<std::size_t>(at);
}

void for_each_alphanumeric(std::string_view text, const word_visitor& visit) {
  for_each_run(text, is_alphanumeric, visit);
}

void for_each_spaced(std::string_view text, const word_visitor& visit) {
  for_each_run(
      text, [](UChar32 c) { return u_isUWhiteSpace(c) == 0; }, visit);
}

void for_each_segment(std::string_view text, const word_visitor& visit) {
  UErrorCode failed = U_ZERO_ERROR;
  auto* opened =
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &failed);
  const std::unique_ptr<UText, UText* (*)(UText*)> source{opened, utext_close};
  auto& breaks = word_breaks();
  breaks.setText(source.get(), failed);
  GRAPE_CHECK(U_SUCCESS(failed));
  auto begin = breaks.first();
  for (auto end = breaks.next(); end != icu::BreakIterator::DONE; end = breaks.next()) {
    const auto word =
        text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    if (breaks.getRuleStatus() >= UBRK_WORD_NONE_LIMIT && has_letter(word))
      visit(word);
    begin = end;
  }
}

} // namespace grape::payload::unicode
