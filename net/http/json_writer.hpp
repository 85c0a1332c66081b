#pragma once

#include "core/payload/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::http {

/// Writes JSON text from left to right; commas are its own business. Numbers are the shortest
/// decimals that read back equal, in the precision they were given in; a float never looks like an
/// integer, and one that JSON cannot say becomes null.
class json_writer {
public:
  json_writer& open_object() { return open('{'); }
  json_writer& close_object() { return close('}'); }
  json_writer& open_array() { return open('['); }
  json_writer& close_array() { return close(']'); }

  /// The name of the member that follows.
  json_writer& key(std::string_view name);

  json_writer& null() { return raw("null"); }
  json_writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  json_writer& whole(std::uint64_t value);
  json_writer& integer(std::int64_t value);
  json_writer& number(double value);
  json_writer& number(float value);
  json_writer& text(std::string_view value);
  json_writer& tree(const payload::value& value);
  json_writer& tree(const payload::object& value);

  /// A value that is already JSON text.
  json_writer& raw(std::string_view json);

  void reserve(std::size_t bytes) { out_.reserve(bytes); }

  std::string take() && { return std::move(out_); }

private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();
  void quoted(std::string_view value);

  std::string out_;
  bool first_ = true; ///< Nothing stands before the next value inside its container.
};

} // namespace grape::http
