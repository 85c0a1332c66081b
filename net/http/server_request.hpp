#pragma once

#include "net/http/message.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::http {

/// Takes one request out of a byte stream, keeping only what a `request` holds, so that a request
/// costs no allocation per header field. Framing and its traps (conflicting lengths, folded lines,
/// bad tokens) are Beast's.
class request_parser final : public boost::beast::http::basic_parser<true> {
public:
  /// Chunked bodies end with beast::http::error::body_limit beyond `body_bytes_max`.
  request_parser(std::uint32_t header_bytes_max, std::uint64_t body_bytes_max);

  /// Whoever takes what has come out of the body again and again counts it himself.
  void lift_body_limit() noexcept;

  request& taken() noexcept { return request_; }
  const request& taken() const noexcept { return request_; }
  bool is_head() const noexcept { return is_head_; }
  bool expects_continue() const noexcept { return expects_continue_; }
  bool is_http_1_1() const noexcept { return is_http_1_1_; }

private:
  using error_code = boost::beast::error_code;
  using text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb method, text name, text target, int version,
                       error_code& error) override;
  void on_response_impl(int code, text reason, int version, error_code& error) override;
  void on_field_impl(boost::beast::http::field name, text name_text, text value,
                     error_code& error) override;
  void on_header_impl(error_code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) override;
  std::size_t on_body_impl(text body, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, text body, error_code& error) override;
  void on_finish_impl(error_code& error) override;

  std::uint64_t body_bytes_max_;
  request request_;
  bool is_head_ = false;
  bool is_options_ = false;
  bool is_http_1_1_ = false;
  bool expects_continue_ = false;
  bool has_api_key_ = false; ///< `api-key` wins over `Authorization`.
  bool header_ended_ = false;
};

} // namespace grape::http
