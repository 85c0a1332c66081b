#pragma once

#include "tools/bench/http_connection.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace grape::bench {

/// How many keys there are; a request for each, in an order that is drawn.
inline constexpr std::uint32_t write_keys = 10'000;

/// One point each, whose payload holds the value. Answered when the write is committed.
std::vector<std::string> grape_writes(const http_address& to, std::string_view collection,
                                      std::size_t value_bytes, std::uint64_t seed);

/// The same keys and values for the HTTP gateway of etcd, which wants both in base64.
std::vector<std::string> etcd_writes(const http_address& to, std::size_t value_bytes,
                                     std::uint64_t seed);

} // namespace grape::bench
