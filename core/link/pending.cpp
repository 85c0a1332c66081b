#include "core/link/pending.hpp"

#include <string>

namespace grape::link {

outcome<ticket> pending::begin(std::uint64_t deadline_ms) {
  if (deadlines_ms_.size() >= requests_max_)
    return status{errc::overloaded, std::to_string(requests_max_)
                                        + " requests to this peer wait for their answers already; "
                                          "try again later"};
  last_ = last_.next();
  deadlines_ms_.emplace(last_, deadline_ms);
  by_deadline_.emplace(deadline_ms, last_);
  return last_;
}

bool pending::answered(ticket request) {
  const auto found = deadlines_ms_.find(request);
  if (found == deadlines_ms_.end())
    return false;
  by_deadline_.erase({found->second, request});
  deadlines_ms_.erase(found);
  return true;
}

std::vector<ticket> pending::expired(std::uint64_t now_ms) {
  std::vector<ticket> late;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now_ms) {
    late.push_back(by_deadline_.begin()->second);
    deadlines_ms_.erase(late.back());
    by_deadline_.erase(by_deadline_.begin());
  }
  return late;
}

std::vector<ticket> pending::closed() {
  std::vector<ticket> all;
  all.reserve(deadlines_ms_.size());
  for (const auto& [request, deadline_ms] : deadlines_ms_)
    all.push_back(request);
  deadlines_ms_.clear();
  by_deadline_.clear();
  return all;
}

std::optional<std::uint64_t> pending::wake_ms() const {
  return by_deadline_.empty() ? std::nullopt : std::optional{by_deadline_.begin()->first};
}

} // namespace grape::link
