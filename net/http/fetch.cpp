#include "net/http/fetch.hpp"

#include "net/http/url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/core/detail/base64.hpp>
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

constexpr int redirections_max = 5;
constexpr std::uint64_t pace_bytes = std::uint64_t{1} << 20;
constexpr std::chrono::milliseconds look_every{50};

using clock = std::chrono::steady_clock;

struct job {
  const std::string& path;
  const fetch_options& how;
  clock::time_point until;
};

/// Where to go on, or how many bytes came.
using step = std::variant<std::uint64_t, std::string>;

status not_from(const http_url& of, const std::string& why) {
  return {errc::bad_request, "cannot get " + of.shown() + ": " + why};
}

status not_written(const std::string& path, const boost::system::error_code& why) {
  const bool is_full = why == boost::system::errc::no_space_on_device;
  return {is_full ? errc::no_space : errc::io_error, path + ": " + why.message()};
}

/// RFC 7617.
std::string basic_credentials(const std::string& user) {
  std::string out(beast::detail::base64::encoded_size(user.size()), '\0');
  out.resize(beast::detail::base64::encode(out.data(), user.data(), user.size()));
  return "Basic " + out;
}

template <class Stream>
asio::awaitable<outcome<step>> get(Stream& from, const http_url& of, const job& what) {
  namespace beast_http = beast::http;
  beast_http::request<beast_http::empty_body> asked{beast_http::verb::get, of.target, 11};
  asked.set(beast_http::field::host, of.authority());
  asked.set(beast_http::field::user_agent, "grape");
  if (!what.how.api_key.empty())
    asked.set("api-key", what.how.api_key);
  if (!of.user.empty())
    asked.set(beast_http::field::authorization, basic_credentials(of.user));
  auto& lowest = beast::get_lowest_layer(from);
  lowest.expires_after(what.how.stall);
  co_await beast_http::async_write(from, asked, asio::use_awaitable);

  beast::flat_buffer buffer;
  beast_http::response_parser<beast_http::file_body> parser;
  parser.body_limit(what.how.bytes_max);
  co_await beast_http::async_read_header(from, buffer, parser, asio::use_awaitable);
  const auto code = parser.get().result_int();
  if (code >= 300 && code < 400 && parser.get().count(beast_http::field::location) > 0)
    co_return step{std::string(parser.get()[beast_http::field::location])};
  if (code != 200)
    co_return not_from(of, "the answer is " + std::to_string(code));

  beast::error_code failed;
  parser.get().body().open(what.path.c_str(), beast::file_mode::write, failed);
  if (failed)
    co_return not_written(what.path, failed);
  std::uint64_t paced = 0;
  while (!parser.is_done()) {
    if (const auto have = parser.get().body().file().pos(failed); have >= paced) {
      paced = have + pace_bytes;
      lowest.expires_after(what.how.stall);
    }
    co_await beast_http::async_read_some(from, buffer, parser, asio::use_awaitable);
  }
  parser.get().body().close();
  std::error_code unknown;
  const std::uint64_t bytes = std::filesystem::file_size(what.path, unknown);
  if (unknown)
    co_return status{errc::io_error, what.path + ": " + unknown.message()};
  co_return step{bytes};
}

asio::awaitable<outcome<step>> go(asio::io_context& on, const http_url& of, const job& what) {
  tcp::resolver resolver{on};
  const auto found = co_await resolver.async_resolve(of.host, of.port, asio::use_awaitable);
  if (!of.secure) {
    beast::tcp_stream plain{on};
    plain.expires_after(what.how.stall);
    co_await plain.async_connect(found, asio::use_awaitable);
    co_return co_await get(plain, of, what);
  }
  asio::ssl::context trust{asio::ssl::context::tls_client};
  trust.set_default_verify_paths();
  trust.set_verify_mode(asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> secure{on, trust};
  secure.set_verify_callback(asio::ssl::host_name_verification{of.host});
  SSL_set_tlsext_host_name(secure.native_handle(), of.host.c_str());
  beast::get_lowest_layer(secure).expires_after(what.how.stall);
  co_await beast::get_lowest_layer(secure).async_connect(found, asio::use_awaitable);
  co_await secure.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await get(secure, of, what);
}

/// Runs until it is over, nobody wants it any more, or its time is.
status run(asio::io_context& loop, const job& what, const http_url& of) {
  while (!loop.stopped()) {
    loop.run_for(look_every);
    if (loop.stopped())
      break;
    if (what.how.given_up && what.how.given_up())
      return {errc::cancelled, "getting " + of.shown() + " was given up"};
    if (clock::now() >= what.until)
      return {errc::timed_out, of.shown() + " did not come in time"};
  }
  return {};
}

outcome<step> once(const http_url& of, const job& what) {
  std::optional<outcome<step>> end;
  std::exception_ptr thrown;
  asio::io_context loop{1};
  const auto whole = [&]() -> asio::awaitable<void> { end.emplace(co_await go(loop, of, what)); };
  asio::co_spawn(loop, whole, [&](std::exception_ptr failed) { thrown = std::move(failed); });
  if (auto ran = run(loop, what, of); !ran.ok())
    return ran;
  try {
    if (thrown)
      std::rethrow_exception(thrown);
    return std::move(*end);
  } catch (const boost::system::system_error& failed) {
    if (failed.code() == beast::error::timeout)
      return status{errc::timed_out, of.shown() + " sends too slowly"};
    if (failed.code() == beast::http::error::body_limit)
      return status{errc::too_large, of.shown() + " is larger than there is room for"};
    if (failed.code() == boost::system::errc::no_space_on_device)
      return not_written(what.path, failed.code());
    return not_from(of, failed.code().message());
  }
}

} // namespace

outcome<std::uint64_t> fetch(const std::string& url, const std::string& path,
                             const fetch_options& how) {
  auto at = parse_http_url(url);
  auto asking = how;
  const auto until = clock::now() + how.within;
  for (int turn = 0; turn <= redirections_max; ++turn) {
    if (!at)
      return at.error();
    auto got = once(*at, {path, asking, until});
    if (!got)
      return std::move(got).error();
    if (const auto* bytes = std::get_if<std::uint64_t>(&*got))
      return *bytes;
    auto next = redirected(*at, std::get<std::string>(*got));
    if (next && !next->is_same_server(*at))
      asking.api_key.clear(); // It was meant for the server that was named.
    at = std::move(next);
  }
  return status{errc::bad_request, "too many redirections"};
}

} // namespace grape::http
