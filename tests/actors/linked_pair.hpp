#pragma once

#include "tests/actors/peers_by_hand.hpp"

#include "actors/remote/peer_link_state.hpp"

#include <atomic>

namespace grape::actors {

inline constexpr group_id seven{7};

/// Plays SHARD: says what it was asked back, leads others elsewhere, or says nothing.
using asked_actor =
    caf::typed_actor<caf::replies_to<link_asked>::with<link_answer>, caf::reacts_to<link_delivery>,
                     caf::reacts_to<peer_health_changed>>;

struct played_shard {
  std::mutex mutex;
  std::vector<std::string> delivered;
  std::atomic<int> health_changes{0};
  std::atomic<int> silent{0}; ///< Questions that will never be answered.

  std::size_t count() {
    const std::lock_guard guard{mutex};
    return delivered.size();
  }
};

inline asked_actor::behavior_type play_shard(asked_actor::pointer self,
                                             const std::shared_ptr<played_shard>& played) {
  auto kept = std::make_shared<std::vector<caf::typed_response_promise<link_answer>>>();
  return {
      [self, played, kept](const link_asked& asked) -> caf::result<link_answer> {
        if (asked.bytes == "who leads?")
          return to_error({errc::unavailable, "another one leads"}, node_number{3});
        if (asked.bytes == "say nothing") {
          kept->push_back(self->make_response_promise<link_answer>());
          ++played->silent;
          return kept->back();
        }
        return link_answer{"from n" + std::to_string(asked.from.value) + ": " + asked.bytes};
      },
      [played](const link_delivery& came) {
        const std::lock_guard guard{played->mutex};
        played->delivered.push_back(came.bytes);
      },
      [played](const peer_health_changed&) { ++played->health_changes; },
  };
}

inline std::shared_ptr<played_shard> with_shard(peers_node& node) {
  auto played = std::make_shared<played_shard>();
  const auto who = node.system().spawn(play_shard, played);
  node.home->board.put(role::shard(seven), caf::actor_cast<caf::strong_actor_ptr>(who));
  node.home->board.put(role::raft_group(seven), caf::actor_cast<caf::strong_actor_ptr>(who));
  return played;
}

using answer_future = std::shared_ptr<cell<outcome<std::string>>>;

/// Asks node `to` by its link; the answer comes into the cell.
inline answer_future ask(peers_node& from, std::uint32_t to, std::string bytes,
                         group_id group = seven, std::uint64_t within_ms = 20'000) {
  auto answer = std::make_shared<cell<outcome<std::string>>>();
  link_question question;
  question.group = group;
  question.deadline_ms = from.home->host.now_ms() + within_ms;
  question.bytes = std::move(bytes);
  from.system().spawn([answer, question, link = from.link(to)](caf::event_based_actor* self) {
    self->request(link, std::chrono::seconds{60}, question)
        .then(
            [answer](link_answer& said) {
              answer->set(std::make_shared<outcome<std::string>>(std::move(said.bytes)));
            },
            [answer](const caf::error& why) {
              auto words = to_status(why);
              if (const auto leader = leader_of(why))
                words.detail += " (leader " + std::to_string(leader->value) + ")";
              answer->set(std::make_shared<outcome<std::string>>(std::move(words)));
            });
  });
  return answer;
}

inline outcome<std::string> came(const answer_future& answer) {
  until("an answer comes", [&] { return answer->get() != nullptr; });
  return *answer->get();
}

inline outcome<std::string> answered(peers_node& from, std::uint32_t to, std::string bytes) {
  return came(ask(from, to, std::move(bytes)));
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Two nodes of a formed cluster that see each other.
struct pair_of_nodes {
  pair_of_nodes() {
    until("they see each other", [this] { return one->sees(2) && two->sees(1); });
  }

  std::vector<std::uint16_t> ports = free_ports(2);
  std::vector<node_config> configs = cluster_of(ports);
  std::vector<disk> disks{formed_disk(1), formed_disk(2)};
  std::unique_ptr<peers_node> one = std::make_unique<peers_node>(configs[0], disks[0]);
  std::unique_ptr<peers_node> two = std::make_unique<peers_node>(configs[1], disks[1]);
};

} // namespace grape::actors
