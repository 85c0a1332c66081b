#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace grape::test {

struct raw_answer {
  int status = 0; ///< 0 = the connection ended first.
  std::map<std::string, std::string> fields; ///< Names in lower case.
  std::string body;
};

/// A client without manners: sends any bytes, in any pieces, and may leave at any moment.
class raw_client {
public:
  explicit raw_client(std::uint16_t port, int receive_buffer = 0)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }

  raw_client(raw_client&& from) noexcept
    : socket_(std::exchange(from.socket_, -1))
    , connected_(from.connected_)
    , read_(std::move(from.read_)) {
  }

  ~raw_client() { leave(); }

  bool connected() const { return connected_; }

  void leave() {
    if (socket_ >= 0)
      ::close(std::exchange(socket_, -1));
  }

  /// Leaves with a reset instead of an orderly end.
  void vanish() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    leave();
  }

  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  /// False if the other side does not take all of it.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next whole answer.
  raw_answer receive(bool with_body = true) {
    raw_answer answer;
    std::size_t end = std::string::npos;
    while ((end = read_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more())
        return answer;
    parse_head(read_.substr(0, end), answer);
    read_.erase(0, end + 4);
    const auto length = std::strtoull(answer.fields["content-length"].c_str(), nullptr, 10);
    while (with_body && read_.size() < length)
      if (!read_more())
        return raw_answer{};
    if (with_body) {
      answer.body = read_.substr(0, length);
      read_.erase(0, length);
    }
    return answer;
  }

  raw_answer ask(std::string_view text) {
    send(text);
    return receive();
  }

  /// True if the other side ends the connection, whatever it sends before, within the patience.
  bool ended() {
    while (read_more()) {
    }
    return last_ == 0 || errno == ECONNRESET;
  }

  int native() const { return socket_; }

private:
  bool read_more() {
    char piece[65536];
    last_ = ::recv(socket_, piece, sizeof piece, 0);
    if (last_ > 0)
      read_.append(piece, static_cast<std::size_t>(last_));
    return last_ > 0;
  }

  static void parse_head(const std::string& head, raw_answer& answer) {
    REQUIRE(head.starts_with("HTTP/1.1 "));
    answer.status = std::atoi(head.c_str() + 9);
    for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
      const auto colon = head.find(": ", at);
      auto name = head.substr(at + 2, colon - at - 2);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      answer.fields[name] = head.substr(colon + 2, head.find("\r\n", colon) - colon - 2);
    }
  }

  int socket_;
  bool connected_ = false;
  std::string read_;
  ssize_t last_ = 0;
};

} // namespace grape::test
