#include "net/http/fetch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <filesystem>
#include <optional>
#include <utility>
#include <variant>

namespace grape::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds stall_patience{60};
constexpr int redirections_max = 5;

struct address {
  bool secure = false;
  std::string host;
  std::string port;
  std::string target;
};

outcome<address> parse(const std::string& url) {
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secure = "https://";
  address made{.secure = url.starts_with(secure), .host = {}, .port = {}, .target = {}};
  if (!made.secure && !url.starts_with(plain))
    return status{errc::bad_request, "`" + url + "` is not an http or https URL"};
  const auto rest = url.substr(made.secure ? secure.size() : plain.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  const auto target = rest.substr(slash);
  made.target = (target.empty() ? "/" : target).substr(0, target.find('#'));
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.back() != ']';
  made.host = authority.substr(0, has_port ? colon : authority.size());
  made.port = has_port ? authority.substr(colon + 1) : made.secure ? "443" : "80";
  if (made.host.size() > 2 && made.host.front() == '[')
    made.host = made.host.substr(1, made.host.size() - 2);
  if (made.host.empty() || made.port.empty() || made.target.find('\r') != std::string::npos)
    return status{errc::bad_request, "`" + url + "` names no host"};
  return made;
}

struct job {
  const std::string& path;
  const std::string& api_key;
  std::uint64_t bytes_max;
};

/// Where to go on, or how many bytes came.
using step = std::variant<std::uint64_t, std::string>;

status not_from(const address& of, const std::string& why) {
  return {errc::bad_request, "cannot get " + of.target + " from " + of.host + ": " + why};
}

template <class Stream>
asio::awaitable<outcome<step>> get(Stream& from, const address& of, const job& what) {
  namespace beast_http = beast::http;
  beast_http::request<beast_http::empty_body> asked{beast_http::verb::get, of.target, 11};
  asked.set(beast_http::field::host, of.host);
  asked.set(beast_http::field::user_agent, "grape");
  if (!what.api_key.empty())
    asked.set("api-key", what.api_key);
  auto& lowest = beast::get_lowest_layer(from);
  lowest.expires_after(stall_patience);
  co_await beast_http::async_write(from, asked, asio::use_awaitable);

  beast::flat_buffer buffer;
  beast_http::response_parser<beast_http::file_body> parser;
  parser.body_limit(what.bytes_max);
  co_await beast_http::async_read_header(from, buffer, parser, asio::use_awaitable);
  const auto code = parser.get().result_int();
  if (code >= 300 && code < 400 && parser.get().count(beast_http::field::location) > 0)
    co_return step{std::string(parser.get()[beast_http::field::location])};
  if (code != 200)
    co_return not_from(of, "the answer is " + std::to_string(code));

  beast::error_code failed;
  parser.get().body().open(what.path.c_str(), beast::file_mode::write, failed);
  if (failed)
    co_return status{errc::io_error, what.path + ": " + failed.message()};
  while (!parser.is_done()) {
    lowest.expires_after(stall_patience);
    co_await beast_http::async_read_some(from, buffer, parser, asio::use_awaitable);
  }
  parser.get().body().close();
  std::error_code unknown;
  const std::uint64_t bytes = std::filesystem::file_size(what.path, unknown);
  if (unknown)
    co_return status{errc::io_error, what.path + ": " + unknown.message()};
  co_return step{bytes};
}

asio::awaitable<outcome<step>> go(asio::io_context& on, const address& of, const job& what) {
  tcp::resolver resolver{on};
  const auto found = co_await resolver.async_resolve(of.host, of.port, asio::use_awaitable);
  if (!of.secure) {
    beast::tcp_stream plain{on};
    plain.expires_after(stall_patience);
    co_await plain.async_connect(found, asio::use_awaitable);
    co_return co_await get(plain, of, what);
  }
  asio::ssl::context trust{asio::ssl::context::tls_client};
  trust.set_default_verify_paths();
  trust.set_verify_mode(asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> secure{on, trust};
  secure.set_verify_callback(asio::ssl::host_name_verification{of.host});
  SSL_set_tlsext_host_name(secure.native_handle(), of.host.c_str());
  beast::get_lowest_layer(secure).expires_after(stall_patience);
  co_await beast::get_lowest_layer(secure).async_connect(found, asio::use_awaitable);
  co_await secure.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await get(secure, of, what);
}

outcome<step> once(const address& of, const job& what) {
  asio::io_context loop{1};
  std::optional<outcome<step>> end;
  std::exception_ptr thrown;
  const auto whole = [&]() -> asio::awaitable<void> { end.emplace(co_await go(loop, of, what)); };
  asio::co_spawn(loop, whole, [&](std::exception_ptr failed) { thrown = std::move(failed); });
  loop.run();
  try {
    if (thrown)
      std::rethrow_exception(thrown);
    return std::move(*end);
  } catch (const boost::system::system_error& failed) {
    if (failed.code() == beast::error::timeout)
      return status{errc::timed_out, of.host + " sent nothing for a minute"};
    if (failed.code() == beast::http::error::body_limit)
      return status{errc::too_large, of.target + " is larger than there is room for"};
    return not_from(of, failed.code().message());
  }
}

/// A redirection may name its target in full, or on the same server.
std::string resolved(const address& from, const std::string& location) {
  if (!location.starts_with('/'))
    return location;
  return (from.secure ? "https://" : "http://") + from.host + ":" + from.port + location;
}

} // namespace

outcome<std::uint64_t> fetch(const std::string& url, const std::string& path,
                             const std::string& api_key, std::uint64_t bytes_max) {
  auto at = url;
  auto key = api_key;
  for (int turn = 0; turn <= redirections_max; ++turn) {
    const auto where = parse(at);
    if (!where)
      return where.error();
    auto got = once(*where, {path, key, bytes_max});
    if (!got)
      return std::move(got).error();
    if (const auto* bytes = std::get_if<std::uint64_t>(&*got))
      return *bytes;
    at = resolved(*where, std::get<std::string>(*got));
    key.clear(); // It was meant for the server that was named.
  }
  return status{errc::bad_request, "too many redirections from " + url};
}

} // namespace grape::http
