#pragma once

#include <cstdint>
#include <string>

namespace grape::http {

/// Milliseconds since 1970 as "2026-11-28T20:15:03.250Z".
std::string instant_text(std::uint64_t unix_ms);

} // namespace grape::http
