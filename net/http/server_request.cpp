#include "net/http/server_request.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <limits>

namespace grape::http {

namespace {

namespace beast_http = boost::beast::http;

std::string_view view_of(boost::beast::string_view from) noexcept {
  return {from.data(), from.size()};
}

verb verb_of(beast_http::verb method) noexcept {
  if (method == beast_http::verb::get || method == beast_http::verb::head)
    return verb::get;
  if (method == beast_http::verb::put)
    return verb::put;
  if (method == beast_http::verb::post)
    return verb::post;
  if (method == beast_http::verb::patch)
    return verb::patch;
  if (method == beast_http::verb::delete_)
    return verb::del;
  return verb::other;
}

// A proxy may send the absolute form (RFC 9112, 3.2.2): the authority says nothing to us.
std::string_view without_authority(std::string_view target) noexcept {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos)
    return target;
  const auto path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

std::string_view bearer_token(std::string_view authorization) noexcept {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size()
      || !boost::beast::iequals({authorization.data(), scheme.size()},
                                {scheme.data(), scheme.size()}))
    return {};
  authorization.remove_prefix(scheme.size());
  const auto start = authorization.find_first_not_of(' ');
  return start == std::string_view::npos ? std::string_view{} : authorization.substr(start);
}

} // namespace

request_parser::request_parser(std::uint32_t header_bytes_max, std::uint64_t body_bytes_max)
  : body_bytes_max_(body_bytes_max) {
  header_limit(header_bytes_max);
  // Ours, because a refusal names both sizes.
  body_limit(std::numeric_limits<std::uint64_t>::max());
}

void request_parser::lift_body_limit() noexcept {
  body_bytes_max_ = std::numeric_limits<std::uint64_t>::max();
}

void request_parser::on_request_impl(beast_http::verb method, text, text target, int version,
                                     error_code&) {
  request_.method = verb_of(method);
  is_head_ = method == beast_http::verb::head;
  is_options_ = method == beast_http::verb::options;
  is_http_1_1_ = version == 11;
  const auto rest = without_authority(view_of(target));
  const auto mark = rest.find('?');
  request_.path = rest.substr(0, mark);
  if (mark != std::string_view::npos)
    request_.query = rest.substr(mark + 1);
}

void request_parser::on_response_impl(int, text, int, error_code&) {
}

void request_parser::on_field_impl(beast_http::field name, text name_text, text value,
                                   error_code& error) {
  // Trailers arrive here too, when everything has been decided by the header.
  if (header_ended_)
    return;
  if (name == beast_http::field::unknown) {
    if (boost::beast::iequals(name_text, "api-key")) {
      request_.api_key = view_of(value);
      has_api_key_ = true;
    }
  } else if (name == beast_http::field::authorization) {
    if (!has_api_key_)
      request_.api_key = bearer_token(view_of(value));
  } else if (name == beast_http::field::content_type) {
    request_.content_type = view_of(value);
  } else if (name == beast_http::field::content_encoding) {
    // Two of them are one list, which nobody here speaks.
    request_.content_coding += (request_.content_coding.empty() ? "" : ", ");
    request_.content_coding += view_of(value);
  } else if (name == beast_http::field::accept_encoding) {
    request_.accepted_codings += (request_.accepted_codings.empty() ? "" : ", ");
    request_.accepted_codings += view_of(value);
  } else if (name == beast_http::field::origin) {
    request_.origin = view_of(value);
  } else if (name == beast_http::field::access_control_request_method && is_options_) {
    request_.wanted_method = view_of(value);
  } else if (name == beast_http::field::access_control_request_headers && is_options_) {
    request_.wanted_fields = view_of(value);
  } else if (name == beast_http::field::expect) {
    expects_continue_ = boost::beast::iequals(value, "100-continue");
  } else if (name == beast_http::field::transfer_encoding) {
    // Beast takes a body in any other coding for no body: its bytes would be read as requests.
    if (!boost::beast::iequals(value, "chunked"))
      error = beast_http::error::bad_transfer_encoding;
  }
}

void request_parser::on_header_impl(error_code&) {
  header_ended_ = true;
}

void request_parser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {
}

std::size_t request_parser::on_body_impl(text body, error_code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

void request_parser::on_chunk_header_impl(std::uint64_t, text, error_code&) {
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, text body, error_code& error) {
  if (request_.body.size() + body.size() > body_bytes_max_) {
    error = beast_http::error::body_limit;
    return 0;
  }
  request_.body.append(body.data(), body.size());
  return body.size();
}

void request_parser::on_finish_impl(error_code&) {
}

} // namespace grape::http
