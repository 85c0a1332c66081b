#include "tools/grapectl/ask.hpp"

// Boost 1.74 uses std::exchange in awaitable.hpp without including it.
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <charconv>
#include <limits>

namespace grape::ctl {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

outcome<answer> failure(const error_code& why) {
  if (why == beast::error::timeout)
    return status{errc::timed_out, "no answer in time"};
  const bool garbage = why.category() == make_error_code(beast::http::error::bad_version).category()
                       && why != beast::http::error::end_of_stream;
  if (garbage)
    return status{errc::malformed, "not an HTTP answer: " + why.message()};
  return status{errc::unavailable, why.message()};
}

beast::http::request<beast::http::string_body> request_of(const node_address& node,
                                                          const std::string& api_key,
                                                          const question& what) {
  beast::http::request<beast::http::string_body> made;
  made.version(11);
  made.method_string(what.method);
  made.target(what.target);
  made.set(beast::http::field::host, node.host + ":" + std::to_string(node.port));
  made.set(beast::http::field::user_agent, "grapectl");
  made.set(beast::http::field::connection, "close");
  if (!api_key.empty())
    made.set("api-key", api_key);
  if (!what.body.empty()) {
    made.set(beast::http::field::content_type, "application/json");
    made.body() = what.body;
    made.prepare_payload();
  }
  return made;
}

asio::awaitable<void> converse(const node_address& node, const std::string& api_key,
                               const question& what, std::chrono::milliseconds patience,
                               outcome<answer>& result) {
  const auto executor = co_await asio::this_coro::executor;
  beast::tcp_stream stream{executor};
  stream.expires_after(patience);
  error_code failed;
  const auto to_failed = [&failed] { return asio::redirect_error(asio::use_awaitable, failed); };

  asio::ip::tcp::resolver resolver{executor};
  const auto port = std::to_string(node.port);
  const auto found = co_await resolver.async_resolve(node.host, port, to_failed());
  if (!failed)
    co_await stream.async_connect(found, to_failed());
  const auto request = request_of(node, api_key, what);
  if (!failed)
    co_await beast::http::async_write(stream, request, to_failed());
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  if (!failed)
    co_await beast::http::async_read(stream, buffer, parser, to_failed());
  if (failed)
    result = failure(failed);
  else
    result = answer{parser.get().result_int(), std::move(parser.get().body())};
}

} // namespace

std::string node_address::url() const {
  const bool bare = host.find(':') == std::string::npos;
  return "http://" + (bare ? host : "[" + host + "]") + ":" + std::to_string(port);
}

outcome<node_address> parse_address(const std::string& text) {
  const auto bad = [&text](const std::string& why) {
    return status{errc::malformed, "`" + text + "`: " + why};
  };
  std::string rest = text;
  if (rest.starts_with("https://"))
    return bad("https is not available yet");
  if (rest.starts_with("http://"))
    rest.erase(0, 7);
  if (rest.ends_with('/'))
    rest.pop_back();
  node_address made;
  auto colon = rest.rfind(':');
  if (rest.starts_with('[')) {
    const auto bracket = rest.find(']');
    if (bracket == std::string::npos)
      return bad("a bracket is missing");
    made.host = rest.substr(1, bracket - 1);
    colon = bracket + 1 == rest.size() ? std::string::npos : bracket + 1;
  } else {
    made.host = rest.substr(0, colon);
  }
  if (made.host.empty() || made.host.find_first_of("/?#@ ") != std::string::npos)
    return bad("expected http://host:port");
  if (colon == std::string::npos)
    return made;
  const auto* end = rest.data() + rest.size();
  const auto read = std::from_chars(rest.data() + colon + 1, end, made.port);
  if (rest[colon] != ':' || read.ec != std::errc{} || read.ptr != end || made.port == 0)
    return bad("expected a port from 1 to 65535 after the colon");
  return made;
}

outcome<answer> ask(const node_address& node, const std::string& api_key, const question& what,
                    std::chrono::milliseconds patience) {
  asio::io_context io;
  outcome<answer> result = status{errc::timed_out, "no answer in time"};
  asio::co_spawn(io, converse(node, api_key, what, patience, result), asio::detached);
  // Beast's own timeouts do not reach name resolution.
  io.run_for(patience + std::chrono::milliseconds{100});
  return result;
}

std::string path_segment(const std::string& text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  static const std::string plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-._~";
  std::string made;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (plain.find(each) != std::string::npos)
      made += each;
    else
      made.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return made;
}

} // namespace grape::ctl
