#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace grape::shard {

/// Requests held back for a while, first come first served: no more than a given number, none
/// beyond its deadline. Knows no clock.
template <class T>
class waiting_room {
public:
  explicit waiting_room(std::size_t places = 1'024) : places_(places) {
  }

  bool full() const noexcept { return waiting_.size() >= places_; }
  bool empty() const noexcept { return waiting_.empty(); }

  /// Needs !full().
  void admit(T one, std::uint64_t deadline_ms) {
    waiting_.push_back({std::move(one), deadline_ms});
  }

  /// Takes out those for whom `may(one)` is true, in order of arrival.
  template <class May>
  std::vector<T> take_if(May&& may) {
    std::vector<T> out;
    std::deque<place> stay;
    for (auto& at : waiting_)
      if (may(std::as_const(at.one)))
        out.push_back(std::move(at.one));
      else
        stay.push_back(std::move(at));
    waiting_.swap(stay);
    return out;
  }

  /// Takes out those whose deadline has come.
  std::vector<T> take_late(std::uint64_t now_ms) {
    std::vector<T> out;
    std::deque<place> stay;
    for (auto& at : waiting_)
      if (at.deadline_ms <= now_ms)
        out.push_back(std::move(at.one));
      else
        stay.push_back(std::move(at));
    waiting_.swap(stay);
    return out;
  }

  std::vector<T> take_all() {
    return take_if([](const T&) { return true; });
  }

private:
  struct place {
    T one;
    std::uint64_t deadline_ms;
  };

  std::size_t places_;
  std::deque<place> waiting_;
};

} // namespace grape::shard
