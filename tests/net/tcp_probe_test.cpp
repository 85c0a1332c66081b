#include "net/tcp_probe.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace grape;

namespace {

/// A port on loopback that is bound, and listened at if so wished.
struct loopback_port {
  loopback_port() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    number = ntohs(at.sin_port);
  }

  ~loopback_port() { ::close(socket); }

  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t number = 0;
};

outcome<tcp_probe::answer> known(tcp_probe& probe) {
  auto answer = probe.look();
  while (answer.ok() && *answer == tcp_probe::answer::pending) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    answer = probe.look();
  }
  return answer;
}

} // namespace

TEST_SUITE("net.tcp_probe") {
  TEST_CASE("a port is open only while somebody listens there") {
    const loopback_port port;
    tcp_probe early{"127.0.0.1", port.number};
    CHECK(known(early).error().code == errc::unavailable);
    CHECK(known(early).error().detail == "Connection refused");

    REQUIRE(::listen(port.socket, 1) == 0);
    tcp_probe late{"127.0.0.1", port.number};
    CHECK(known(late).value() == tcp_probe::answer::open);
  }

  TEST_CASE("a name is not looked up") {
    tcp_probe probe{"localhost", 1};
    CHECK(probe.look().value() == tcp_probe::answer::unknown);
  }
}
