#pragma once

#include "core/query/admission.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace grape::actors {

/// query::admission for all threads of a node, by its clock. Thread-safe; held by shared_ptr.
class read_gate : public std::enable_shared_from_this<read_gate> {
public:
  /// One read that was let in, until it is ended or this goes.
  class pass {
  public:
    pass(std::shared_ptr<read_gate> gate, std::uint64_t entered_us, std::size_t searches)
      : gate_(std::move(gate))
      , entered_us_(entered_us)
      , searches_(searches) {
    }

    ~pass() { end(); }

    pass(const pass&) = delete;
    pass& operator=(const pass&) = delete;

    /// Its turn has come. False: it waited for too long and goes unserved. Asked once at most.
    bool is_fresh() {
      served_ = gate_->is_fresh(entered_us_);
      return served_;
    }

    /// It has its answer. A client that asks again once it heard that must not find it inside.
    void end() {
      if (!ended_.exchange(true))
        gate_->leave(*this);
    }

  private:
    friend class read_gate;

    std::shared_ptr<read_gate> gate_;
    std::uint64_t entered_us_;
    std::size_t searches_;
    bool served_ = true;
    std::atomic<bool> ended_{false};
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
    return admission_.is_open(now_us_());
  }

  /// For a read of so many searches, at least 1. Null: refused.
  std::shared_ptr<pass> enter(std::size_t searches) {
    std::uint64_t now_us = 0;
    {
      const std::lock_guard guard{mutex_}; // Before the clock, which must not run backwards.
      now_us = now_us_();
      if (!admission_.enter(now_us, searches))
        return nullptr;
    }
    return std::make_shared<pass>(shared_from_this(), now_us, searches);
  }

private:
  bool is_fresh(std::uint64_t entered_us) {
    const std::lock_guard guard{mutex_};
    return !admission_.is_stale(entered_us, now_us_());
  }

  void leave(const pass& one) {
    const std::lock_guard guard{mutex_};
    if (one.served_)
      admission_.leave(one.entered_us_, now_us_(), one.searches_);
    else
      admission_.give_up(one.searches_);
  }

  std::function<std::uint64_t()> now_us_;
  std::mutex mutex_;
  query::admission admission_;
};

} // namespace grape::actors
