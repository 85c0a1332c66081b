// A program that uses a cluster from its own actor system. Does what it is told, one line at a
// time, and answers each by one line.

#include <grape/client.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <mutex>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

/// What a watcher heard.
struct heard {
  std::mutex mutex;
  std::uint64_t times = 0;
  std::uint64_t skipped = 0;
  grape::collection_news last;
};

/// Takes `rest` over each piece of news.
grape::watcher_actor::behavior_type watch(grape::watcher_actor::pointer,
                                          const std::shared_ptr<heard>& of,
                                          std::chrono::milliseconds rest) {
  return {
      [of, rest](const grape::collection_news& news) {
        {
          const std::lock_guard guard{of->mutex};
          ++of->times;
          of->skipped += news.skipped;
          of->last = news;
        }
        std::this_thread::sleep_for(rest);
      },
  };
}

grape::point point_of(std::uint64_t id) {
  grape::point one;
  one.id = grape::point_id{id};
  one.vectors.push_back({"", grape::dense_vector{static_cast<float>(id), 1.0f}});
  return one;
}

class client {
public:
  client(caf::actor_system& system, grape::client_actor db)
    : system_(system)
    , db_(std::move(db))
    , self_(system) {}

  ~client() {
    caf::anon_send_exit(db_, caf::exit_reason::user_shutdown);
    for (const auto& watcher : {quick_, slow_})
      if (watcher)
        caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
  }

  std::string obey(const std::string& line) {
    std::istringstream words{line};
    std::string verb;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    words >> verb >> first >> last;
    if (verb == "create")
      return create(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last));
    if (verb == "drop")
      return told<bool>(grape::drop_request{"words"}, [](bool yes) { return yes ? "" : "none"; });
    if (verb == "put")
      return put(first, last);
    if (verb == "remove")
      return told<grape::write_receipt>(grape::remove_request{"words", ids(first, last)});
    if (verb == "get")
      return told<grape::stored_points>(
          grape::get_request{"words", ids(first, last)},
          [](const grape::stored_points& all) { return std::to_string(all.points.size()); });
    if (verb == "brief") // A read that does not wait long.
      return told<grape::stored_points>(grape::get_request{"words", ids(0, 1), 3s});
    if (verb == "search")
      return search(first);
    if (verb == "watch") {
      watch_it(quick_, quick_heard_, 0ms);
      watch_it(slow_, slow_heard_, 500ms);
      return "ok";
    }
    if (verb == "news")
      return news(*quick_heard_);
    if (verb == "slow")
      return news(*slow_heard_);
    return "failed: what is `" + verb + "`?";
  }

private:
  static std::vector<grape::point_id> ids(std::uint64_t first, std::uint64_t last) {
    std::vector<grape::point_id> all;
    for (auto id = first; id < last; ++id)
      all.emplace_back(id);
    return all;
  }

  // --- what actors/embed/grape/README.md shows ---

  /// Asks, and waits as this program has nothing else to do; an actor would use `then`.
  template <class Reply, class Request, class Show>
  std::string told(Request request, Show show) {
    std::string said;
    self_->request(db_, 40s, std::move(request))
        .receive(
            [&](const Reply& reply) { said = std::string{"ok "} + show(reply); },
            [&](const caf::error& why) { said = "failed: " + to_string(grape::to_status(why)); });
    return said;
  }

  // --- so far ---

  template <class Reply, class Request>
  std::string told(Request request) {
    return told<Reply>(std::move(request), [](const Reply&) { return ""; });
  }

  std::string create(std::uint32_t shards, std::uint32_t factor) {
    grape::create_request how;
    how.collection = "words";
    how.options.single_unnamed = true;
    how.options.vectors[""].size = 2;
    how.options.vectors[""].distance = grape::metric::euclid;
    how.options.shard_number = shards;
    how.options.replication_factor = factor;
    return told<bool>(std::move(how));
  }

  std::string put(std::uint64_t first, std::uint64_t last) {
    grape::upsert_request what;
    what.collection = "words";
    for (auto id = first; id < last; ++id)
      what.points.push_back(point_of(id));
    return told<grape::write_receipt>(std::move(what));
  }

  std::string search(std::uint64_t id) {
    grape::search_request wanted;
    wanted.collection = "words";
    wanted.vector = {static_cast<float>(id), 1.0f};
    wanted.limit = 1;
    return told<grape::found_points>(std::move(wanted), [](const grape::found_points& all) {
      return all.points.empty() ? std::string{"nothing"} : all.points.front().point.id.text();
    });
  }

  void watch_it(grape::watcher_actor& who, const std::shared_ptr<heard>& of,
                std::chrono::milliseconds rest) {
    who = rest == 0ms ? system_.spawn(watch, of, rest)
                      : system_.spawn<caf::detached>(watch, of, rest);
    self_->send(db_, grape::watch_request{"words", who});
  }

  /// exists, sum of the written indexes, times told, states skipped
  static std::string news(heard& of) {
    const std::lock_guard guard{of.mutex};
    const auto& written = of.last.written;
    return std::string{"ok "} + (of.last.exists ? "exists " : "is-gone ")
           + std::to_string(std::accumulate(written.begin(), written.end(), std::uint64_t{0})) + " "
           + std::to_string(of.times) + " " + std::to_string(of.skipped);
  }

  caf::actor_system& system_;
  grape::client_actor db_;
  caf::scoped_actor self_;
  grape::watcher_actor quick_;
  grape::watcher_actor slow_;
  std::shared_ptr<heard> quick_heard_ = std::make_shared<heard>();
  std::shared_ptr<heard> slow_heard_ = std::make_shared<heard>();
};

} // namespace

/// caf_client HOST:PORT ... [--tls CERT KEY CA]
int main(int argc, char** argv) {
  grape::client_options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--tls") {
      options.tls_cert = argv[++i];
      options.tls_key = argv[++i];
      options.tls_ca = argv[++i];
    } else {
      options.nodes.push_back(word);
    }
  }
  caf::actor_system_config config;
  grape::prepare(config, options);
  caf::actor_system system{config};
  auto db = grape::connect(system, options);
  if (!db) {
    std::cerr << to_string(db.error()) << "\n";
    return 1;
  }
  client program{system, *db};
  for (std::string line; std::getline(std::cin, line);)
    std::cout << program.obey(line) << std::endl;
  return 0;
}
