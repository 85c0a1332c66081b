#pragma once

#include "core/outcome.hpp"
#include "net/http/json.hpp"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace grape::http {

/// What is wrong with one body, collected while it is decoded. A wrong shape outranks a value out
/// of range, which outranks what is merely not allowed: that is the order in which clients expect
/// to be told.
class decoding {
public:
  /// `prefix` opens every path of a validation text, as Qdrant's flattened requests do.
  explicit decoding(std::string_view prefix = {}) : prefix_(prefix) {}

  /// The wrong type, a missing field, an unknown variant. The first one stands.
  void malformed(std::string text);

  /// A value out of its range: `path: text`. The first ones are told, while `wants_more`.
  void invalid(std::string path_and_text);
  bool wants_more() const noexcept { return invalid_count_ < invalid_told_max; }

  /// Well formed, but refused. The first one stands.
  void refuse(errc code, std::string text);

  bool well_formed() const noexcept { return malformed_.empty(); }

  /// Conditions of all filters of the body. They are many times larger in memory than as JSON.
  bool takes_one_more_condition() noexcept { return ++conditions_ <= conditions_max; }
  static constexpr std::size_t conditions_max = 65'536;

  std::string_view prefix() const noexcept { return prefix_; }

  /// The refusal of the whole body, or ok. The detail is as `errc` demands: complete for
  /// malformed and invalid.
  status result() const;

private:
  static constexpr std::size_t invalid_told_max = 32;

  std::string_view prefix_;
  std::string malformed_;
  std::string invalid_;
  std::size_t invalid_count_ = 0;
  std::size_t conditions_ = 0;
  status refusal_;
};

/// A JSON value with the way that led to it. Reads note what is wrong and then return a default:
/// the caller goes on and looks at the result once, at the end. A child must not outlive the node
/// it came from.
class node {
public:
  node(json::value root, decoding& notes) : value_(root), notes_(&notes) {}

  json::kind type() const noexcept { return value_.type(); }
  bool is(json::kind wanted) const noexcept { return value_.type() == wanted; }
  const json::value& value() const noexcept { return value_; }

  /// The member called `key` (or `alias`); absent if it is not there or null.
  std::optional<node> field(std::string_view key, std::string_view alias = {}) const;

  /// As `field`, but its absence is a fault of the client's.
  std::optional<node> need(std::string_view key, std::string_view alias = {}) const;

  /// This same value under one more name in validation paths, for Qdrant's flattened structs.
  node flattened(std::string_view name) const {
    return node(value_, *this, name, 0, origin::flattened);
  }

  /// Visits (node) for each item of an array, (key, node) for each field of an object, while the
  /// body is well formed. Another kind is malformed. Keys of `each_entry` are the client's own
  /// words, and are hidden in validation paths.
  template <class Visit>
  void each_item(Visit&& visit) const;
  template <class Visit>
  void each_field(Visit&& visit) const;
  template <class Visit>
  void each_entry(Visit&& visit) const;

  bool boolean() const;
  std::uint64_t whole(std::uint64_t most, std::string_view type_name) const;
  double number() const;
  float single() const;
  std::string text() const;
  payload::object tree() const; ///< An object, whole.

  /// One of `names`, by position; anything else is an unknown variant.
  std::size_t variant(std::initializer_list<std::string_view> names) const;

  /// True if it is an object; else malformed.
  bool expect_object() const;

  /// False: it is one condition more than a body may have, and malformed so.
  bool counts_as_condition() const;

  void malformed(std::string text) const;
  /// "invalid type: string \"x\", expected ..."
  void wrong_type(std::string_view expected) const;
  /// A validation text in the words of Qdrant's validator, about this value or about `below` it.
  void invalid(std::string_view text, std::string_view below = {}) const;
  /// A validation text of a custom check: `Validation error: text [{}]`.
  void broken_rule(std::string_view text, std::string_view below = {}) const;
  void refuse(errc code, std::string text) const { notes_->refuse(code, std::move(text)); }
  /// 400: `what` is not available yet.
  void unavailable(std::string_view what) const;

private:
  /// By which step it was reached; `entry` by a key that the client made up.
  enum class origin : std::uint8_t { root, item, field, entry, flattened };

  node(json::value value, const node& up, std::string_view key, std::size_t index, origin from)
    : value_(value), notes_(up.notes_), up_(&up), key_(key), index_(index), origin_(from) {}

  std::string path(bool for_validation) const;

  json::value value_;
  decoding* notes_;
  const node* up_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  origin origin_ = origin::root;
};

/// Decodes `body` with `decode(const node&) -> T`.
template <class T, class Decode>
outcome<T> decode_body(std::string& body, std::string_view prefix, Decode&& decode);

/// Refusals of bytes that are no JSON carry the same opening as those of a wrong shape.
status format_error(std::string_view text);

template <class Visit>
void node::each_item(Visit&& visit) const {
  if (!is(json::kind::array))
    return wrong_type("a sequence");
  std::size_t index = 0;
  value_.each_item([&](json::value item) {
    visit(node(item, *this, {}, index++, origin::item));
    return notes_->well_formed();
  });
}

template <class Visit>
void node::each_field(Visit&& visit) const {
  if (!expect_object())
    return;
  value_.each_field([&](std::string_view key, json::value member) {
    visit(key, node(member, *this, key, 0, origin::field));
    return notes_->well_formed();
  });
}

template <class Visit>
void node::each_entry(Visit&& visit) const {
  if (!expect_object())
    return;
  value_.each_field([&](std::string_view key, json::value member) {
    visit(key, node(member, *this, key, 0, origin::entry));
    return notes_->well_formed();
  });
}

template <class T, class Decode>
outcome<T> decode_body(std::string& body, std::string_view prefix, Decode&& decode) {
  const auto document = json::document::parse(body);
  if (!document)
    return format_error(document.error().detail);
  decoding notes{prefix};
  T out = decode(node(document->root(), notes));
  if (auto verdict = notes.result(); !verdict.ok())
    return verdict;
  return out;
}

} // namespace grape::http
