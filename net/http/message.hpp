#pragma once

#include "net/http/body_file.hpp"
#include "net/http/received_file.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace grape::http {

enum class verb : std::uint8_t { get, put, post, patch, del, other };

/// One request as the transport hands it over: nothing is decoded yet but the framing.
struct request {
  verb method = verb::get;
  std::string path;    ///< As sent, percent-encoded, without the query string.
  std::string query;   ///< What follows '?', percent-encoded; empty if nothing.
  std::string api_key; ///< From `api-key` or `Authorization: Bearer`; empty if none.
  std::string body;
  std::string content_type{}; ///< As sent; empty if none.
  std::shared_ptr<const received_file> received{}; ///< Instead of `body`, as `body_plan` wanted.
  std::string content_coding{}; ///< Content-Encoding; the server hands bodies over without one.
  std::string accepted_codings{}; ///< Accept-Encoding.
  std::string origin{};        ///< Of the page that asks, as its browser says; empty: no page.
  std::string wanted_method{}; ///< Of OPTIONS: what a page wants to ask; empty: no such question.
  std::string wanted_fields{}; ///< With it: header fields that it wants to send.
};

struct response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::shared_ptr<const body_file> file{}; ///< Instead of `body`.
  std::optional<std::uint32_t> retry_after_s; ///< Sent as Retry-After.
  std::string more_fields{}; ///< Further header fields, each as "\r\nname: value".
};

/// What becomes of a body, by all that stands before it.
struct body_plan {
  std::optional<response> refused; ///< It is not even read.
  bool to_file = false;            ///< It may be large: it becomes `request::received`.
};

/// Called once, from any thread.
using respond_fn = std::function<void(response)>;

/// Whatever answers requests. Returns at once; calls `respond` now or later.
using handler_fn = std::function<void(request, respond_fn)>;

} // namespace grape::http
