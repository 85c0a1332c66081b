#pragma once

#include "core/outcome.hpp"
#include "net/http/access.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::http {

/// HMAC-SHA-256 (RFC 2104) of `text`: 32 bytes.
std::string hmac_sha256(std::string_view secret, std::string_view text);

/// base64url without padding (RFC 4648, 5). Error: malformed.
outcome<std::string> decode_base64url(std::string_view text);

/// What a JSON Web Token (RFC 7519) signed with HS256 allows. `exp` may be 30 s ago, because clocks
/// differ. Errors: malformed (no such token), forbidden (signature, time), unauthenticated
/// (claims that are not allowed).
outcome<access_grant> read_token(std::string_view token, std::string_view secret,
                                 std::uint64_t unix_s);

} // namespace grape::http
