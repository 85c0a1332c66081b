#include "tests/stress/ledger.hpp"

#include <algorithm>

namespace grape::stress {

namespace {

std::string text_of(const std::optional<content>& what) {
  if (!what)
    return "no point";
  return "version " + std::to_string(what->version) + " mark " + std::to_string(what->mark);
}

} // namespace

ledger::ledger(std::uint64_t owner)
  : owner_(owner) {
  for (auto id = owner * ids_of_writer; id < (owner + 1) * ids_of_writer; ++id)
    points_[id] = {};
}

void ledger::begin(const std::vector<std::uint64_t>& ids) {
  const std::lock_guard guard{mutex_};
  for (const auto id : ids) {
    auto& one = points_.at(id);
    ++one.changes;
    one.under_way = true;
  }
}

void ledger::end(const std::vector<std::uint64_t>& ids, fate answer, const change& made) {
  const std::lock_guard guard{mutex_};
  for (const auto id : ids) {
    auto& one = points_.at(id);
    one.under_way = false;
    if (answer == fate::refused)
      continue;
    auto may_be = answer == fate::unknown ? one.may_be : decltype(one.may_be){};
    for (const auto& before : one.may_be)
      if (const auto now = made(before);
          std::find(may_be.begin(), may_be.end(), now) == may_be.end())
        may_be.push_back(now);
    one.may_be = std::move(may_be);
  }
}

known_points ledger::copy() const {
  const std::lock_guard guard{mutex_};
  return points_;
}

std::vector<std::string> flaws_of(const known_points& known, const stored_points& stored) {
  std::vector<std::string> flaws;
  for (const auto& [id, one] : known) {
    const auto at = stored.find(id);
    const auto found = at == stored.end() ? std::nullopt : std::optional{at->second};
    if (std::find(one.may_be.begin(), one.may_be.end(), found) != one.may_be.end())
      continue;
    flaws.push_back("point " + std::to_string(id) + ": " + text_of(found) + " instead of "
                    + text_of(one.may_be.front()));
    if (flaws.size() == sentences_max)
      break;
  }
  return flaws;
}

known_points unchanged_between(const known_points& before, const known_points& after) {
  known_points made;
  for (const auto& [id, one] : after) {
    const auto& earlier = before.at(id);
    if (!earlier.under_way && !one.under_way && earlier.changes == one.changes)
      made[id] = one;
  }
  return made;
}

} // namespace grape::stress
