#pragma once

#include "core/outcome.hpp"
#include "core/payload/value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON text as a tree that can be walked. Only json.cpp knows the parser behind it.
namespace grape::http::json {

enum class kind : std::uint8_t { null, boolean, integer, big, floating, string, array, object };

/// One value inside a document; a view, valid as long as the document. Calling a getter of
/// another kind is a fault of ours.
class value {
public:
  /// `big` is an integer above the range of int64; `floating` has a fraction or an exponent.
  kind type() const noexcept;

  bool boolean() const;
  std::int64_t integer() const;
  std::uint64_t big() const;
  /// An integer, big or floating value.
  double number() const;
  std::string_view text() const;

  /// The member called `key` of an object; of several the last. Absent in any other kind.
  std::optional<value> find(std::string_view key) const;

  /// In order, until the visitor answers false. No visits in any other kind.
  void each_item(const std::function<bool(value)>& visit) const;
  void each_field(const std::function<bool(std::string_view, value)>& visit) const;

  /// Appends the numbers of an array as float32. Stops at, and returns the position of, the first
  /// item that is no number or is beyond the range of float32.
  std::optional<std::size_t> read_floats(std::vector<float>& into) const;

  /// A copy that does not need the document.
  payload::value tree() const;

private:
  friend class document;

  // The parser's own notion of a place; only copied here.
  [[maybe_unused]] const void* document_ = nullptr;
  [[maybe_unused]] std::size_t at_ = 0;
};

/// True if `text` is well-formed UTF-8.
bool is_utf8(std::string_view text) noexcept;

/// A parsed body. Movable; owns what its values point to.
class document {
public:
  /// Containers may nest this deep.
  static constexpr std::size_t depth_max = 128;

  /// One JSON value and nothing else, in valid UTF-8. `malformed` with the reason otherwise.
  /// May grow the capacity of `text`, not its content.
  static outcome<document> parse(std::string& text);

  document(document&&) noexcept;
  document& operator=(document&&) noexcept;
  ~document();

  value root() const;

private:
  struct body;
  explicit document(std::unique_ptr<body> from);

  std::unique_ptr<body> body_;
};

} // namespace grape::http::json
