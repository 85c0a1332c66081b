#pragma once

#include "core/cluster/shard_replicas.hpp"
#include "core/ids.hpp"
#include "core/status.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape::query {

/// A node with a replica of the shard that is asked.
struct route_target {
  node_number node;
  bool healthy = true;      ///< Not suspect: it was heard lately.
  std::uint64_t rtt_us = 0; ///< Smoothed; 0 = itself, or not known.

  friend bool operator==(const route_target&, const route_target&) = default;
};

/// What a node knows of its way to another one.
struct route_peer {
  bool healthy = false;
  std::uint64_t rtt_us = 0; ///< 0 = not measured yet: taken as far away.
};

/// Whom a node can ask about a shard: every voter with data, itself included as healthy and near.
std::vector<route_target> targets_of(const cluster::shard_replicas& shard, node_number self,
                                     const std::function<route_peer(node_number)>& peer);

/// Whether this node hears so many of the shard's voters, itself and witnesses included, that they
/// can have a leader.
bool hears_majority(const cluster::shard_replicas& shard, node_number self,
                    const std::function<route_peer(node_number)>& peer);

enum class route_goal : std::uint8_t {
  write,        ///< Only the leader can; the shard's sessions let the same write take effect once.
  single_write, ///< Only the leader can; asked again only after an attempt that surely did nothing.
  read,         ///< Any voter can, by ReadIndex; the leader soonest.
  nearest_read, ///< Any replica may (level `eventual`).
};

struct route_options {
  /// Without an answer for so long, another one is asked too; when all were, twice as long until
  /// they are asked once more, and so on.
  std::uint64_t again_after_ms = 500;
  std::uint64_t again_after_ms_max = 4'000;
  std::size_t at_once_max = 2;        ///< Asked and not answered; at least 1.
  std::uint64_t pause_ms = 20; ///< When all have been asked in vain; doubles with each round.
  std::uint64_t pause_ms_max = 320;
  /// A question that needs a leader is given up after so long without a majority in hearing: a node
  /// that is cut off says so, instead of holding everybody until the deadline. Longer than it takes
  /// to dial a peer again that is back (link::backoff_options).
  std::uint64_t isolated_ms_max = 2'000;
  /// So long an attempt of a write may still be answered when its shard is no more.
  std::uint64_t gone_ms_max = 1'000;
  /// No attempt begins at or after this time, on the clock of `next`.
  std::uint64_t attempts_end_ms = std::numeric_limits<std::uint64_t>::max();
};

/// One question for one shard on its way through the shard's replicas, until one has answered it:
/// whom to ask next, and when to give up. Refusals that another node would repeat end it at once.
/// A `write` that surely did nothing ends at once as `overloaded` or `no_space` too; once an
/// attempt may have taken effect it is asked about until that is known, and ends as
/// `commit_unknown` if it never is. `stale_route` to an attempt in doubt is the word of the shard's
/// sessions, and says that no attempt took effect.
/// Once its shard is no more a question ends as `stale_route`: whoever planned must plan again. A
/// write that may have taken effect before ends as `commit_unknown`.
/// A `single_write` is with one node at a time, with none that is not healthy as long as others are
/// (it might hang there), and ends at once when it may have taken effect, or is `overloaded`.
/// Knows no clock; not thread-safe.
class route {
public:
  /// Ask this node.
  struct send {
    node_number to;
    bool again = false; ///< An earlier attempt may have taken effect.
  };

  /// Nothing to do before this time, or before the next `failed`.
  struct wait {
    std::uint64_t until_ms = 0;
  };

  /// There is no answer, and why.
  struct give_up {
    status why;
  };

  using step = std::variant<send, wait, give_up>;

  /// `leader`: as this node believes.
  route(route_goal goal, std::vector<route_target> targets, std::optional<node_number> leader,
        std::uint64_t deadline_ms, const route_options& options);

  /// The next step at `now_ms`; ask again after a `send`, after `failed`, and when a wait ends.
  step next(std::uint64_t now_ms);

  /// `by` has refused, or the link to it broke (`commit_unknown`). `leader`: as it believes.
  void failed(node_number by, status why, std::optional<node_number> leader, std::uint64_t now_ms);

  /// From now on these are whom it may ask. `leader`: as this node believes now.
  void retarget(std::vector<route_target> targets, std::optional<node_number> leader = {});

  /// Who leads is known just now: a question that waits for a leader, or for a node that is not
  /// healthy, goes there at once.
  void led_by(node_number leader, std::uint64_t now_ms);

  /// The shard was deleted: nobody is asked any more. Later calls change nothing.
  void gone(std::uint64_t now_ms) noexcept;

  /// What `hears_majority` says now; true until told otherwise.
  void hears(bool majority) noexcept { hears_majority_ = majority; }

  /// All who were asked, in this order, for the explanation of the answer.
  const std::vector<node_number>& asked() const noexcept { return asked_; }

  /// Whether one was asked while another was silent.
  bool hedged() const noexcept { return hedged_; }

  std::optional<node_number> leader() const noexcept { return leader_; }

private:
  std::optional<node_number> choose() const;
  std::uint64_t end_ms(std::uint64_t now_ms);
  bool is_worth_asking(const route_target& target) const;
  bool any_healthy() const;
  bool in_doubt() const noexcept { return maybe_applied_ || !waiting_for_.empty(); }
  void begin_round() noexcept;
  void refused_single(const status& why);
  void refused_write(node_number by, const status& why);
  void follow(std::optional<node_number> leader, node_number by, std::uint64_t now_ms);
  status outcome_now() const;
  step step_when_gone(std::uint64_t now_ms) const;

  route_goal goal_;
  std::vector<route_target> targets_; // In the order in which they are asked, but for the leader.
  std::optional<node_number> leader_;
  std::uint64_t deadline_ms_;
  route_options options_;
  std::vector<node_number> asked_;
  std::set<node_number> this_round_; // Asked since the last pause.
  std::set<node_number> followed_;   // Asked again since then, because it was said to lead.
  std::set<node_number> waiting_for_;
  std::set<node_number> asked_again_; // Of those who were asked last as an attempt in doubt.
  std::uint64_t again_at_ms_ = 0; // Time to ask another one too.
  std::uint64_t again_after_ms_;
  std::uint64_t pause_until_ms_ = 0;
  std::uint64_t pause_ms_;
  status last_refusal_;
  std::optional<status> final_; // A refusal that another node would repeat.
  bool hears_majority_ = true;
  std::optional<std::uint64_t> isolated_since_ms_;
  std::optional<std::uint64_t> gone_since_ms_;
  bool maybe_applied_ = false;
  bool hedged_ = false;
};

/// A refusal as a client reads it: with the shard, and who was asked, in order of the first time.
/// What is wrong with the question itself stays as it is: clients know those texts.
status with_attempts(status why, std::string_view shard, std::span<const node_number> asked,
                     const std::function<std::string(node_number)>& name_of);

} // namespace grape::query
