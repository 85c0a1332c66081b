#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>

/// Getting a file from elsewhere over HTTP or HTTPS, from a thread that may block.
namespace grape::http {

/// GETs `url` into a new file at `path`, following up to five redirections; what comes goes to the
/// disk as it comes. `api_key`: sent as such to the first server if it is not empty. HTTPS checks
/// the certificate against those of the system. Returns the bytes. Errors: bad_request (no URL of
/// that kind; nobody answers there; an answer other than 200), too_large (above `bytes_max`),
/// timed_out (a minute without a byte), io_error (the file). Something may be left at `path` then.
outcome<std::uint64_t> fetch(const std::string& url, const std::string& path,
                             const std::string& api_key, std::uint64_t bytes_max);

} // namespace grape::http
