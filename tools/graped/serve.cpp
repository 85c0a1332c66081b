#include "tools/graped/serve.hpp"

#include "actors/node.hpp"
#include "net/http/api.hpp"
#include "net/http/routes.hpp"
#include "net/http/server.hpp"
#include "tools/graped/journal.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace grape::graped {

namespace {

using namespace std::chrono_literals;

constexpr auto drain_within = 5s;
constexpr auto stop_within = 4s;
constexpr auto give_up_after = 10s; // Of which the watchdog keeps the promise.

const char* name_of(http::verb method) {
  switch (method) {
    case http::verb::get: return "GET";
    case http::verb::put: return "PUT";
    case http::verb::post: return "POST";
    case http::verb::patch: return "PATCH";
    case http::verb::del: return "DELETE";
    case http::verb::other: return "OTHER";
  }
  return "OTHER";
}

/// Signals are taken by `wait_for_signal` alone, on the main thread.
sigset_t block_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGUSR1); // From ourselves: the node failed.
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return wanted;
}

/// Ends the process if an orderly end takes too long: a supervisor outside waits for us.
void start_watchdog() {
  std::thread{[] {
    std::this_thread::sleep_for(give_up_after);
    std::fputs("graped: did not end in time; ending now\n", stderr);
    _exit(failed);
  }}.detach();
}

int exit_code_of(const status& why) {
  return why.code == errc::bad_config ? bad_configuration : unusable_place;
}

http::api_options api_options_of(const node_config& config, actors::node& node) {
  http::api_options options;
  options.now_s = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
  };
  options.observe = [&node](http::verb method, std::string_view endpoint, unsigned answered,
                            double seconds) {
    node.metrics().answered(
      name_of(method), endpoint, answered,
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds)));
  };
  (void)config;
  return options;
}

} // namespace

int serve(const node_config& config) {
  const auto signals = block_signals();
  journal log;
  std::atomic<bool> fell{false};
  auto node = actors::node::start(config, [&fell, &log](const status& why) {
    log.error("the node failed: " + to_string(why));
    fell = true;
    kill(getpid(), SIGUSR1);
  });
  if (!node) {
    log.error("cannot start: " + to_string(node.error()));
    return exit_code_of(node.error());
  }
  for (const auto& note : (*node)->notes())
    log.warning(note);
  const http::api api{(*node)->port_on_callers(), api_options_of(config, **node)};
  auto doors = server_options_of(config.http);
  doors.io_threads += static_cast<std::uint32_t>((*node)->search_threads());
  doors.is_probe = http::is_probe;
  doors.more_work = [&house = (*node)->port_on_callers()] { return house.work(); };
  auto server = http::server::start(
    std::move(doors), [&api](http::request asked, http::respond_fn respond) {
      api.handle(std::move(asked), std::move(respond));
    });
  if (!server) {
    log.error("cannot listen: " + to_string(server.error()));
    return exit_code_of(server.error());
  }
  std::printf("grape: ready on http://%s:%u\n", config.http.bind.c_str(),
              unsigned{(*server)->port()});
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  start_watchdog();
  if (!fell) {
    log.notice("draining");
    if (!(*server)->drain(drain_within))
      log.warning("some requests were still under way");
  }
  (*server)->halt();
  (*node)->stop(stop_within); // Searches on the server's threads give up.
  (*server)->stop();
  return fell ? failed : in_order;
}

} // namespace grape::graped
