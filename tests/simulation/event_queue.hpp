#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::simulation {

/// Virtual time in microseconds since the start of the run.
using instant = std::uint64_t;

constexpr instant millisecond = 1'000;
constexpr instant second = 1'000'000;
constexpr instant tick_us = 100 * millisecond; ///< Between two ticks of a clock that is right.

enum class event_kind : std::uint8_t {
  tick,           ///< `node`, in `life`.
  deliver,        ///< `slot`: the message.
  written,        ///< `node`, `life`: its disk finished the oldest write.
  apply,          ///< `node`, `life`.
  checkpoint,     ///< `node`, `life`: syncs the state machine, then perhaps compacts.
  streamed,       ///< `slot`: the snapshot transfer.
  resume,         ///< `node`, `life`: the end of a pause.
  restart,        ///< `node`.
  client,         ///< `slot`: the client.
  change_members, ///< The administrator looks at the group.
  move_leader,    ///< A leader transfer.
  crash,          ///< Of some node.
  pause,          ///< Of some node.
  partition,      ///< Begins or changes one.
  heal,           ///< Ends all partitions.
  clog,           ///< A link delivers nothing for a while.
  disk_error,     ///< Some disk fails for good.
  no_space,       ///< Some disk is full for a while.
  clock,          ///< Some clock changes its rate or jumps.
  connection,     ///< Some connection ends, though both nodes live.
  lost,           ///< `node`, `life`: learns that its connection to node `slot` has ended.
};

struct event {
  instant at = 0;
  std::uint64_t order = 0; ///< Of events at one instant; unique.
  event_kind kind{};
  std::uint32_t node = 0;
  std::uint32_t life = 0;
  std::uint32_t slot = 0;
};

/// A heap of events in the order of (at, order).
class event_queue {
public:
  void push(event next) {
    next.order = order_++;
    heap_.push_back(next);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  bool empty() const noexcept { return heap_.empty(); }

  instant first_at() const noexcept { return heap_.front().at; }

  event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const auto first = heap_.back();
    heap_.pop_back();
    return first;
  }

  /// Takes all of one kind out, in their order.
  std::vector<event> take(event_kind kind) {
    std::vector<event> taken;
    std::erase_if(heap_, [&](const event& each) {
      if (each.kind != kind)
        return false;
      taken.push_back(each);
      return true;
    });
    std::make_heap(heap_.begin(), heap_.end(), later);
    std::sort(taken.begin(), taken.end(),
              [](const event& a, const event& b) { return later(b, a); });
    return taken;
  }

private:
  static bool later(const event& a, const event& b) noexcept {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::vector<event> heap_;
  std::uint64_t order_ = 0;
};

} // namespace grape::simulation
