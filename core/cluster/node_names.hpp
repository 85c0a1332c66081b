#pragma once

#include <string_view>

/// What nodes may be called, and where they may be found: wherever somebody says so.
namespace grape::cluster {

/// 1 to 64 of A-Z a-z 0-9 _ . -
bool is_node_name(std::string_view text) noexcept;

/// A name or an address of at most 255 bytes, a colon, and a port from 1 to 65,535.
bool is_host_and_port(std::string_view text) noexcept;

} // namespace grape::cluster
