#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace grape::testing {

/// A TCP socket on loopback.
class loopback_socket {
public:
  explicit loopback_socket(int flags = 0)
    : handle_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {
    if (handle_ < 0)
      throw std::runtime_error("cannot make a socket");
  }

  ~loopback_socket() { ::close(handle_); }

  loopback_socket(const loopback_socket&) = delete;
  loopback_socket& operator=(const loopback_socket&) = delete;

  int handle() const { return handle_; }

  /// Any free port.
  std::uint16_t bind() const {
    auto at = address(0);
    socklen_t size = sizeof at;
    if (::bind(handle_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0
        || ::getsockname(handle_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::runtime_error("cannot bind a socket");
    return ntohs(at.sin_port);
  }

  int connect(std::uint16_t port) const {
    auto at = address(port);
    return ::connect(handle_, reinterpret_cast<sockaddr*>(&at), sizeof at);
  }

private:
  static sockaddr_in address(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }

  int handle_;
};

/// So many different ports that nobody had a moment ago.
inline std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<std::unique_ptr<loopback_socket>> held;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    held.push_back(std::make_unique<loopback_socket>());
    ports.push_back(held.back()->bind());
  }
  return ports;
}

} // namespace grape::testing
