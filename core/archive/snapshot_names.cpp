#include "core/archive/snapshot_names.hpp"

#include "core/hex_digit.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace grape::archive {

namespace {

constexpr std::string_view ending = ".snapshot";
constexpr std::string_view file_scheme = "file://";
/// With what comes behind it a name stays below the 255 bytes of a file's name.
constexpr std::size_t owner_bytes_max = 160;

/// What is not a valid escape stays as it is.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0
                         && hex_digit(text[i + 2]) >= 0;
    out +=
        escaped ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    i += escaped ? 2 : 0;
  }
  return out;
}

/// The beginning of it, no character cut in two.
std::string_view shortened(std::string_view owner) {
  if (owner.size() <= owner_bytes_max)
    return owner;
  auto end = owner_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(owner[end]) & 0xC0) == 0x80)
    --end;
  return owner.substr(0, end);
}

} // namespace

std::string time_stamp(std::uint64_t unix_s) {
  using namespace std::chrono;
  const sys_seconds at{seconds{unix_s}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u-%02d-%02d-%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string snapshot_name(std::string_view owner, std::uint32_t node, std::uint64_t unix_s,
                          const std::set<std::string>& taken) {
  const auto whose = std::string(shortened(owner));
  const auto stem = whose + "-" + std::to_string(node) + "-" + time_stamp(unix_s);
  auto name = stem + std::string(ending);
  for (int again = 2; taken.contains(name); ++again)
    name = stem + "-" + std::to_string(again) + std::string(ending);
  return name;
}

bool is_snapshot_name(std::string_view name) noexcept {
  return name.size() > ending.size() && name.ends_with(ending)
         && name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

std::string checksum_name(std::string_view snapshot) {
  return std::string(snapshot) + ".checksum";
}

outcome<std::string> path_of_file_url(std::string_view url) {
  const auto rest = url.substr(std::min(url.size(), file_scheme.size()));
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto host = rest.substr(0, slash);
  if (!is_file_url(url) || slash == rest.size() || (!host.empty() && host != "localhost"))
    return status{errc::bad_request,
                  "Invalid snapshot URI, file path must be absolute or on localhost"};
  auto path = percent_decoded(rest.substr(slash));
  if (path.find('\0') != std::string::npos) // The system would take it for the end of the path.
    return status{errc::bad_request, "Invalid snapshot URI, a path has no zero bytes"};
  return path;
}

bool is_file_url(std::string_view url) noexcept {
  return url.starts_with(file_scheme);
}

bool is_sha256_text(std::string_view text) noexcept {
  return text.size() == 64
         && std::all_of(text.begin(), text.end(), [](char c) { return hex_digit(c) >= 0; });
}

} // namespace grape::archive
