#include "core/client/places.hpp"

#include <algorithm>

namespace grape::client {

outcome<place_number> places::enter(const std::string& sender, std::uint64_t now_ms) {
  expire(now_ms);
  if (count_of(sender, false) >= options_.of_one_max)
    return status{errc::overloaded, "as many clients as one process may have"};
  if (count_of(sender, true) >= options_.waiting_of_one_max)
    return status{errc::overloaded, "too many clients of one process came at once"};
  if ((all_.size() >= options_.all_max || waiting() >= options_.waiting_max) && !make_room(sender))
    return status{errc::overloaded, "as many clients as it may have"};
  last_ = last_.next();
  all_.emplace(last_, one{sender, now_ms, true});
  return last_;
}

bool places::attach(place_number which, std::uint64_t now_ms) {
  expire(now_ms);
  const auto at = all_.find(which);
  if (at == all_.end())
    return false;
  at->second.is_waiting = false;
  return true;
}

bool places::is_kept(place_number which, std::uint64_t now_ms) {
  expire(now_ms);
  return all_.contains(which);
}

void places::expire(std::uint64_t now_ms) {
  std::erase_if(all_, [this, now_ms](const auto& each) {
    return each.second.is_waiting && now_ms - each.second.since_ms >= options_.waiting_ms_max;
  });
}

std::size_t places::waiting() const {
  return static_cast<std::size_t>(std::count_if(
      all_.begin(), all_.end(), [](const auto& each) { return each.second.is_waiting; }));
}

std::size_t places::count_of(const std::string& sender, bool only_waiting) const {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const auto& each) {
    return each.second.sender == sender && (each.second.is_waiting || !only_waiting);
  }));
}

/// Of whoever has the most places without using them, if that is more than `sender` would have,
/// the oldest goes. False: there is no such.
bool places::make_room(const std::string& sender) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [number, each] : all_)
    if (each.is_waiting)
      ++counts[each.sender];
  const auto greedy = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
  if (greedy == counts.end() || greedy->second <= counts[sender] + 1)
    return false;
  const auto oldest = std::find_if(all_.begin(), all_.end(), [&](const auto& each) {
    return each.second.is_waiting && each.second.sender == greedy->first;
  });
  all_.erase(oldest);
  return true;
}

} // namespace grape::client
