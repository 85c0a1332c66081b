#pragma once

#include "core/outcome.hpp"

#include <chrono>
#include <functional>
#include <string>

/// Asking another node over HTTP, from a thread that may block.
namespace grape::http {

struct client_answer {
  unsigned status = 0;
  std::string body;
};

/// As `post`, by another method. A `body` that is empty is none.
outcome<client_answer> ask(const std::string& method, const std::string& host_and_port,
                           const std::string& path, const std::string& body,
                           std::chrono::milliseconds patience,
                           std::function<bool()> given_up = {}, const std::string& api_key = {});

/// POSTs JSON to `host:port` (a name or an address; IPv6 in brackets) and waits for the whole
/// answer. Errors: malformed (no address; what comes is not HTTP), unavailable with the system's
/// reason (nobody answers there, or not to the end), timed_out (after `patience`; looking the name
/// up may take longer), too_large (over 1 GiB), cancelled (`given_up`, which is asked several times
/// a second, said so; empty: nobody gives up). `api_key` is sent as such unless it is empty; no
/// line breaks in it.
outcome<client_answer> post(const std::string& host_and_port, const std::string& path,
                            const std::string& body, std::chrono::milliseconds patience,
                            std::function<bool()> given_up = {},
                            const std::string& api_key = {});

} // namespace grape::http
