#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace grape::test {

/// A server without manners on a free loopback port: to each request, which has no body, it sends
/// the next of these texts and closes. An answer that ends with '~' is never ended: it stays open
/// until this goes.
class one_answer {
public:
  explicit one_answer(std::vector<std::string> answers)
    : answers_(std::move(answers))
    , listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }

  ~one_answer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const auto each : open_)
      ::close(each);
  }

  one_answer(const one_answer&) = delete;
  one_answer& operator=(const one_answer&) = delete;

  std::uint16_t port() const { return port_; }

  /// What was asked so far. Only when nobody asks.
  const std::vector<std::string>& asked() const { return asked_; }

private:
  void serve() {
    for (auto& answer : answers_) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0)
        return;
      std::string head;
      char piece[4096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        const auto came = ::recv(client, piece, sizeof piece, 0);
        if (came <= 0)
          break;
        head.append(piece, static_cast<std::size_t>(came));
      }
      asked_.push_back(head);
      const bool stays = answer.ends_with('~');
      if (stays)
        answer.pop_back();
      (void)::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      if (stays)
        open_.push_back(client);
      else
        ::close(client);
    }
  }

  std::vector<std::string> answers_;
  std::vector<std::string> asked_;
  std::vector<int> open_;
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace grape::test
