#include "actors/embed/grape/caf_host.hpp"
#include "actors/system.hpp"
#include "tests/support/temporary_directory.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <thread>

using namespace grape;

namespace {

/// Looks again and again, for at most ten seconds.
bool soon(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

std::size_t entries_of(const std::string& folder) {
  const std::filesystem::directory_iterator all{folder};
  return static_cast<std::size_t>(std::distance(begin(all), {}));
}

std::size_t threads() {
  return entries_of("/proc/self/task");
}

std::size_t descriptors() {
  return entries_of("/proc/self/fd");
}

struct host_config : caf::actor_system_config {
  host_config() {
    set("scheduler.policy", caf::atom("stealing"));
    set("scheduler.max-threads", std::size_t{2});
    prepare(*this);
  }
};

/// A program with an actor of its own.
struct host {
  ~host() { caf::anon_send_exit(own, caf::exit_reason::user_shutdown); }

  int next() {
    int said = 0;
    self->request(own, std::chrono::seconds{5}, caf::get_atom_v)
        .receive([&](int number) { said = number; }, [](const caf::error&) {});
    return said;
  }

  static caf::behavior count(caf::event_based_actor*) {
    return {[number = 0](caf::get_atom) mutable { return ++number; }};
  }

  host_config config;
  caf::actor_system system{config};
  caf::actor own = system.spawn(count);
  caf::scoped_actor self{system};
  testing::temporary_directory folder;
};

void write_and_find(database& db, std::uint64_t id) {
  point one;
  one.id = point_id{id};
  one.vectors.push_back({"", dense_vector{1.0f, static_cast<float>(id)}});
  const auto receipt = db.upsert("words", {one});
  REQUIRE_MESSAGE(receipt.ok(), to_string(receipt.error()));
  const auto hits =
      db.search({.collection = "words", .vector = {1.0f, static_cast<float>(id)}, .limit = 50});
  REQUIRE_MESSAGE(hits.ok(), to_string(hits.error()));
  CHECK(hits->size() == id);
}

/// What `open` says of a system that was prepared, and then changed.
template <class Change>
status refusal_after(Change change, std::optional<cluster_options> cluster = {}) {
  caf::actor_system_config config;
  prepare(config);
  change(config);
  caf::actor_system system{config};
  testing::temporary_directory folder;
  database_options options{.directory = folder.path()};
  options.cluster = std::move(cluster);
  const auto opened = database::open(system, options);
  return opened ? status{} : opened.error();
}

cluster_options lone_founder() {
  cluster_options one;
  one.id = "n1";
  one.founders = {{"n1", "127.0.0.1:1"}, {"n2", "127.0.0.1:2"}};
  one.port = 1;
  return one;
}

} // namespace

TEST_SUITE("actors.hosted") {
  TEST_CASE_FIXTURE(host, "a database begins and ends in a system that goes on") {
    CHECK(next() == 1);
    const auto actors_before = system.registry().running();
    const auto threads_before = threads();
    const auto descriptors_before = descriptors();

    for (std::uint64_t round = 1; round <= 3; ++round) {
      CAPTURE(round);
      auto db = database::open(system, {.directory = folder.path()});
      REQUIRE_MESSAGE(db.ok(), to_string(db.error()));
      if (round == 1)
        REQUIRE(db->create_collection("words", 2, metric::euclid).ok());
      write_and_find(*db, round);
      CHECK(next() == static_cast<int>(round) + 1);
      db->close();

      CHECK(database::open(system, {.directory = folder.path()}).ok()); // It is unlocked at once.
      CHECK(system.registry().running() == actors_before);
      CHECK(soon([&] { return threads() == threads_before; }));
      CHECK(soon([&] { return descriptors() == descriptors_before; }));
    }
    CHECK(next() == 5);
  }

  TEST_CASE_FIXTURE(host, "two databases share a system, and end in either order") {
    testing::temporary_directory elsewhere;
    auto one = database::open(system, {.directory = folder.path()});
    auto two = database::open(system, {.directory = elsewhere.path()});
    REQUIRE((one && two));
    REQUIRE(one->create_collection("words", 2, metric::euclid).ok());
    REQUIRE(two->create_collection("words", 2, metric::euclid).ok());
    write_and_find(*two, 1);
    one->close();
    write_and_find(*two, 2);
  }

  TEST_CASE("what a host takes back after it prepared its system is named") {
    CHECK(refusal_after([](auto&) {}).ok());
    const auto unlimited = refusal_after(
        [](auto& config) { config.set("scheduler.max-throughput", std::size_t{1'000'000}); });
    CHECK(unlimited.code == errc::bad_config);
    CHECK(unlimited.detail.find("scheduler.max-throughput") != std::string::npos);
    const auto refused = [](const std::string& what, auto change) {
      const auto why = refusal_after(change, lone_founder());
      CHECK(why.code == errc::bad_config);
      CHECK_MESSAGE(why.detail.find(what) != std::string::npos, why.detail);
    };
    refused("heartbeat-interval",
            [](auto& c) { c.set("middleman.heartbeat-interval", caf::timespan{0}); });
    refused("connection-timeout", [](auto& c) {
      c.set("middleman.connection-timeout", caf::timespan{std::chrono::seconds{1}});
    });
    refused("enable-automatic-connections",
            [](auto& c) { c.set("middleman.enable-automatic-connections", true); });
  }

  TEST_CASE("a system that was not prepared is told so") {
    caf::actor_system_config config;
    caf::actor_system system{config};
    testing::temporary_directory folder;
    const auto refused = database::open(system, {.directory = folder.path()});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::bad_config);
    CHECK(refused.error().detail.find("grape::prepare") != std::string::npos);
  }

  TEST_CASE("a cluster that makes no sense is refused") {
    const auto refusal = [](const cluster_options& how) {
      testing::temporary_directory folder;
      database_options options{.directory = folder.path()};
      options.cluster = how;
      const auto opened = database::open(options);
      return opened ? status{} : opened.error();
    };
    auto how = lone_founder();
    how.founders.clear();
    CHECK(refusal(how).detail.find("cluster.founders") != std::string::npos);
    how = lone_founder();
    how.id = "n3";
    CHECK(refusal(how).detail.find("`n3` is not among them") != std::string::npos);
    how = lone_founder();
    how.bind = "0.0.0.0";
    CHECK(refusal(how).detail.find("peer.bind") != std::string::npos);
    how = lone_founder();
    how.tls_cert = how.tls_key = how.tls_ca = "/nowhere.pem";
    CHECK(refusal(how).code == errc::bad_config);
    CHECK(refusal(how).detail.find("/nowhere.pem") != std::string::npos);
  }
}
