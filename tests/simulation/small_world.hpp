#pragma once

#include "core/raft/peer.hpp"
#include "core/raft/stable_log.hpp"
#include "tests/simulation/chance.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace grape::simulation {

/// What may happen in an exploration at most.
struct bounds {
  std::uint32_t nodes = 3;
  std::uint32_t campaigns = 2;
  std::uint32_t proposals = 1;
  std::uint32_t crashes = 1;
  std::uint64_t states_max = 1'000'000;
  std::uint64_t seed = 1; ///< Of the order in which branches are taken.
};

/// One replica's durable log, as a value.
struct small_log {
  raft::snapshot_mark mark;
  std::vector<raft::entry> entries; ///< From mark.index + 1 on.
  raft::hard_state state;

  log_index last() const noexcept { return log_index{mark.index.value + entries.size()}; }
};

/// The port of one node number. Peers of all worlds refer to it; it shows the log of the world that
/// is at work.
class switched_log final : public raft::stable_log {
public:
  void show(const small_log& which) noexcept { shown_ = &which; }

  const raft::snapshot_mark& snapshot() const override { return shown_->mark; }
  log_index last() const override { return shown_->last(); }
  std::optional<grape::term> term_at(log_index index) const override;
  std::vector<raft::entry> entries(log_index first, log_index last,
                                   std::size_t bytes_max) const override;

private:
  const small_log* shown_ = nullptr;
};

/// One thing that may happen next.
struct small_step {
  enum class kind : std::uint8_t { deliver, persist, campaign, propose, crash_lose, crash_keep };
  kind what{};
  std::uint32_t which = 0; ///< A place on the wire, or a node.
};

/// A group of peers as a value: copied for every branch. No time passes in it: elections begin when
/// a step says so, a message that is lost is one that is never delivered.
class small_world {
public:
  using ports = std::vector<std::unique_ptr<switched_log>>;

  small_world(const bounds& may, ports& through);

  /// What may happen, without the steps that equal another one.
  std::vector<small_step> steps() const;

  /// Throws `violation`.
  void take(const small_step& next);

  std::string describe(const small_step& next) const;

  /// Equal worlds have equal ones.
  std::uint64_t fingerprint() const;

private:
  struct place {
    raft::peer peer;
    small_log log;
    log_index applied;
    std::vector<raft::write> queue;
  };
  struct fact {
    grape::term term;
    std::uint64_t content = 0;
    grape::term committed_in;
  };

  void show_logs() const;
  void settle(std::uint32_t at);
  void send(const place& from, raft::message what);
  void persist(std::uint32_t at);
  void crash(std::uint32_t at, bool keeps);
  void apply(place& at);
  void look(std::uint32_t at);
  void look_at_commit(const place& at);
  void look_at_logs(std::uint32_t at) const;
  bool on_disk(const place& at, log_index index) const;

  bounds left_; ///< What still may happen.
  ports* ports_;
  std::vector<place> places_;
  std::vector<std::pair<std::uint64_t, raft::message>> wire_; ///< With their hashes.
  std::vector<fact> committed_;
  std::vector<std::pair<grape::term, std::uint32_t>> leaders_; ///< Of each term, by node.
};

} // namespace grape::simulation
