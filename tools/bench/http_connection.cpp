#include "tools/bench/http_connection.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace grape::bench {

namespace {

status refused_by_system(const std::string& what) {
  return {errc::io_error, what + ": " + std::strerror(errno)};
}

template <class Number>
bool read_number(std::string_view text, Number& to) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && stop == text.data() + text.size();
}

bool same_name(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i]) != lower[i])
      return false;
  return true;
}

/// One "Name: value" line. False: it does not fit.
bool read_field(std::string_view line, http_answer& to, std::optional<std::size_t>& length) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return false;
  const auto name = line.substr(0, colon);
  auto value = line.substr(colon + 1);
  while (!value.empty() && value.front() == ' ')
    value.remove_prefix(1);
  if (same_name(name, "content-length"))
    return read_number(value, length.emplace());
  if (same_name(name, "retry-after"))
    return read_number(value, to.retry_after_s.emplace());
  if (same_name(name, "connection"))
    to.closes = same_name(value, "close");
  return true;
}

} // namespace

outcome<http_address> read_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const auto wrong = status{errc::invalid, "not of the form http://HOST:PORT: " + std::string(url)};
  if (!url.starts_with(scheme))
    return wrong;
  auto rest = url.substr(scheme.size());
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  http_address made;
  const auto colon = rest.rfind(':');
  made.host = rest.substr(0, colon);
  if (colon != std::string_view::npos && !read_number(rest.substr(colon + 1), made.port))
    return wrong;
  if (made.host.empty() || made.host.find('/') != std::string::npos)
    return wrong;
  return made;
}

std::string render_request(const http_address& to, std::string_view method, std::string_view path,
                           std::string_view body) {
  std::string text;
  text.reserve(body.size() + 160);
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(to.host);
  text.append(":").append(std::to_string(to.port)).append("\r\n");
  if (!body.empty())
    text.append("Content-Type: application/json\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n");
  return text.append("\r\n").append(body);
}

outcome<std::optional<http_answer>> take_answer(std::string& received) {
  const std::string_view all = received;
  const auto head_end = all.find("\r\n\r\n");
  if (head_end == std::string_view::npos)
    return std::optional<http_answer>{};
  const auto wrong = status{errc::malformed, "no HTTP answer that a bench can read"};
  auto head = all.substr(0, head_end);
  http_answer made;
  if (!head.starts_with("HTTP/1.1 ") || !read_number(head.substr(9, 3), made.status))
    return wrong;
  std::optional<std::size_t> length;
  for (auto line_end = head.find("\r\n"); line_end != std::string_view::npos;
       line_end = head.find("\r\n")) {
    head.remove_prefix(line_end + 2);
    if (!read_field(head.substr(0, head.find("\r\n")), made, length))
      return wrong;
  }
  if (!length)
    return wrong;
  const auto end = head_end + 4 + *length;
  if (all.size() < end)
    return std::optional<http_answer>{};
  made.body = all.substr(head_end + 4, *length);
  received.erase(0, end);
  return std::optional{std::move(made)};
}

outcome<http_connection> http_connection::open(const http_address& to) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(to.port);
  if (const auto failed = getaddrinfo(to.host.c_str(), port.c_str(), &wanted, &found); failed != 0)
    return status{errc::io_error, to.host + ": " + gai_strerror(failed)};
  auto last = status{errc::io_error, to.host + ": no address"};
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    const auto made = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
    if (made >= 0 && connect(made, one->ai_addr, one->ai_addrlen) == 0) {
      const int yes = 1;
      setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      freeaddrinfo(found);
      return http_connection{made};
    }
    last = refused_by_system("connecting to " + to.host + ":" + port);
    if (made >= 0)
      close(made);
  }
  freeaddrinfo(found);
  return last;
}

http_connection::http_connection(http_connection&& other) noexcept
  : socket_(std::exchange(other.socket_, -1))
  , received_(std::move(other.received_)) {
}

http_connection& http_connection::operator=(http_connection&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(received_, other.received_);
  return *this;
}

http_connection::~http_connection() {
  if (socket_ >= 0)
    close(socket_);
}

status http_connection::send(std::string_view request) {
  while (!request.empty()) {
    const auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR)
      return refused_by_system("sending");
    if (sent > 0)
      request.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

outcome<std::optional<http_answer>> http_connection::receive() {
  char piece[16'384];
  for (;;) {
    const auto got = recv(socket_, piece, sizeof piece, MSG_DONTWAIT);
    if (got > 0) {
      received_.append(piece, static_cast<std::size_t>(got));
      if (static_cast<std::size_t>(got) < sizeof piece)
        return take_answer(received_);
      continue;
    }
    if (got == 0)
      return status{errc::io_error, "the node closed the connection"};
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return take_answer(received_);
    if (errno != EINTR)
      return refused_by_system("receiving");
  }
}

outcome<http_answer> http_connection::ask(std::string_view request) {
  if (auto sent = send(request); !sent.ok())
    return sent;
  for (;;) {
    pollfd wait{socket_, POLLIN, 0};
    if (poll(&wait, 1, 60'000) == 0)
      return status{errc::timed_out, "no answer within 60 s"};
    auto got = receive();
    if (!got)
      return std::move(got).error();
    if (*got)
      return std::move(**got);
  }
}

} // namespace grape::bench
