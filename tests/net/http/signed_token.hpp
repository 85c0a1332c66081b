#pragma once

#include "net/http/token.hpp"

#include <string>
#include <string_view>

namespace grape::http {

inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned collected = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    collected = (collected << 8) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 6; bits -= 6)
      text.push_back(digits[(collected >> (bits - 6)) & 63u]);
  }
  if (bits > 0)
    text.push_back(digits[(collected << (6 - bits)) & 63u]);
  return text;
}

/// A JSON Web Token with these claims.
inline std::string signed_token(std::string_view claims, std::string_view secret,
                                std::string_view header = R"({"alg":"HS256","typ":"JWT"})") {
  const auto text = base64url(header) + "." + base64url(claims);
  return text + "." + base64url(hmac_sha256(secret, text));
}

} // namespace grape::http
