#pragma once

#include "tests/actors/deterministic_house.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace grape::actors {

/// The nodes of a small cluster.
inline constexpr node_number n1{1};
inline constexpr node_number n2{2};
inline constexpr node_number n3{3};

/// Stands in for the network: a link that hands over what it gets, at once, or loses it.
struct wire {
  std::map<node_number, std::shared_ptr<house>> houses; ///< Of the nodes that run.
  std::set<std::pair<node_number, node_number>> cut;    ///< From, to.

  /// Told of each question that passes.
  std::function<void(node_number from, node_number to, const link_question&)> watch;

  bool passes(node_number from, node_number to) const {
    return houses.contains(to) && !cut.contains({from, to});
  }

  /// Who is meant on that node; null if nobody plays the role.
  caf::strong_actor_ptr find(node_number on, link::addressee to, group_id group) const {
    const auto& board = houses.at(on)->board;
    switch (to) {
      case link::addressee::raft: return board.get<caf::strong_actor_ptr>(role::raft_group(group));
      case link::addressee::shard: return board.get<caf::strong_actor_ptr>(role::shard(group));
      case link::addressee::metadata: return board.get<caf::strong_actor_ptr>(role::meta);
      case link::addressee::control: return board.get<caf::strong_actor_ptr>(role::coordinator);
      case link::addressee::snapshot: return board.get<caf::strong_actor_ptr>(role::snapshot);
      case link::addressee::upkeep: return board.get<caf::strong_actor_ptr>(role::caretaker);
      case link::addressee::link: break;
    }
    return nullptr;
  }
};

struct wire_end_state {
  wire_end_state() {}
};

/// PEER_LINK of node `from` to node `to`.
inline peer_link_actor::behavior_type
wire_end(peer_link_actor::stateful_pointer<wire_end_state> self, std::shared_ptr<wire> over,
         node_number from, node_number to) {
  return {
      [self](report_yourself) { return self_report{self->mailbox().size()}; },
      [over, from, to](link_post& post) {
        if (!over->passes(from, to))
          return;
        if (const auto whom = over->find(to, post.to, post.group))
          caf::anon_send(caf::actor_cast<caf::actor>(whom),
                         link_delivery{from, post.group, std::move(post.bytes)});
      },
      [self, over, from, to](link_question& question) -> caf::result<link_answer> {
        const auto whom = over->passes(from, to) ? over->find(to, question.to, question.group)
                                                 : caf::strong_actor_ptr{};
        if (!whom)
          return to_error({errc::unavailable, "there is no way to that node"});
        if (over->watch)
          over->watch(from, to, question);
        auto promise = self->make_response_promise<link_answer>();
        const auto back = [over, from, to] { return over->passes(to, from); };
        self->request(
                caf::actor_cast<caf::actor>(whom), std::chrono::seconds{10},
                link_asked{from, question.group, question.deadline_ms, std::move(question.bytes)})
            .then(
                [promise, back](link_answer& answer) mutable {
                  if (back())
                    promise.deliver(std::move(answer));
                  else
                    promise.deliver(to_error({errc::commit_unknown, "the link broke"}));
                },
                [promise, back](caf::error& why) mutable {
                  promise.deliver(back() ? std::move(why)
                                         : to_error({errc::commit_unknown, "the link broke"}));
                });
        return promise;
      },
  };
}

/// One node of a cluster by hand.
struct clustered_node : deterministic_node {
  clustered_node(storage::faulty_files& disk, std::shared_ptr<wire> over, node_number self,
                 std::size_t nodes, std::uint64_t drawn)
    : deterministic_node(disk, not_yet{}) {
    home->config.node.id = "n" + std::to_string(self.value);
    home->config.http.port = static_cast<std::uint16_t>(6'000 + self.value);
    for (std::uint32_t i = 1; i <= nodes; ++i)
      home->config.cluster.founders.push_back(
          {"n" + std::to_string(i), "127.0.0.1:" + std::to_string(7'000 + i)});
    home->cluster_id = "c0ffee";
    home->host.drawn = drawn;
    home->member.set(std::make_shared<const membership>(membership{"c0ffee", self}));
    for (std::uint32_t i = 1; i <= nodes; ++i)
      if (const node_number peer{i}; peer != self) {
        home->board.put(role::link(peer), caf::actor_cast<caf::strong_actor_ptr>(
                                              system.spawn(wire_end, over, self, peer)));
        home->peers.change(peer, [](peer_table::peer& is) { is.connected = true; });
      }
  }

  void begin() { root = enrolled(*home, role::root, spawn_supervisor(system, node_floor(home))); }

  /// As kill -9: nothing is said to anybody.
  void die() {
    home->closing = true;
    caf::anon_send<caf::message_priority::high>(caf::actor_cast<caf::actor>(root),
                                                caf::exit_msg{{}, caf::exit_reason::kill});
    root = nullptr;
    settle();
  }
};

/// A whole cluster in one thread and virtual time: real actor systems, no sockets. What can run
/// next is drawn from the seed.
class cluster_by_hand {
public:
  /// `furnish` changes what each node starts with.
  explicit cluster_by_hand(std::size_t nodes, std::uint64_t seed = 1,
                           std::function<void(house&)> furnish = {})
    : random_(seed)
    , furnish_(std::move(furnish)) {
    for (std::size_t i = 0; i < nodes; ++i)
      disks_.push_back(std::make_unique<storage::faulty_files>(seed * 100 + i));
    nodes_.resize(nodes);
    for (std::uint32_t i = 1; i <= nodes; ++i)
      start(node_number{i});
    until([this] {
      return std::all_of(nodes_.begin(), nodes_.end(),
                         [](const auto& one) { return one->home->ready.load(); });
    });
  }

  ~cluster_by_hand() {
    for (std::uint32_t i = 1; i <= nodes_.size(); ++i)
      if (nodes_[i - 1])
        kill(node_number{i});
  }

  cluster_by_hand(const cluster_by_hand&) = delete;
  cluster_by_hand& operator=(const cluster_by_hand&) = delete;

  void start(node_number number) {
    auto& place = nodes_.at(number.value - 1);
    place = std::make_unique<clustered_node>(*disks_.at(number.value - 1), over_, number,
                                             nodes_.size(), random_());
    place->now_ms = now_ms_;
    place->home->incarnation = ++starts_[number];
    over_->houses[number] = place->home;
    if (furnish_)
      furnish_(*place->home);
    place->begin();
  }

  void kill(node_number number) {
    over_->houses.erase(number);
    auto& place = nodes_.at(number.value - 1);
    place->die();
    place = nullptr;
  }

  /// What PEER_LINK and DETECTOR of node `at` do when its connection to the other one ends.
  void connection_ends(node_number at_node, node_number to) {
    auto& home = *at(at_node).home;
    home.peers.change(to, [](peer_table::peer& is) {
      is.connected = false;
      is.health = cluster::health::suspect;
    });
    home.board.for_each("raft_group/", [to](const auto&, const auto& who) {
      caf::anon_send(caf::actor_cast<caf::actor>(who), peer_health_changed{to});
    });
  }

  /// As `kill`, and the other nodes' kernels say that it is gone.
  void kill_seen_by_all(node_number number) {
    kill(number);
    for (std::uint32_t i = 1; i <= nodes_.size(); ++i)
      if (runs(node_number{i}))
        connection_ends(node_number{i}, number);
  }

  void cut(node_number a, node_number b, bool both_ways = true) {
    over_->cut.insert({a, b});
    if (both_ways)
      over_->cut.insert({b, a});
  }

  void heal() { over_->cut.clear(); }

  wire& network() { return *over_; }
  storage::faulty_files& disk(node_number of) { return *disks_.at(of.value - 1); }

  bool runs(node_number number) const { return nodes_.at(number.value - 1) != nullptr; }
  clustered_node& at(node_number number) { return *nodes_.at(number.value - 1); }
  std::size_t size() const { return nodes_.size(); }

  /// Runs what can run now, one step of a node drawn at random at a time.
  void settle() {
    bool busy = true;
    while (busy) {
      busy = false;
      std::vector<clustered_node*> order;
      for (const auto& one : nodes_)
        if (one)
          order.push_back(one.get());
      std::shuffle(order.begin(), order.end(), random_);
      for (auto* one : order) {
        const auto steps = 1 + random_() % 16;
        for (std::uint64_t i = 0; i < steps; ++i)
          if (one->scheduler.try_run_once() || one->network.try_exec_runnable())
            busy = true;
          else
            break;
      }
    }
  }

  void advance(std::uint64_t ms) {
    settle();
    for (std::uint64_t i = 0; i < ms; ++i) {
      ++now_ms_;
      for (const auto& one : nodes_)
        if (one) {
          one->now_ms = now_ms_;
          one->scheduler.advance_time(std::chrono::milliseconds{1});
        }
      settle();
    }
  }

  template <class Done>
  void until(Done done, std::uint64_t ms = 30'000) {
    settle();
    std::uint64_t waited = 0;
    for (; waited < ms && !done(); ++waited)
      advance(1);
    REQUIRE_MESSAGE(waited < ms, "nothing happened in virtual time");
  }

  template <class Reply, class Request>
  outcome<Reply> ask(node_number whom, Request request) {
    auto answers = std::make_shared<std::vector<outcome<Reply>>>();
    at(whom).door.ask(std::move(request), reply_to<Reply>{[answers](outcome<Reply> one) {
                        answers->push_back(std::move(one));
                      }});
    until([answers] { return !answers->empty(); }, 120'000);
    return answers->front();
  }

  /// The node that leads the group, as one of those that run believes.
  std::optional<node_number> leader_of(group_id group) const {
    for (const auto& one : nodes_)
      if (one)
        if (const auto leader = one->home->leaders.of(group);
            leader && over_->houses.contains(*leader)
            && over_->houses.at(*leader)->leaders.of(group) == leader)
          return leader;
    return std::nullopt;
  }

private:
  std::mt19937_64 random_;
  std::function<void(house&)> furnish_;
  std::uint64_t now_ms_ = 1'000;
  std::map<node_number, std::uint64_t> starts_;
  std::shared_ptr<wire> over_ = std::make_shared<wire>();
  std::vector<std::unique_ptr<storage::faulty_files>> disks_;
  std::vector<std::unique_ptr<clustered_node>> nodes_;
};

} // namespace grape::actors
