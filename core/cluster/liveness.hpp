#pragma once

#include "core/cluster/phi_accrual.hpp"
#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace grape::cluster {

/// What a node thinks of another one.
enum class health : std::uint8_t {
  alive,
  suspect, ///< Silent for too long: requests go elsewhere, sleeping Raft groups wake.
  silent,  ///< As good as gone; whether it is *down* only a majority can say.
};

struct liveness_options {
  phi_options arrivals;
  double suspect_phi = 8;
  double silent_phi = 12;
  std::uint64_t silent_ms_min = 6'000; ///< No shorter silence makes anybody `silent`.
};

/// One peer whose health is no longer what it was.
struct health_change {
  node_number node;
  health is = health::alive;

  friend bool operator==(const health_change&, const health_change&) = default;
};

/// What one node thinks of all others. It only suggests (routing, waking, repairing): no safety of
/// data rests on it. Knows no clock; not thread-safe.
class liveness {
public:
  explicit liveness(const liveness_options& options)
    : options_(options) {}

  /// From now on `node` is watched; it starts alive. Again: no effect.
  void watch(node_number node, std::uint64_t now_ms);

  /// Watched no more: `silent` from now on. If it was not, the next `judge` says so: whoever sleeps
  /// and relies on that node must wake.
  void forget(node_number node);

  /// Anything came from `node`. Who is not watched is ignored.
  void heard(node_number node, std::uint64_t now_ms);

  /// The connection to `node` ended: it is suspect until it is heard again.
  void lost(node_number node);

  /// Who is judged otherwise than at the last call, by number. Call it a few times a second.
  std::vector<health_change> judge(std::uint64_t now_ms);

  /// As last judged; who is not watched is `silent`.
  health of(node_number node) const;

  /// Whoever is `silent`, as last judged: what this node reports to the control plane.
  std::set<node_number> silent() const;

private:
  struct peer {
    phi_accrual arrivals;
    bool lost = false;
    health is = health::alive;
  };

  health judge(const peer& one, std::uint64_t now_ms) const;

  liveness_options options_;
  std::map<node_number, peer> peers_;
  std::set<node_number> forgotten_; ///< Since the last `judge`, and not silent then.
};

/// Who of the cluster is down, from what the control plane's voters report of whom they do not
/// hear. A one-way cut makes one node deaf, not another one dead: so many as make a majority must
/// agree. Knows no clock; not thread-safe.
class down_reports {
public:
  /// `of` replaces what `reporter` said before.
  void report(node_number reporter, std::set<node_number> silent, std::uint64_t now_ms);

  /// Reported as silent, within the last `fresh_ms`, by more than half of `voters`. A voter's word
  /// about itself does not count.
  std::set<node_number> down(const std::set<node_number>& voters, std::uint64_t now_ms,
                             std::uint64_t fresh_ms) const;

private:
  struct saying {
    std::set<node_number> silent;
    std::uint64_t at_ms = 0;
  };

  std::map<node_number, saying> sayings_;
};

} // namespace grape::cluster
