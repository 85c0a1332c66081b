#pragma once

#include "actors/remote/peer_room.hpp"
#include "actors/supervision/families.hpp"
#include "actors/system.hpp"
#include "tests/support/loopback_socket.hpp"

#include <doctest/doctest.h>

#include <caf/io/middleman.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace grape::actors {

using testing::free_ports;
using testing::loopback_socket;

/// Real time passes here: looks until it is so; fails the test after `within`.
template <class Done>
void until(const std::string& what, Done done,
           std::chrono::seconds within = std::chrono::seconds{30}) {
  const auto give_up = std::chrono::steady_clock::now() + within;
  while (!done()) {
    REQUIRE_MESSAGE(std::chrono::steady_clock::now() < give_up, what);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

/// The door of the node at a port, as a system that is no node of it finds it. Nodes that see each
/// other prove one open door of the two: the other one may open a moment later.
inline caf::actor door_at(caf::actor_system& from, std::uint16_t port) {
  caf::actor door;
  until("the door is open", [&] {
    if (auto found = from.middleman().remote_actor<caf::actor>("127.0.0.1", port))
      door = *found;
    return door != nullptr;
  });
  return door;
}

/// What a node keeps when its process ends.
struct disk {
  cluster::node_identity who;
};

/// Configurations of `n1`, `n2` ... that know each other.
inline std::vector<node_config> cluster_of(const std::vector<std::uint16_t>& ports) {
  std::vector<node_config> all(ports.size());
  for (std::size_t i = 0; i < ports.size(); ++i) {
    all[i].node.id = "n" + std::to_string(i + 1);
    all[i].peer.port = ports[i];
    for (std::size_t j = 0; j < ports.size(); ++j)
      all[i].cluster.founders.push_back(
          {"n" + std::to_string(j + 1), "127.0.0.1:" + std::to_string(ports[j])});
  }
  return all;
}

/// The disk of node `number` (`n<number>`) of a cluster that was formed.
inline disk formed_disk(std::uint32_t number, const std::string& cluster_id = "the-cluster") {
  disk made;
  made.who.node_id = "n" + std::to_string(number);
  made.who.cluster_id = cluster_id;
  made.who.disk = 1'000 + number;
  made.who.number = node_number{number};
  made.who.founding = cluster::founding_stage::formed;
  return made;
}

/// One node with an actor system of its own, of which only the PEERS floor lives.
class peers_node {
public:
  peers_node(const node_config& config, disk& of)
    : home(std::make_shared<house>())
    , settings_(std::make_unique<system_config>(2, config.peer))
    , system_(std::make_unique<caf::actor_system>(*settings_)) {
    if (of.who.disk == 0)
      of.who.disk = ++disks;
    ++of.who.incarnation;
    home->config = config;
    home->host.now_ms = steady<std::chrono::milliseconds>;
    home->host.now_us = steady<std::chrono::microseconds>;
    auto room = make_peer_room(config, of.who, of.who.incarnation, [&of](const auto& next) {
      of.who = next;
      return status{};
    });
    REQUIRE_MESSAGE(room.ok(), room.error().detail);
    home->remote = *room;
    if (of.who.founding == cluster::founding_stage::formed)
      home->member.set(
          std::make_shared<const membership>(membership{of.who.cluster_id, of.who.number}));
    floor_ = peers_child(home).start(*system_);
    floor_->attach_functor([ended = ended_](const caf::error& why) {
      const std::lock_guard guard{ended->mutex};
      ended->why = to_status_of_fall(why);
    });
  }

  ~peers_node() { stop(caf::exit_reason::user_shutdown); }

  peers_node(const peers_node&) = delete;
  peers_node& operator=(const peers_node&) = delete;

  /// As SIGKILL, as far as one process can do that to a part of itself: nobody says farewell.
  void kill() { stop(caf::exit_reason::kill); }

  /// Kills one of the floor's actors, by its name in the tree of care; returns when it is renewed.
  void kill_one(const std::string& name) {
    const auto before = home->restarts.load();
    caf::anon_send(caf::actor_cast<supervisor_actor>(floor_), kill_actor_request{name});
    until(name + " is renewed", [this, before] { return home->restarts > before; });
  }

  caf::actor_system& system() { return *system_; }

  /// Why the floor ended, if it did.
  std::optional<status> ended() const {
    const std::lock_guard guard{ended_->mutex};
    return ended_->why;
  }

  peer_table::peer peer(std::uint32_t number) const {
    return home->peers.look(node_number{number});
  }

  bool sees(std::uint32_t number) const { return peer(number).connected; }

  peer_link_actor link(std::uint32_t number) const {
    return home->board.get<peer_link_actor>(role::link(node_number{number}));
  }

  std::string notes() const {
    std::string all;
    for (const auto& note : home->notes.all())
      all += note + "\n";
    return all;
  }

  std::shared_ptr<house> home;

private:
  template <class Unit>
  static std::uint64_t steady() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<Unit>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
  }

  struct end {
    std::mutex mutex;
    std::optional<status> why;
  };

  void stop(caf::exit_reason how) {
    if (!system_)
      return;
    home->closing = true;
    caf::anon_send<caf::message_priority::high>(floor_, caf::exit_msg{{}, how});
    until("the floor ends", [this] { return ended().has_value(); });
    floor_ = nullptr;
    home->board.for_each("", [](const auto&, const auto& who) { // Those that a test plays.
      caf::anon_send_exit(caf::actor_cast<caf::actor>(who), caf::exit_reason::kill);
    });
    home->board.clear();
    system_ = nullptr;
  }

  static inline std::uint64_t disks = 0;

  std::unique_ptr<system_config> settings_;
  std::unique_ptr<caf::actor_system> system_;
  caf::actor floor_;
  std::shared_ptr<end> ended_ = std::make_shared<end>();
};

/// META of a node: all that it knows is one answer to those who want to join. Counts them.
inline std::shared_ptr<std::atomic<int>> play_meta(peers_node& on, const status& refusal) {
  auto asked = std::make_shared<std::atomic<int>>(0);
  const auto who = on.system().spawn([asked, refusal]() -> caf::behavior {
    return {
        [](report_yourself) { return self_report{}; },
        [asked, refusal](const join_question&) -> caf::result<join_answer> {
          ++*asked;
          return to_error(refusal);
        },
    };
  });
  on.home->board.put(role::meta, caf::actor_cast<caf::strong_actor_ptr>(who));
  return asked;
}

} // namespace grape::actors
