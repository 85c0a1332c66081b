#include "net/http/server.hpp"

#include "core/check.hpp"
#include "net/http/server_session.hpp"
#include "net/http/server_state.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <new>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

namespace grape::http {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t listener_key = poller::first_key;
constexpr int accepted_at_once = 64; ///< Before others have their turn.

void name_this_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

/// What listen() and its kin say of an address. Empty: it is none.
struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  sockaddr* native() noexcept { return reinterpret_cast<sockaddr*>(&bytes); }
};

socket_address address_of(const std::string& text, std::uint16_t port) {
  boost::system::error_code failed;
  const auto parsed = boost::asio::ip::make_address(text, failed);
  socket_address made;
  if (failed)
    return made;
  if (parsed.is_v4()) {
    auto& four = reinterpret_cast<sockaddr_in&>(made.bytes);
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    four.sin_addr.s_addr = htonl(parsed.to_v4().to_uint());
    made.size = sizeof four;
  } else {
    auto& six = reinterpret_cast<sockaddr_in6&>(made.bytes);
    const auto bytes = parsed.to_v6().to_bytes();
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_scope_id = static_cast<std::uint32_t>(parsed.to_v6().scope_id());
    std::copy(bytes.begin(), bytes.end(), six.sin6_addr.s6_addr);
    made.size = sizeof six;
  }
  return made;
}

status cannot_listen(const server_options& options, int why) {
  const bool ours_to_change = why == EACCES || why == EADDRNOTAVAIL;
  return status{ours_to_change ? errc::bad_config : errc::io_error,
                "cannot listen on " + options.bind + ":" + std::to_string(options.port) + ": "
                  + std::strerror(why)};
}

/// How often somebody looks whether a deadline is over, and asks again for connections after the
/// system had no descriptor left.
milliseconds look_period(const server_options& limits) {
  const auto shortest = std::min(
    {limits.idle_timeout, limits.header_timeout, limits.stall_timeout, drain_grace});
  return std::clamp(shortest / 4, milliseconds{5}, milliseconds{250});
}

} // namespace

struct server::engine {
  explicit engine(std::shared_ptr<server_state> from) : state(std::move(from)) {
  }

  ~engine() { stop(); }

  status listen();
  void serve();
  void work();
  bool do_more();
  void look_after();
  void look(server_state::clock::time_point now);
  void accept_next();
  bool accept_some();
  void admit(int socket);
  void stop_accepting();
  bool drain(milliseconds within);
  void halt();
  void stop();

  std::shared_ptr<server_state> state;
  std::uint16_t port = 0;
  std::vector<std::thread> threads;
  std::mutex stopping;

  std::mutex accepting; // Protects what follows.
  int listener = -1;
  bool starved = false; ///< Out of descriptors when it accepted last.

  std::mutex looking; // Protects what follows.
  std::condition_variable halting;
  bool halted = false;
};

status server::engine::listen() {
  const auto& options = state->options;
  auto where = address_of(options.bind, options.port);
  if (where.size == 0)
    return status{errc::bad_config, "`" + options.bind + "` is not a numeric IP address"};
  if (auto opened = state->sockets.open(); !opened.ok())
    return opened;
  listener = ::socket(where.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  if (listener < 0
      || ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
      || ::bind(listener, where.native(), where.size) != 0
      || ::listen(listener, SOMAXCONN) != 0
      || ::getsockname(listener, where.native(), &where.size) != 0
      || !state->sockets.watch(listener, listener_key))
    return cannot_listen(options, errno);
  port = ntohs(where.bytes.ss_family == AF_INET
                 ? reinterpret_cast<const sockaddr_in&>(where.bytes).sin_port
                 : reinterpret_cast<const sockaddr_in6&>(where.bytes).sin6_port);
  return {};
}

void server::engine::serve() {
  threads.emplace_back([this] { look_after(); });
  for (std::uint32_t i = 0; i < state->options.io_threads; ++i)
    threads.emplace_back([this] { work(); });
}

void server::engine::work() {
  name_this_thread("grape-http");
  const auto& more_work = state->options.more_work;
  readiness told;
  while (state->sockets.next(told)) {
    try {
      if (told.key == listener_key)
        accept_next();
      else if (const auto found = state->sessions.find(told.key))
        found->ready(told);
    } catch (const std::exception&) {
      // Out of memory for one connection must not take the others along.
    }
    while (more_work && !state->sockets.is_closed() && do_more()) {
    }
  }
}

bool server::engine::do_more() {
  try {
    return state->options.more_work();
  } catch (const std::exception&) {
    return true; // One job's loss; others wait.
  }
}

// Deadlines are a field of the session and one look at all of them now and then: setting a timer
// for each read would cost more than the read.
void server::engine::look_after() {
  name_this_thread("grape-deadlines");
  const auto period = look_period(state->options);
  std::unique_lock lock{looking};
  while (!halting.wait_for(lock, period, [this] { return halted; })) {
    lock.unlock();
    try {
      look(server_state::clock::now());
    } catch (const std::exception&) {
      // Out of memory: there is a next time.
    }
    lock.lock();
  }
}

void server::engine::look(server_state::clock::time_point now) {
  for (const auto& each : state->sessions.all())
    each->expire(now);
  bool again = false;
  {
    const std::lock_guard guard{accepting};
    again = starved;
  }
  if (again)
    accept_next();
}

void server::engine::accept_next() {
  if (accept_some())
    state->sockets.post(listener_key);
}

/// False: nobody waits to be let in, or nobody can be.
bool server::engine::accept_some() {
  const std::lock_guard guard{accepting};
  starved = false;
  for (int left = accepted_at_once; listener >= 0 && left > 0;) {
    const auto made = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (made >= 0) {
      admit(made);
      --left;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // What is open must end first: asking again at once is no use.
      starved = errno != EAGAIN && errno != EWOULDBLOCK;
      return false;
    }
  }
  return listener >= 0;
}

void server::engine::admit(int socket) {
  ++state->accepted;
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const std::uint64_t most = state->options.connections_max;
  const auto open = state->open.load();
  if (open >= most)
    ++state->refused;
  // A few over the limit are kept for the moment that it takes to say why; more are just closed.
  if (open >= most + most / 8 + 16) {
    ::close(socket);
    return;
  }
  try {
    const auto made = std::make_shared<session>(state, socket, open >= most);
    socket = -1;
    made->start();
  } catch (const std::bad_alloc&) {
    if (socket >= 0)
      ::close(socket);
  }
}

// Whoever has connected already is let in: closing would reset them.
void server::engine::stop_accepting() {
  while (accept_some()) {
  }
  const std::lock_guard guard{accepting};
  if (listener >= 0)
    ::close(std::exchange(listener, -1));
}

bool server::engine::drain(milliseconds within) {
  const auto now = server_state::clock::now();
  const auto grace_end = now + std::min(drain_grace, within);
  state->grace_end = grace_end;
  state->draining = true;
  stop_accepting();
  {
    std::unique_lock hold{state->quiet_mutex};
    state->quiet.wait_until(hold, grace_end, [this] { return state->open == 0; });
    state->quiet.wait_until(hold, now + within, [this] { return state->active == 0; });
  }
  halt();
  return state->cut_off == 0;
}

void server::engine::halt() {
  state->draining = true;
  {
    const std::lock_guard guard{accepting};
    if (listener >= 0)
      ::close(std::exchange(listener, -1));
  }
  state->sessions.close();
  for (const auto& each : state->sessions.all())
    each->abort();
  state->sockets.close();
  {
    const std::lock_guard guard{looking};
    halted = true;
  }
  halting.notify_all();
}

// A connection may still be with a thread that brought its answer.
void server::engine::stop() {
  const std::lock_guard once{stopping};
  if (threads.empty())
    return;
  halt();
  for (auto& each : threads)
    each.join();
  threads.clear();
  std::unique_lock hold{state->quiet_mutex};
  state->quiet.wait(hold, [this] { return state->open == 0; });
}

server::server(std::unique_ptr<engine> from) : engine_(std::move(from)) {
}

server::~server() {
  stop();
}

outcome<std::unique_ptr<server>> server::start(server_options options, handler_fn handler) {
  GRAPE_CHECK(handler != nullptr && options.io_threads > 0);
  auto state = std::make_shared<server_state>();
  state->options = std::move(options);
  state->handler = std::move(handler);
  auto made = std::make_unique<engine>(std::move(state));
  if (auto listening = made->listen(); !listening.ok())
    return listening;
  made->serve();
  return std::unique_ptr<server>{new server{std::move(made)}};
}

std::uint16_t server::port() const noexcept {
  return engine_->port;
}

bool server::drain(milliseconds within) {
  return engine_->drain(within);
}

void server::halt() {
  engine_->halt();
}

void server::stop() {
  engine_->stop();
}

server_stats server::stats() const noexcept {
  const auto& state = *engine_->state;
  server_stats now;
  now.connections_open = state.open;
  now.requests_in_flight = state.in_flight;
  now.connections_accepted = state.accepted;
  now.connections_refused = state.refused;
  now.requests_answered = state.answered;
  now.requests_overloaded = state.overloaded;
  now.requests_malformed = state.malformed;
  now.connections_timed_out = state.timed_out;
  return now;
}

} // namespace grape::http
