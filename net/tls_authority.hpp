#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>

namespace grape {

/// A certificate and its private key, each as PEM text.
struct tls_credentials {
  std::string certificate;
  std::string key;
};

/// Seconds since 1970, the last excluded.
struct tls_validity {
  std::int64_t from_s = 0;
  std::int64_t to_s = 0;
};

/// What a certificate is good for.
enum class tls_purpose : std::uint8_t { client_and_server, client, server };

/// A new CA for one cluster (P-256), that signs itself. For tests and first steps: whoever has its
/// key can join the cluster. Errors: internal (OpenSSL refused).
outcome<tls_credentials> make_tls_authority(const std::string& name, tls_validity valid);

/// A new certificate and key for `name` (P-256), signed by `authority`. Errors: bad_config
/// (`authority` is no CA with its key), internal.
outcome<tls_credentials>
issue_tls_certificate(const tls_credentials& authority, const std::string& name, tls_validity valid,
                      tls_purpose good_for = tls_purpose::client_and_server);

} // namespace grape
