#include "net/http/server.hpp"

#include "core/check.hpp"
#include "net/http/server_lane.hpp"
#include "net/http/server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

namespace grape::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using tcp = asio::ip::tcp;

// Out of file descriptors: what is open must end first, so asking again at once is no use.
constexpr milliseconds accept_pause{50};

// Deadlines are a field of the session and one look at all of them now and then: setting a timer
// for each read would cost more than the read.
task<void> reap(std::shared_ptr<lane> home) {
  const auto& limits = home->state->options;
  const auto shortest = std::min({limits.idle_timeout, limits.header_timeout,
                                  limits.stall_timeout, drain_grace});
  const auto period = std::clamp(shortest / 4, milliseconds{5}, milliseconds{250});
  while (!home->closing) {
    home->reaper.expires_after(period);
    error_code woken;
    co_await home->reaper.async_wait(asio::redirect_error(use_task, woken));
    const auto now = session::clock::now();
    for (auto* each : home->sessions)
      each->expire(now);
  }
}

void run(lane& home) {
  while (true) {
    try {
      home.io.run();
      return;
    } catch (const std::exception&) {
      // Out of memory in one handler must not take the others along.
      continue;
    }
  }
}

status cannot_listen(const server_options& options, const error_code& why) {
  const bool forbidden = why == asio::error::access_denied;
  const bool foreign = why == boost::system::errc::address_not_available;
  return status{forbidden || foreign ? errc::bad_config : errc::io_error,
                "cannot listen on " + options.bind + ":" + std::to_string(options.port) + ": "
                  + why.message()};
}

} // namespace

struct server::engine {
  explicit engine(std::shared_ptr<server_state> from) : state(std::move(from)) {
    for (std::uint32_t i = 0; i < state->options.io_threads; ++i)
      lanes.push_back(std::make_shared<lane>(state));
    acceptor.emplace(lanes.front()->io);
    pause.emplace(lanes.front()->io);
  }

  status listen();
  void serve();
  task<void> accept();
  void admit(const std::shared_ptr<lane>& home, socket_stream stream);
  void stop_accepting();
  bool drain(milliseconds within);
  void stop();

  /// Runs `what(lane)` on every lane's own thread, later.
  template <class What>
  void on_lanes(What what) {
    for (const auto& each : lanes)
      asio::post(each->io, [each = each.get(), what] { what(*each); });
  }

  std::shared_ptr<server_state> state;
  std::vector<std::shared_ptr<lane>> lanes;
  std::optional<socket_acceptor> acceptor; ///< On the first lane.
  std::optional<lane_timer> pause;
  std::vector<asio::executor_work_guard<io_executor>> guards;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  std::mutex stopping;
};

status server::engine::listen() {
  const auto& options = state->options;
  error_code failed;
  const auto address = asio::ip::make_address(options.bind, failed);
  if (failed)
    return status{errc::bad_config, "`" + options.bind + "` is not a numeric IP address"};
  const tcp::endpoint where{address, options.port};
  acceptor->open(where.protocol(), failed);
  if (!failed)
    acceptor->set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed)
    acceptor->bind(where, failed);
  if (!failed)
    acceptor->listen(asio::socket_base::max_listen_connections, failed);
  if (!failed)
    acceptor->non_blocking(true, failed);
  if (failed)
    return cannot_listen(options, failed);
  port = acceptor->local_endpoint(failed).port();
  return {};
}

void server::engine::serve() {
  for (const auto& each : lanes) {
    guards.push_back(asio::make_work_guard(each->io));
    asio::co_spawn(each->io, reap(each), asio::detached);
  }
  asio::co_spawn(lanes.front()->io, accept(), asio::detached);
  for (const auto& each : lanes)
    threads.emplace_back([home = each.get()] { run(*home); });
}

task<void> server::engine::accept() {
  for (std::size_t turn = 0; acceptor->is_open(); ++turn) {
    const auto& home = lanes[turn % lanes.size()];
    socket_stream stream{home->io};
    error_code failed;
    co_await acceptor->async_accept(stream, asio::redirect_error(use_task, failed));
    if (!failed) {
      admit(home, std::move(stream));
      continue;
    }
    if (!acceptor->is_open())
      co_return;
    pause->expires_after(accept_pause);
    co_await pause->async_wait(asio::redirect_error(use_task, failed));
  }
}

void server::engine::admit(const std::shared_ptr<lane>& home, socket_stream stream) {
  ++state->accepted;
  error_code ignored;
  stream.set_option(tcp::no_delay{true}, ignored);
  const std::uint64_t most = state->options.connections_max;
  const auto open = state->open.load();
  if (open >= most)
    ++state->refused;
  // A few over the limit are kept for the moment that it takes to say why; more are just closed.
  if (open >= most + most / 8 + 16)
    return;
  const auto made = std::make_shared<session>(home, std::move(stream), open >= most);
  asio::co_spawn(home->io, [made] { return made->run(); }, asio::detached);
}

// On the first lane. Whoever has connected already is let in: closing would reset them.
void server::engine::stop_accepting() {
  error_code failed;
  while (acceptor->is_open() && !failed) {
    socket_stream stream{lanes.front()->io};
    acceptor->accept(stream, failed);
    if (!failed)
      admit(lanes.front(), std::move(stream));
  }
  acceptor->close(failed);
  pause->cancel();
}

bool server::engine::drain(milliseconds within) {
  const auto now = session::clock::now();
  const auto grace_end = now + std::min(drain_grace, within);
  state->draining = true;
  asio::post(lanes.front()->io, [this] { stop_accepting(); });
  on_lanes([grace_end](lane& each) {
    for (auto* open : each.sessions)
      open->hurry(grace_end);
  });
  {
    std::unique_lock hold{state->quiet_mutex};
    state->quiet.wait_until(hold, grace_end, [this] { return state->open == 0; });
    state->quiet.wait_until(hold, now + within, [this] { return state->active == 0; });
  }
  stop();
  return state->cut_off == 0;
}

void server::engine::stop() {
  const std::lock_guard once{stopping};
  if (threads.empty())
    return;
  state->draining = true;
  asio::post(lanes.front()->io, [this] {
    error_code ignored;
    acceptor->close(ignored);
    pause->cancel();
  });
  on_lanes([](lane& each) {
    each.closing = true;
    each.reaper.cancel();
    for (auto* open : each.sessions)
      open->abort();
  });
  guards.clear();
  for (auto& each : threads)
    each.join();
  threads.clear();
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
