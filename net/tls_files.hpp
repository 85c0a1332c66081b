#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>

namespace grape {

/// PEM files with which this node proves who it is, and knows who belongs to its cluster.
struct tls_files {
  std::string certificate; ///< This node's; certificates between it and the CA may follow it.
  std::string key;         ///< Its private key, not encrypted.
  std::string authority;   ///< The CA's certificate: whoever it signed for is let in.
};

/// Whether two nodes with such files will understand each other at `now_s` (seconds since 1970):
/// what TLS itself would only find out at the first connection. Errors: bad_config, naming the file
/// and the reason: not readable, not PEM, encrypted; key and certificate do not belong together;
/// the CA did not sign the certificate; a certificate has expired or is not valid yet, may not
/// serve as client and as server, or is too weak.
status check_tls_files(const tls_files& files, std::int64_t now_s);

/// From now on no TLS connection of this process is older than TLS 1.3, whoever makes it: CAF
/// offers no choice. Settings of the system (OPENSSL_CONF) no longer count. Call it before the
/// first connection. Errors: internal (OpenSSL refused; nothing changed).
status require_tls_1_3();

} // namespace grape
