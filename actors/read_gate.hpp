#pragma once

#include "core/query/admission.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace grape::actors {

/// query::admission for all threads of a node, by its clock. Thread-safe; held by shared_ptr.
class read_gate : public std::enable_shared_from_this<read_gate> {
public:
  /// One read that was let in, until this goes.
  class pass {
  public:
    pass(std::shared_ptr<read_gate> gate, std::uint64_t entered_us)
      : gate_(std::move(gate))
      , entered_us_(entered_us) {
    }

    ~pass() { gate_->leave(entered_us_); }

    pass(const pass&) = delete;
    pass& operator=(const pass&) = delete;

  private:
    std::shared_ptr<read_gate> gate_;
    std::uint64_t entered_us_;
  };

  /// `now_us`: microseconds on a clock that never runs backwards; may be called for as long as the
  /// gate or a pass lives.
  read_gate(query::admission_limits limits, std::function<std::uint64_t()> now_us)
    : now_us_(std::move(now_us))
    , admission_(limits) {
  }

  /// Whether `enter` would let somebody in.
  bool is_open() {
    const std::lock_guard guard{mutex_};
    return admission_.is_open();
  }

  /// Null: refused.
  std::shared_ptr<pass> enter() {
    {
      const std::lock_guard guard{mutex_};
      if (!admission_.enter())
        return nullptr;
    }
    return std::make_shared<pass>(shared_from_this(), now_us_());
  }

private:
  void leave(std::uint64_t entered_us) {
    const std::lock_guard guard{mutex_};
    admission_.leave(entered_us, now_us_());
  }

  std::function<std::uint64_t()> now_us_;
  std::mutex mutex_;
  query::admission admission_;
};

} // namespace grape::actors
