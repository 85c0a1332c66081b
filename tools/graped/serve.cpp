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

// All of it within the 10 s that a supervisor outside is promised; the watchdog keeps the promise.
constexpr auto drain_within = 4s;
constexpr auto stop_within = 3500ms;
constexpr auto hang_up_within = 500ms;
constexpr auto give_up_after = 9500ms;

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

/// Whether one that ends the process waits to be taken.
bool is_told_to_end() {
  sigset_t waiting;
  sigemptyset(&waiting);
  sigpending(&waiting);
  return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1;
}

/// Ends the process with `code` if it still runs then.
void end_after(std::chrono::milliseconds patience, int code, const char* words) {
  std::thread{[patience, code, words] {
    std::this_thread::sleep_for(patience);
    std::fputs(words, stderr);
    _exit(code);
  }}.detach();
}

/// Of a node that failed after its start.
int exit_code_of_fall(const status& why) {
  if (why.code == errc::bad_config)
    return bad_configuration; // Founders that are configured differently.
  return why.code == errc::corrupted ? unusable_place : failed; // A disk that was lost.
}

int exit_code_of(const status& why) {
  if (why.code == errc::timed_out) // No member of a cluster to join answered.
    return failed;
  return why.code == errc::bad_config ? bad_configuration : unusable_place;
}

http::api_options api_options_of(const node_config& config, actors::node& node) {
  http::api_options options;
  options.now_s = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
  };
  options.observe = [&node](const http::observation& what) {
    using namespace std::chrono;
    const auto took = duration_cast<nanoseconds>(duration<double>(what.seconds));
    const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
    node.metrics().answered({name_of(what.method), what.endpoint, what.collection, what.status,
                             took, static_cast<std::uint64_t>(now.count())});
  };
  options.keys = {config.http.api_key, config.http.read_only_api_key, config.http.jwt_rbac};
  options.unix_s = [] {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
      duration_cast<seconds>(system_clock::now().time_since_epoch()).count());
  };
  options.collections = {config.collections.shard_number, config.collections.replication_factor};
  return options;
}

} // namespace

namespace {

/// Of a node that the cluster admitted by another number: not an exit code.
constexpr int starts_again = -1;

/// Node and API live as long as the server.
http::server_options doors_of(const http_settings& config, actors::node& node,
                              const http::api& api) {
  auto doors = server_options_of(config);
  doors.io_threads += static_cast<std::uint32_t>(node.search_threads());
  doors.is_probe = http::is_probe;
  doors.plan_body = [&api](const http::request& asked) { return api.plan_body(asked); };
  doors.uploads.folder = node.folder_of_uploads();
  doors.uploads.free_bytes_min = snapshot_free_bytes_min;
  doors.more_work = [&house = node.port_on_callers()] { return house.work(); };
  return doors;
}

int serve_once(const node_config& config, const sigset_t& signals, journal& log) {
  std::atomic<int> ending{in_order};
  const auto failed_later = [&ending, &log](const status& why) {
    log.error("the node failed: " + to_string(why));
    ending = exit_code_of_fall(why);
    kill(getpid(), SIGUSR1);
  };
  auto node = actors::node::start(config, failed_later,
                                  [&log](const std::string& note) { log.warning(note); },
                                  is_told_to_end);
  if (!node && node.error().code == errc::cancelled) {
    log.notice(node.error().detail);
    return in_order;
  }
  if (!node) {
    log.error("cannot start: " + to_string(node.error()));
    return exit_code_of(node.error());
  }
  const http::api api{(*node)->port_on_callers(), api_options_of(config, **node)};
  auto server = http::server::start(
    doors_of(config.http, **node, api), [&api](http::request asked, http::respond_fn respond) {
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
  if ((*node)->starts_again()) {
    (*server)->halt();
    (*node)->stop(stop_within);
    (*server)->stop();
    return starts_again;
  }
  end_after(give_up_after, failed, "graped: did not end in time; ending now\n");
  if (ending == in_order) {
    log.notice("draining");
    if (!(*server)->drain(drain_within))
      log.warning("some requests were still under way");
  }
  (*server)->halt();
  // Searches on the server's threads give up. A node that does not read what it was sent, stopped
  // or cut off, holds up CAF's end for ever.
  (*node)->stop(stop_within, [&ending] {
    end_after(hang_up_within, ending, "graped: ended in order; another node hangs\n");
  });
  (*server)->stop();
  return ending;
}

} // namespace

int serve(const node_config& config) {
  const auto signals = block_signals();
  journal log;
  for (;;)
    if (const int code = serve_once(config, signals, log); code != starts_again)
      return code;
}

} // namespace grape::graped
