#include "tools/grapectl/dev_certs.hpp"

#include "net/tls_authority.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

namespace grape::ctl {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t year_s = 365 * 24 * hour_s;

status write_new(const fs::path& path, const std::string& text, unsigned mode) {
  const auto file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0)
    return {errc::bad_request, path.string() + ": " + std::strerror(errno)};
  const auto written = ::write(file, text.data(), text.size());
  const auto closed = ::close(file);
  if (written != static_cast<ssize_t>(text.size()) || closed != 0)
    return {errc::io_error, path.string() + ": cannot be written in full"};
  return {};
}

/// The key first: a certificate without one is of no use to anybody.
status write_new(const fs::path& directory, const std::string& name, const tls_credentials& made) {
  if (auto kept = write_new(directory / (name + "-key.pem"), made.key, 0600); !kept.ok())
    return kept;
  return write_new(directory / (name + ".pem"), made.certificate, 0644);
}

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

outcome<tls_credentials> authority_of(const fs::path& directory, tls_validity valid) {
  if (fs::exists(directory / "ca.pem"))
    return tls_credentials{text_of(directory / "ca.pem"), text_of(directory / "ca-key.pem")};
  auto made = make_tls_authority("Grape test CA", valid);
  if (made)
    if (auto kept = write_new(directory, "ca", *made); !kept.ok())
      return kept;
  return made;
}

status make_all(const fs::path& directory, const std::vector<std::string>& nodes) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed)
    return {errc::bad_request, directory.string() + ": " + failed.message()};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  const tls_validity valid{now_s - hour_s, now_s + year_s};
  const auto authority = authority_of(directory, valid);
  if (!authority)
    return authority.error();
  for (const auto& name : nodes) {
    const auto made = issue_tls_certificate(*authority, name, valid);
    if (!made)
      return {made.error().code, (directory / "ca.pem").string() + ": " + made.error().detail};
    if (auto kept = write_new(directory, name, *made); !kept.ok())
      return kept;
  }
  return {};
}

} // namespace

exit_code make_dev_certificates(const std::string& directory,
                                const std::vector<std::string>& nodes) {
  for (const auto& name : nodes)
    if (name.find('/') != std::string::npos || name == "ca" || name.empty()) {
      std::cerr << "grapectl: `" << name << "` cannot be the name of a node here\n";
      return exit_code::wrong_usage;
    }
  if (const auto made = make_all(directory, nodes); !made.ok()) {
    std::cerr << "grapectl: " << made.detail << "\n";
    return exit_code::refused;
  }
  const auto at = fs::absolute(directory).lexically_normal();
  for (const auto& name : nodes)
    std::cout << "# " << name << "\n[peer]\ntls_cert = " << at / (name + ".pem")
              << "\ntls_key = " << at / (name + "-key.pem") << "\ntls_ca = " << at / "ca.pem"
              << "\n";
  return exit_code::ok;
}

} // namespace grape::ctl
