// What an HTTP request has beside JSON. The first byte says what the rest is: the claims of a token
// that is signed well, any token, a body in parts, a compressed body, addresses of files.

#include "net/http/access.hpp"
#include "net/http/content_coding.hpp"
#include "net/http/multipart.hpp"
#include "net/http/token.hpp"
#include "net/http/url.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/net/http/signed_token.hpp"

#include <string>

using namespace grape;
using namespace grape::http;

namespace {

constexpr std::string_view secret = "secret";
constexpr std::uint64_t now_s = 1'000'000;

void check_token(std::string_view token) {
  const auto grant = admit({std::string(secret), "reader", true}, token, now_s);
  if (!grant)
    fuzz::check_refusal(grant.error(), {errc::unauthenticated, errc::forbidden});
  else if (grant->reaches != access_grant::scope::manage)
    GRAPE_CHECK(!check_access(*grant, need::manage, "c").ok());
}

/// What a field holds must not depend on how its body comes.
outcome<std::string> field_of(std::string_view kind, std::string_view body, std::size_t piece) {
  auto reader = multipart_reader::create(kind, "snapshot");
  if (!reader)
    return reader.error();
  std::string found;
  const auto keep = [&](std::string_view bytes) {
    found += bytes;
    return status{};
  };
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size())))
    if (auto taken = reader->take(body.substr(0, piece), keep); !taken.ok())
      return taken;
  if (auto whole = reader->finish(); !whole.ok())
    return whole;
  return found;
}

void check_parts(std::string_view kind, std::string_view body) {
  const auto whole = field_of(kind, body, std::max<std::size_t>(1, body.size()));
  for (const std::size_t piece : {1, 7}) {
    const auto pieces = field_of(kind, body, piece);
    GRAPE_CHECK(pieces.ok() == whole.ok());
    if (whole.ok())
      GRAPE_CHECK(*pieces == *whole);
    else
      fuzz::check_refusal(pieces.error(), {errc::malformed});
  }
}

void check_coding(std::string_view input) {
  constexpr std::uint64_t bytes_max = 1u << 16;
  for (const auto coding : {content_coding::gzip, content_coding::deflate}) {
    const auto plain = decompressed(input, bytes_max, [](std::size_t) { return true; });
    if (plain.ok())
      GRAPE_CHECK(plain->size() <= bytes_max);
    else
      fuzz::check_refusal(plain.error(), {errc::malformed, errc::too_large});
    if (input.size() <= bytes_max)
      GRAPE_CHECK(*decompressed(compressed(input, coding), bytes_max, [](std::size_t) {
        return true;
      }) == input);
  }
}

void check_addresses(std::string_view url, std::string_view location) {
  const auto first = parse_http_url(url);
  if (!first)
    return;
  GRAPE_CHECK(first->target.starts_with('/'));
  GRAPE_CHECK(!first->host.empty() && !first->port.empty());
  const auto next = redirected(*first, location);
  if (!next)
    return;
  GRAPE_CHECK(next->target.starts_with('/'));
  if (!next->is_same_server(*first))
    GRAPE_CHECK(next->user.empty() || location.find('@') != location.npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  if (count == 0)
    return 0;
  const auto input = fuzz::text_of(from + 1, count - 1);
  const auto [line, rest] = fuzz::split(input, '\n');
  switch (from[0] % 5) {
    case 0: check_token(signed_token(input, secret)); break;
    case 1: check_token(input); break;
    case 2: check_parts(line, rest); break;
    case 3: check_coding(input); break;
    default: check_addresses(line, rest); break;
  }
  return 0;
}
