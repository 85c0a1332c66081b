#pragma once

#include "actors/router.hpp"
#include "core/shard/remote.hpp"
#include "core/shard/write_stamp.hpp"
#include "tests/actors/deterministic_house.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <vector>

namespace grape::actors {

/// What a neighbour played by a test is to do in its own name: promises of an actor can be kept
/// while it runs only.
using deeds = std::shared_ptr<std::deque<std::function<void()>>>;

inline void do_all(const deeds& what) {
  while (!what->empty()) {
    const auto deed = std::move(what->front());
    what->pop_front();
    deed();
  }
}

/// A question that a PEER_LINK was given, and has not answered yet.
struct carried {
  node_number to;
  shard::shard_request request;
  std::uint64_t deadline_ms = 0;
  caf::typed_response_promise<link_answer> promise;
  peer_link_actor link;
  deeds what;

  void answer(std::string bytes) const {
    do_it([promise = promise, bytes]() mutable { promise.deliver(link_answer{bytes}); });
  }

  void answer(const shard::shard_reply& reply) const { answer(shard::encode(reply)); }

  void refuse(errc code, std::optional<node_number> leader = {}) const {
    do_it([promise = promise, why = to_error({code, "as the test says"}, leader)]() mutable {
      promise.deliver(why);
    });
  }

  void do_it(std::function<void()> deed) const {
    what->push_back(std::move(deed));
    caf::anon_send(link, link_post{});
  }
};

/// What the links of a test carry, oldest first.
using cargo = std::shared_ptr<std::vector<carried>>;

/// The PEER_LINK to one node: keeps what it is given until the test answers.
inline peer_link_actor spawn_kept_link(caf::actor_system& system, node_number to, cargo all) {
  return system.spawn([to, all](peer_link_actor::pointer self) -> peer_link_actor::behavior_type {
    const auto what = std::make_shared<std::deque<std::function<void()>>>();
    return {
        [](report_yourself) { return self_report{}; },
        [what](const link_post&) { do_all(what); },
        [self, to, all, what](const link_question& asked) -> caf::result<link_answer> {
          auto promise = self->make_response_promise<link_answer>();
          auto request = shard::decode_shard_request(asked.bytes);
          REQUIRE(request.ok());
          all->push_back({to, std::move(*request), asked.deadline_ms, promise,
                          caf::actor_cast<peer_link_actor>(self), what});
          return promise;
        },
    };
  });
}

/// Node `self` of four, where the collection "words" has one shard with replicas on three, by hand:
/// GATEWAYs, ROUTERs and the cells they look into are real, whatever is beyond is the test's.
struct hand_made_cluster : deterministic_system {
  hand_made_cluster() {
    home->search_pool.set(std::make_shared<inline_pool>());
    make_catalog();
    live_at(outsider());
  }

  ~hand_made_cluster() {
    sent->clear();
    for (const auto& one : actors)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    home->board.clear();
    actors.clear();
    settle();
  }

  void set_clock() {
    home->host.now_ms = [this] { return now_ms; };
    home->host.now_us = [this] { return now_ms * 1'000; };
    home->config.search.threads = 2;
  }

  void make_catalog() {
    auto known = std::make_shared<catalog>();
    cluster::found_cluster founding{"c-1", {}};
    for (const auto* name : {"n1", "n2", "n3", "n4"})
      founding.founders.push_back({name, "127.0.0.1:1", "127.0.0.1:2", 1});
    REQUIRE(known->state.apply(founding).ok());
    cluster::create_collection made{"words", {}};
    made.options.single_unnamed = true;
    made.options.vectors[""].size = 2;
    made.options.vectors[""].distance = metric::dot;
    made.options.shard_number = 1;
    made.options.replication_factor = 3;
    REQUIRE(known->state.apply(made).ok());
    known->epoch = epoch{1};
    group = known->state.find("words")->groups.begin()->second;
    for (const auto& replica : known->state.groups().at(group).replicas)
      holders.push_back(replica.node);
    REQUIRE(holders.size() == 3);
    home->known.set(std::move(known));
  }

  /// The node without a replica.
  node_number outsider() const {
    node_number none{1};
    while (std::find(holders.begin(), holders.end(), none) != holders.end())
      none = none.next();
    return none;
  }

  /// Makes this node `self`: links to all others, the first holder the nearest.
  void live_at(node_number self) {
    home->member.set(std::make_shared<membership>(membership{"c-1", self}));
    for (node_number to{1}; to <= node_number{4}; to = to.next()) {
      home->board.put(role::link(to), nullptr);
      if (to == self)
        continue;
      const auto link = spawn_kept_link(system, to, sent);
      actors.push_back(caf::actor_cast<caf::actor>(link));
      home->board.put(role::link(to), caf::actor_cast<caf::strong_actor_ptr>(link));
      peer_table::peer way;
      way.connected = true;
      way.rtt_us = 1'000 * to.value;
      home->peers.set(to, way);
    }
    for (std::size_t i = 0; i < routers; ++i) {
      actors.push_back(caf::actor_cast<caf::actor>(spawn_router(system, home, i)));
      actors.push_back(caf::actor_cast<caf::actor>(spawn_gateway(system, home, i)));
    }
    settle();
  }

  void lead(node_number leader) {
    home->leaders.told_by_replica(group, term{1}, leader, false);
  }

  /// The one question that is under way, taken from its link.
  carried take() {
    settle();
    REQUIRE(sent->size() == 1);
    auto one = std::move(sent->front());
    sent->clear();
    return one;
  }

  template <class Reply>
  using answers = std::shared_ptr<std::vector<outcome<Reply>>>;

  template <class Reply, class Request>
  answers<Reply> ask(Request request) {
    auto came = std::make_shared<std::vector<outcome<Reply>>>();
    door.ask(std::move(request),
             reply_to<Reply>{[came](outcome<Reply> one) { came->push_back(std::move(one)); }});
    settle();
    return came;
  }

  answers<write_receipts> upsert() {
    return ask<write_receipts>(deterministic_node::upsert_of("words", 1, 1, true));
  }

  answers<count_reply> count(read_level level = read_level::collection_default,
                             std::uint32_t timeout_ms = 60'000) {
    auto request = deterministic_node::count_of("words");
    request.read = {level, timeout_ms, false};
    return ask<count_reply>(request);
  }

  static shard::shard_reply counted(std::uint64_t points) {
    return shard::answer{log_index{7}, shard::shard_count{points}};
  }

  static shard::shard_reply receipt(std::uint64_t index) {
    return shard::remote_receipt{log_index{index}, write_progress::completed};
  }

  std::shared_ptr<house> home = std::make_shared<house>();
  group_id group;
  std::vector<node_number> holders; ///< Ascending, so the nearest first.
  cargo sent = std::make_shared<std::vector<carried>>();
  std::vector<caf::actor> actors;
  gateway door{(set_clock(), home)};
};

/// The node without a replica, and how far the others are.
struct elsewhere : hand_made_cluster {
  node_number near = holders[0];
  node_number middle = holders[1];
  node_number far = holders[2];

  static shard::stamped_command apart(const carried& write) {
    const auto& asked = std::get<shard::remote_write>(write.request);
    return shard::split_stamp(asked.command).value();
  }

  static shard::write_stamp stamp_of(const carried& write) { return apart(write).stamp.value(); }

  static std::string command_of(const carried& write) { return std::string(apart(write).command); }

  /// Answers all who are asked in these milliseconds as `how` says.
  template <class How>
  std::size_t serve(std::uint64_t ms, How how) {
    std::size_t asked = 0;
    for (std::uint64_t i = 0; i < ms; ++i) {
      settle();
      for (const auto& one : std::exchange(*sent, {})) {
        ++asked;
        how(one);
      }
      advance(1);
    }
    return asked;
  }
};

} // namespace grape::actors
