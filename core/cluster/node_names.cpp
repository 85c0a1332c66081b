#include "core/cluster/node_names.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>

namespace grape::cluster {

namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t host_bytes_max = 255; // Of the domain name system.

} // namespace

bool is_node_name(std::string_view text) noexcept {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !text.empty() && text.size() <= name_bytes_max
         && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_host_and_port(std::string_view text) noexcept {
  const auto colon = text.rfind(':');
  if (colon == 0 || colon == std::string_view::npos || colon > host_bytes_max)
    return false;
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  return read.ec == std::errc{} && read.ptr == end && port > 0;
}

} // namespace grape::cluster
