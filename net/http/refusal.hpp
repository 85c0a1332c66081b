#pragma once

#include "core/status.hpp"
#include "net/http/message.hpp"

namespace grape::http {

/// How a failed request looks to a client: the only place where `errc` becomes an HTTP status and
/// Qdrant's opening words. A 5xx that surely changed nothing says so: `"grape": {"applied":
/// false}`. `seconds` is the time spent so far.
response refusal(const status& why, double seconds);

} // namespace grape::http
