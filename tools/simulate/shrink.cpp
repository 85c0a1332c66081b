#include "tools/simulate/shrink.hpp"

#include "tools/simulate/batch.hpp"

#include <algorithm>
#include <vector>

namespace grape::simulate {

namespace {

constexpr std::uint64_t attempts_max = 600;

class shrinker {
public:
  shrinker(arguments given, const probe& first)
    : best_(std::move(given))
    , last_(first) {}

  void leave_out_kinds() {
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(simulation::fault::count_); ++i) {
      auto next = best_;
      next.off |= 1u << i;
      attempt(next);
    }
  }

  void leave_out_faults() {
    for (auto size = std::max<std::uint64_t>(last_.faults / 2, 1);; size /= 2) {
      auto left = remaining();
      for (std::size_t from = 0; from < left.size(); from += size) {
        auto next = best_;
        const auto to = std::min<std::size_t>(left.size(), from + size);
        next.suppressed.insert(left.begin() + static_cast<std::ptrdiff_t>(from),
                               left.begin() + static_cast<std::ptrdiff_t>(to));
        attempt(next);
      }
      if (size <= 1)
        return;
    }
  }

  /// Of a crash the number of faults is not known; then nothing is left out one by one.
  std::vector<std::uint64_t> remaining() const {
    std::vector<std::uint64_t> left;
    for (std::uint64_t i = 1; i <= last_.faults; ++i)
      if (!best_.suppressed.contains(i))
        left.push_back(i);
    return left;
  }

  const arguments& best() const noexcept { return best_; }
  const probe& last() const noexcept { return last_; }
  std::uint64_t attempts() const noexcept { return attempts_; }

private:
  void attempt(const arguments& next) {
    if (attempts_ >= attempts_max)
      return;
    ++attempts_;
    const auto found = run_apart(next.first_seed, next, true);
    if (!found.failed || found.law != last_.law)
      return;
    best_ = next;
    last_ = found;
  }

  arguments best_;
  probe last_;
  std::uint64_t attempts_ = 0;
};

std::string command_of(const arguments& best, std::uint64_t faults) {
  std::string command = "simulate --seed " + std::to_string(best.first_seed);
  if (best.seconds != 60)
    command += " --seconds " + std::to_string(best.seconds);
  if (best.reference)
    command += " --reference";
  std::string kinds;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(simulation::fault::count_); ++i)
    if ((best.off >> i & 1) != 0)
      kinds += (kinds.empty() ? "" : ",") + std::string{to_string(simulation::fault(i))};
  if (!kinds.empty())
    command += " --without " + kinds;
  std::string ordinals;
  for (auto i = best.suppressed.begin(); i != best.suppressed.end() && *i <= faults;) {
    auto last = *i;
    const auto first = *i++;
    while (i != best.suppressed.end() && *i == last + 1)
      last = *i++;
    ordinals += (ordinals.empty() ? "" : ",") + std::to_string(first);
    if (last != first)
      ordinals += "-" + std::to_string(last);
  }
  return ordinals.empty() ? command : command + " --suppress " + ordinals;
}

} // namespace

shrunk shrink(arguments given) {
  const auto first = run_apart(given.first_seed, given, true);
  if (!first.failed)
    return {};
  shrinker work{std::move(given), first};
  work.leave_out_kinds();
  work.leave_out_faults();
  const auto& last = work.last();
  return {true,
          last.what,
          last.steps,
          work.remaining().size(),
          work.attempts(),
          command_of(work.best(), last.faults)};
}

} // namespace grape::simulate
