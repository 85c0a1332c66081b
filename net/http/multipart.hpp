#pragma once

#include "core/outcome.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace grape::http {

/// Whether a body of this content type has parts.
bool is_multipart(std::string_view content_type);

/// Takes the content of one field out of a multipart/form-data body (RFC 7578), of which it keeps
/// the head of a part and a boundary at most. Not thread-safe.
class multipart_reader {
public:
  /// Told what the field holds, piece by piece; what it refuses ends the reading.
  using sink_fn = std::function<status(std::string_view)>;

  /// `content_type` is the header's value, with the boundary. Error: malformed, in words for the
  /// client, as of all members.
  static outcome<multipart_reader> create(std::string_view content_type, std::string field);

  /// What comes next of the body. Errors: malformed, those of `sink`.
  status take(std::string_view bytes, const sink_fn& sink);

  /// The body is over: was the field there, to its end?
  status finish() const;

private:
  enum class place : std::uint8_t { opening, after_boundary, head, content, epilogue };

  multipart_reader(std::string boundary, std::string field);
  status step(bool& more, const sink_fn& sink);
  status read_head(bool& more);
  status read_content(bool& more, const sink_fn& sink);

  std::string closing_; ///< "\r\n--" and the boundary.
  std::string field_;
  std::string held_;
  place at_ = place::opening;
  bool wanted_ = false; ///< The part at hand is the field.
  bool whole_ = false;  ///< The field came to its end.
};

} // namespace grape::http
