#include "net/tcp_probe.hpp"

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace grape {

tcp_probe::tcp_probe(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) {
    answer_ = answer::unknown;
    return;
  }
  socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0)
    error_ = errno;
  else if (::connect(socket_, found->ai_addr, found->ai_addrlen) == 0)
    answer_ = answer::open;
  else if (errno != EINPROGRESS)
    error_ = errno;
  ::freeaddrinfo(found);
}

tcp_probe::~tcp_probe() {
  if (socket_ >= 0)
    ::close(socket_);
}

outcome<tcp_probe::answer> tcp_probe::look() {
  if (answer_ == answer::pending && error_ == 0) {
    pollfd waited{socket_, POLLOUT, 0};
    if (::poll(&waited, 1, 0) > 0) {
      socklen_t size = sizeof error_;
      if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error_, &size) != 0)
        error_ = errno;
      if (error_ == 0)
        answer_ = answer::open;
    }
  }
  if (error_ != 0)
    return status{errc::unavailable, std::strerror(error_)};
  return answer_;
}

} // namespace grape
