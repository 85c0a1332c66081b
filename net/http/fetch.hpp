#pragma once

#include "core/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

/// Getting a file from elsewhere over HTTP or HTTPS, from a thread that may block.
namespace grape::http {

struct fetch_options {
  std::string api_key; ///< For the server that the URL names; empty: none.
  std::uint64_t bytes_max = 0;
  std::chrono::milliseconds within{std::chrono::hours{12}}; ///< All of it, redirections too.
  std::chrono::milliseconds stall{60'000};                  ///< Each MiB, and what comes before.
  std::function<bool()> given_up{}; ///< Asked several times a second; empty: nobody gives up.
};

/// GETs `url` into a new file at `path`, following up to five redirections; what comes goes to the
/// disk as it comes. A name and password in the URL are sent as such, to that server only. HTTPS
/// checks the certificate against those of the system. Returns the bytes. Errors, which never show
/// a password or a query: bad_request (no URL of that kind; nobody answers there; an answer other
/// than 200), too_large, timed_out, cancelled (`given_up`), io_error and no_space (the file).
/// Something may be left at `path` then.
outcome<std::uint64_t> fetch(const std::string& url, const std::string& path,
                             const fetch_options& how);

} // namespace grape::http
