#pragma once

#include "core/ids.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace grape::supervision {

/// A child's place in its family, in order of birth. Never reused within one family.
using child_index = id<struct child_index_tag, std::uint32_t>;

/// Whether a child that ended is started again.
enum class restart_kind : std::uint8_t {
  permanent, ///< Always.
  transient, ///< Only if it fell; an orderly end is fine.
  temporary, ///< Never.
};

/// Who is renewed together with a fallen child.
enum class strategy : std::uint8_t {
  one_for_one,  ///< Nobody: siblings are strangers.
  rest_for_one, ///< Whoever was born later: they lean on it.
  one_for_all,  ///< Everybody.
};

/// How a child ended.
enum class exit_kind : std::uint8_t {
  orderly, ///< It finished, or was asked to stop.
  fell,    ///< An error, or killed.
  hopeless ///< An error that would only come again.
};

/// Can a renewed actor do better after it fell with this error? Not where stored bytes are wrong:
/// that is for a person.
bool heals_by_renewal(errc why) noexcept;

/// What a family must know of one child; how to start it is known by whoever performs the orders.
struct child_spec {
  std::string name; ///< Unique in the tree, e.g. "replica words/0".
  restart_kind restart = restart_kind::permanent;
  std::uint32_t shutdown_ms = 5'000; ///< Time to end in order before it is killed.
  /// What it failed to write or sync (io_error) cannot be written anew: nobody knows what the disk
  /// holds.
  bool failed_writes_are_final = false;
};

/// How a child of this kind ended that fell with this error.
exit_kind kind_of_fall(const child_spec& who, errc why) noexcept;

/// When a floor gives up: more renewals than these within `window_ms`.
struct intensity {
  std::uint32_t restarts_max = 5;      ///< Of all its children together.
  std::uint32_t restarts_max_each = 5; ///< Of any one of them.
  std::uint32_t window_ms = 10'000;
};

/// What must be done now, in this order.
struct orders {
  std::vector<child_index> stop;  ///< Ask these to end; report each by `ended`, also one whose
                                  ///< delayed start had not come yet.
  std::vector<child_index> start; ///< Start these in this order; report each by `started`.
  std::uint32_t delay_ms = 0;     ///< Wait this long before starting.
  bool escalate = false;          ///< This floor cannot heal it: let the floor above try.
  bool closed = false;            ///< `close` was asked and the last child has ended.
};

/// One floor of the tree of care: decides who is stopped and started, and when to give up.
/// Stops the youngest first and awaits each; starts the oldest first. Knows no actor and no clock.
class family {
public:
  family(strategy how, intensity limit);

  /// A new child, to be started by the `start` of the orders that come back.
  orders add(child_spec spec);

  /// Stops a child for good. Its index is unknown afterwards, once it has ended.
  orders retire(child_index who);

  /// The child runs.
  void started(child_index who);

  /// The child has ended, asked or not; one that is not to be started again is forgotten. `now_ms`
  /// is any clock that does not run backwards.
  orders ended(child_index who, exit_kind how, std::string error, std::uint64_t now_ms);

  /// Stops everybody, youngest first; nobody is started any more.
  orders close();

  /// What one child went through.
  struct chronicle {
    child_index who;
    child_spec spec;
    std::uint64_t restarts = 0;
    std::string last_error; ///< Why it fell last; empty = never.
    bool running = false;
  };

  /// All children in order of birth.
  std::vector<chronicle> chronicles() const;

  /// The child called `name`, if there is one.
  std::optional<child_index> find(const std::string& name) const;

private:
  enum class phase : std::uint8_t { absent, starting, running, stopping };

  struct member {
    chronicle told;
    phase now = phase::absent;
    bool due = false;                   // To be started once nobody of its renewal is left.
    bool retired = false;               // Forgotten once it has ended.
    std::deque<std::uint64_t> falls_ms; // Its own, within the window.
  };

  member& at(child_index who);
  void remember(std::deque<std::uint64_t>& falls, std::uint64_t now_ms) const;
  void mark_renewal(const member& fallen);
  orders next();
  orders next_while_closing();

  strategy how_;
  intensity limit_;
  std::vector<member> children_;       // Ascending by index.
  std::deque<std::uint64_t> falls_ms_; // Renewals within the window.
  std::uint32_t next_index_ = 0;
  std::uint32_t delay_ms_ = 0; // Before the start that is due next.
  bool closing_ = false;
};

} // namespace grape::supervision
