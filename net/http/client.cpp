#include "net/http/client.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace grape::http {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t answer_bytes_max = std::size_t{1} << 30;

/// So often somebody who waits is asked whether he has given up.
constexpr std::chrono::milliseconds look_every{100};

status failure(int error) {
  return {errc::unavailable, std::strerror(error)};
}

/// One connection until a point in time.
class connection {
public:
  connection(steady_clock::time_point until, std::function<bool()> given_up)
    : until_(until)
    , given_up_(std::move(given_up)) {}

  ~connection() {
    if (socket_ >= 0)
      ::close(socket_);
  }

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  status open(const std::string& host, const std::string& port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found); error != 0)
      return {errc::unavailable, ::gai_strerror(error)};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all{found, ::freeaddrinfo};
    socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0)
      return failure(errno);
    if (::connect(socket_, found->ai_addr, found->ai_addrlen) == 0)
      return {};
    if (errno != EINPROGRESS)
      return failure(errno);
    if (auto ready = wait(POLLOUT); !ready.ok())
      return ready;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = errno;
    return error == 0 ? status{} : failure(error);
  }

  status send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      else if (errno != EAGAIN && errno != EINTR)
        return failure(errno);
      else if (auto ready = wait(POLLOUT); !ready.ok())
        return ready;
    }
    return {};
  }

  /// Everything until the other side closes.
  outcome<std::string> receive() {
    std::string all;
    char part[16'384];
    for (;;) {
      const auto came = ::recv(socket_, part, sizeof part, 0);
      if (came == 0)
        return all;
      if (came > 0)
        all.append(part, static_cast<std::size_t>(came));
      else if (errno != EAGAIN && errno != EINTR)
        return failure(errno);
      else if (auto ready = wait(POLLIN); !ready.ok())
        return ready;
      if (all.size() > answer_bytes_max)
        return status{errc::too_large, "an answer of more than 1 GiB"};
    }
  }

private:
  status wait(short for_what) const {
    using std::chrono::milliseconds;
    for (;;) {
      if (given_up_ && given_up_())
        return {errc::cancelled, "given up"};
      const auto left = std::chrono::duration_cast<milliseconds>(until_ - steady_clock::now());
      if (left.count() <= 0)
        return {errc::timed_out, "no answer in time"};
      pollfd waited{socket_, for_what, 0};
      if (::poll(&waited, 1, static_cast<int>(std::min(left + milliseconds{1}, look_every).count()))
          != 0)
        return {};
    }
  }

  steady_clock::time_point until_;
  std::function<bool()> given_up_;
  int socket_ = -1;
};

/// Of an answer that ended with its connection.
outcome<client_answer> parse(const std::string& all) {
  constexpr std::string_view opening = "HTTP/1.1 ";
  constexpr std::string_view end_of_head = "\r\n\r\n";
  const auto head = all.find(end_of_head);
  client_answer made;
  const auto* digits = all.data() + opening.size();
  if (head == std::string::npos || !all.starts_with(opening)
      || std::from_chars(digits, digits + 3, made.status).ptr != digits + 3)
    return status{errc::malformed, "not an HTTP answer"};
  made.body = all.substr(head + end_of_head.size());
  constexpr std::string_view length = "\r\nContent-Length: ";
  if (const auto at = all.find(length); at < head) {
    std::size_t bytes = 0;
    (void)std::from_chars(all.data() + at + length.size(), all.data() + head, bytes);
    if (made.body.size() != bytes)
      return status{errc::unavailable, "the answer is cut"};
  }
  return made;
}

} // namespace

outcome<client_answer> post(const std::string& host_and_port, const std::string& path,
                            const std::string& body, std::chrono::milliseconds patience,
                            std::function<bool()> given_up, const std::string& api_key) {
  return ask("POST", host_and_port, path, body, patience, std::move(given_up), api_key);
}

outcome<client_answer> ask(const std::string& method, const std::string& host_and_port,
                           const std::string& path, const std::string& body,
                           std::chrono::milliseconds patience, std::function<bool()> given_up,
                           const std::string& api_key) {
  const auto colon = host_and_port.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return status{errc::malformed, "`" + host_and_port + "` is not host:port"};
  auto host = host_and_port.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  connection way{steady_clock::now() + patience, std::move(given_up)};
  if (auto opened = way.open(host, host_and_port.substr(colon + 1)); !opened.ok())
    return opened;
  const auto key = api_key.empty() ? std::string{} : "\r\napi-key: " + api_key;
  if (auto sent = way.send(method + " " + path + " HTTP/1.1\r\nHost: " + host_and_port + key
                           + "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                             "Content-Length: "
                           + std::to_string(body.size()) + "\r\n\r\n" + body);
      !sent.ok())
    return sent;
  const auto all = way.receive();
  return all ? parse(*all) : all.error();
}

} // namespace grape::http
