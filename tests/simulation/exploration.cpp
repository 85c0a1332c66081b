#include "tests/simulation/exploration.hpp"

#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace grape::simulation {

namespace {

/// Open addressing: eight bytes a state, and one more look than a miss needs.
class seen_states {
public:
  /// False if it was there.
  bool insert(std::uint64_t state) {
    if (2 * (count_ + 1) > slots_.size())
      grow();
    return place(state == 0 ? 1 : state);
  }

  std::uint64_t size() const noexcept { return count_; }

private:
  bool place(std::uint64_t state) {
    for (auto i = state & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == state)
        return false;
      if (slots_[i] != 0)
        continue;
      slots_[i] = state;
      ++count_;
      return true;
    }
  }

  void grow() {
    const auto old = std::exchange(slots_, std::vector<std::uint64_t>(slots_.size() * 2));
    count_ = 0;
    for (const auto each : old)
      if (each != 0)
        place(each);
  }

  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1u << 16);
  std::uint64_t count_ = 0;
};

/// A state on the current path, and what was not tried from it yet.
struct branch {
  small_world world;
  std::vector<small_step> steps;
  std::size_t next = 0;
};

class explorer {
public:
  explorer(const bounds& may, const std::function<void(const std::vector<std::string>&)>& watch)
    : may_(may)
    , luck_(may.seed)
    , watch_(watch) {}

  explored run() {
    enter(small_world{may_, ports_});
    while (!path_.empty() && seen_.size() < may_.states_max) {
      auto& at = path_.back();
      if (at.next == at.steps.size())
        path_.pop_back();
      else if (!follow(at, at.steps[at.next++]))
        break;
    }
    found_.complete = path_.empty();
    found_.states = seen_.size();
    return found_;
  }

private:
  void enter(small_world world) {
    if (!seen_.insert(world.fingerprint()))
      return;
    auto steps = world.steps();
    for (auto i = steps.size(); i > 1; --i)
      std::swap(steps[i - 1], steps[static_cast<std::size_t>(luck_.below(i))]);
    path_.push_back({std::move(world), std::move(steps)});
    found_.depth_max = std::max<std::uint64_t>(found_.depth_max, path_.size());
  }

  bool follow(const branch& from, const small_step& step) {
    ++found_.transitions;
    if (watch_)
      watch_(words());
    auto next = from.world;
    try {
      next.take(step);
    } catch (const violation& broken) {
      found_.law = broken.law;
      found_.detail = broken.what();
      found_.path = words();
      return false;
    }
    enter(std::move(next));
    return true;
  }

  /// Of the path, the step under way included.
  std::vector<std::string> words() const {
    std::vector<std::string> all;
    for (const auto& each : path_)
      all.push_back(each.world.describe(each.steps[each.next - 1]));
    return all;
  }

  bounds may_;
  chance luck_;
  const std::function<void(const std::vector<std::string>&)>& watch_;
  small_world::ports ports_;
  seen_states seen_;
  std::vector<branch> path_;
  explored found_;
};

} // namespace

explored explore(const bounds& may,
                 const std::function<void(const std::vector<std::string>&)>& watch) {
  return explorer{may, watch}.run();
}

} // namespace grape::simulation
