// A program that has an actor system of its own, and a database on it: alone, or as a node of a
// cluster. Does what it is told, one line at a time, and answers each by one line.

#include <grape/caf_host.hpp>

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

/// A message of the host's own: its block of type numbers begins where CAF says.
struct greeting {
  std::string whom;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, greeting& x) {
  return f(caf::meta::type_name("greeting"), x.whom);
}

std::size_t entries_of(const char* folder) {
  const std::filesystem::directory_iterator all{folder};
  return static_cast<std::size_t>(std::distance(begin(all), {}));
}

/// What a program might leave behind.
struct belongings {
  std::size_t actors = 0;
  std::size_t threads = 0;
  std::size_t descriptors = 0;

  static belongings of(caf::actor_system& system) {
    return {system.registry().running(), entries_of("/proc/self/task"),
            entries_of("/proc/self/fd")};
  }
};

} // namespace

CAF_BEGIN_TYPE_ID_BLOCK(host, first_custom_type_id)
CAF_ADD_TYPE_ID(host, (greeting))
CAF_END_TYPE_ID_BLOCK(host)

namespace {

// --- what actors/embed/README.md shows ---

struct host_config : caf::actor_system_config {
  host_config() {
    add_message_types<caf::id_block::host>(); // The host's own.
    grape::prepare(*this);
    set("scheduler.policy", caf::atom("stealing")); // The scheduler stays the host's.
  }
};

// --- so far ---

/// An actor of the host: beats every 5 ms, and knows the longest it ever had to wait.
struct beats {
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::int64_t> longest_ms{0};
};

caf::behavior beat(caf::event_based_actor* self, std::shared_ptr<beats> of) {
  self->send(self, caf::tick_atom_v);
  auto last = std::chrono::steady_clock::now();
  return {
      [self, of, last](caf::tick_atom) mutable {
        const auto now = std::chrono::steady_clock::now();
        const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - last);
        last = now;
        of->longest_ms = std::max<std::int64_t>(of->longest_ms, waited.count());
        ++of->count;
        self->delayed_send(self, 5ms, caf::tick_atom_v);
      },
      [](const greeting& hello) { return "hello " + hello.whom; },
  };
}

class host {
public:
  explicit host(grape::database_options options)
    : options_(std::move(options))
    , before_(belongings::of(system_)) {}

  ~host() { caf::anon_send_exit(own_, caf::exit_reason::user_shutdown); }

  std::string obey(const std::string& line) {
    std::istringstream words{line};
    std::string verb;
    words >> verb;
    if (verb == "open")
      return open();
    if (verb == "own")
      return own();
    if (verb == "left")
      return left();
    if (!db_)
      return "failed: it is not open";
    if (verb == "close")
      return close();
    if (verb == "create")
      return create(words);
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    words >> first >> last;
    if (verb == "put")
      return put(first, last);
    if (verb == "get")
      return get(first, last);
    if (verb == "search")
      return search(first);
    return "failed: what is `" + verb + "`?";
  }

private:
  static std::string told(const grape::status& what) {
    return what.ok() ? "ok" : "failed: " + to_string(what);
  }

  std::string open() {
    auto opened = grape::database::open(system_, options_);
    if (!opened)
      return told(opened.error());
    db_.emplace(std::move(*opened));
    return "ok";
  }

  std::string close() {
    db_->close();
    const auto state = db_->health().state;
    db_.reset();
    return state == grape::database_state::closed ? "ok" : "failed: it is not closed";
  }

  std::string create(std::istringstream& words) {
    grape::collection_options how;
    how.single_unnamed = true;
    how.vectors[""].size = 2;
    how.vectors[""].distance = grape::metric::euclid;
    words >> how.shard_number >> how.replication_factor;
    return told(db_->create_collection("words", how));
  }

  std::string put(std::uint64_t first, std::uint64_t last) {
    std::vector<grape::point> points;
    for (auto id = first; id < last; ++id) {
      grape::point one;
      one.id = grape::point_id{id};
      one.vectors.push_back({"", grape::dense_vector{static_cast<float>(id), 1.0f}});
      points.push_back(std::move(one));
    }
    const auto receipt = db_->upsert("words", std::move(points));
    return told(receipt ? grape::status{} : receipt.error());
  }

  std::string get(std::uint64_t first, std::uint64_t last) {
    std::vector<grape::point_id> ids;
    for (auto id = first; id < last; ++id)
      ids.emplace_back(id);
    const auto found = db_->get("words", std::move(ids));
    return found ? "ok " + std::to_string(found->size()) : told(found.error());
  }

  std::string search(std::uint64_t id) {
    grape::search_request wanted;
    wanted.collection = "words";
    wanted.vector = {static_cast<float>(id), 1.0f};
    wanted.limit = 1;
    const auto found = db_->search(std::move(wanted));
    if (!found)
      return told(found.error());
    if (found->size() != 1 || found->front().point.id != grape::point_id{id})
      return "failed: another point is nearer";
    return "ok";
  }

  /// How the host's own actor is.
  std::string own() {
    caf::scoped_actor self{system_};
    std::string said = "failed: no answer";
    self->request(own_, 5s, greeting{"host"})
        .receive([&](const std::string& hello) { said = "ok " + hello; },
                 [&](const caf::error& why) { said = "failed: " + system_.render(why); });
    return said + ", longest wait " + std::to_string(beats_->longest_ms.exchange(0)) + " ms";
  }

  /// What is here that was not before the first database; some of it goes a moment later.
  std::string left() {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (true) {
      const auto now = belongings::of(system_);
      const auto is_clean = now.actors <= before_.actors && now.threads <= before_.threads
                            && now.descriptors <= before_.descriptors;
      if (is_clean || std::chrono::steady_clock::now() > give_up)
        return "ok " + std::to_string(now.actors - before_.actors) + " actors "
               + std::to_string(now.threads - before_.threads) + " threads "
               + std::to_string(now.descriptors - before_.descriptors) + " descriptors";
      std::this_thread::sleep_for(1ms); // Between two looks at the condition.
    }
  }

  grape::database_options options_;
  host_config config_;
  caf::actor_system system_{config_};
  std::shared_ptr<beats> beats_ = std::make_shared<beats>();
  caf::actor own_ = system_.spawn(beat, beats_);
  belongings before_;
  std::optional<grape::database> db_;
};

} // namespace

/// caf_host DIRECTORY [ID PORT ID=HOST:PORT ...]
int main(int argc, char** argv) {
  grape::database_options options;
  options.directory = argv[1];
  if (argc > 3) {
    auto& member = options.cluster.emplace();
    member.id = argv[2];
    member.port = static_cast<std::uint16_t>(std::stoul(argv[3]));
    for (int i = 4; i < argc; ++i) {
      const std::string one = argv[i];
      const auto equals = one.find('=');
      member.founders.push_back({one.substr(0, equals), one.substr(equals + 1)});
    }
  }
  host program{options};
  for (std::string line; std::getline(std::cin, line);)
    std::cout << program.obey(line) << std::endl;
  return 0;
}
