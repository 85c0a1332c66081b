#include "core/supervision/family.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace grape::supervision {

namespace {

constexpr std::uint32_t delay_first_ms = 50; // Of the second renewal within the window.
constexpr std::uint32_t delay_ms_max = 2'000;

/// A child's first renewal comes at once; those that follow wait longer and longer, so that a
/// cause outside (a full disk) has time to go away.
std::uint32_t delay_of(std::size_t falls_in_window) {
  if (falls_in_window <= 1)
    return 0;
  const auto doublings = std::min<std::size_t>(falls_in_window - 2, 10);
  return std::min(delay_first_ms << doublings, delay_ms_max);
}

bool wants_restart(restart_kind kind, exit_kind how) {
  switch (kind) {
    case restart_kind::permanent: return true;
    case restart_kind::transient: return how != exit_kind::orderly;
    case restart_kind::temporary: return false;
  }
  return false;
}

} // namespace

bool heals_by_renewal(errc why) noexcept {
  return why != errc::corrupted && why != errc::wrong_version && why != errc::bad_config;
}

exit_kind kind_of_fall(const child_spec& who, errc why) noexcept {
  const auto final_write = who.failed_writes_are_final && why == errc::io_error;
  return heals_by_renewal(why) && !final_write ? exit_kind::fell : exit_kind::hopeless;
}

family::family(strategy how, intensity limit) : how_(how), limit_(limit) {
}

orders family::add(child_spec spec) {
  member born;
  born.told.who = child_index{next_index_++};
  born.told.spec = std::move(spec);
  born.due = true;
  children_.push_back(std::move(born));
  return next();
}

orders family::retire(child_index who) {
  auto& child = at(who);
  child.retired = true;
  child.due = false;
  if (child.now == phase::absent) {
    std::erase_if(children_, [who](const auto& one) { return one.told.who == who; });
    return next();
  }
  orders out;
  if (child.now == phase::running || child.now == phase::starting) {
    child.now = phase::stopping;
    out.stop.push_back(who);
  }
  return out;
}

void family::started(child_index who) {
  auto& child = at(who);
  if (child.now == phase::starting)
    child.now = phase::running;
}

orders family::ended(child_index who, exit_kind how, std::string error, std::uint64_t now_ms) {
  auto& child = at(who);
  GRAPE_CHECK(child.now != phase::absent);
  const bool was_asked = child.now == phase::stopping;
  child.now = phase::absent;
  if (child.retired)
    std::erase_if(children_, [who](const auto& one) { return one.told.who == who; });
  if (closing_)
    return next_while_closing();
  if (was_asked)
    return next();
  if (how != exit_kind::orderly)
    child.told.last_error = std::move(error);
  if (!wants_restart(child.told.spec.restart, how)) {
    std::erase_if(children_, [who](const auto& one) { return one.told.who == who; });
    return {};
  }
  remember(falls_ms_, now_ms);
  remember(child.falls_ms, now_ms);
  if (how == exit_kind::hopeless || falls_ms_.size() > limit_.restarts_max
      || child.falls_ms.size() > limit_.restarts_max_each)
    return {.stop = {}, .start = {}, .delay_ms = 0, .escalate = true, .closed = false};
  mark_renewal(child);
  delay_ms_ = delay_of(child.falls_ms.size());
  return next();
}

orders family::close() {
  closing_ = true;
  for (auto& child : children_)
    child.due = false;
  return next_while_closing();
}

std::vector<family::chronicle> family::chronicles() const {
  std::vector<chronicle> all;
  all.reserve(children_.size());
  for (const auto& child : children_) {
    all.push_back(child.told);
    all.back().running = child.now == phase::running;
  }
  return all;
}

std::optional<child_index> family::find(const std::string& name) const {
  for (const auto& child : children_)
    if (child.told.spec.name == name && !child.retired)
      return child.told.who;
  return std::nullopt;
}

family::member& family::at(child_index who) {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [who](const auto& child) { return child.told.who == who; });
  GRAPE_CHECK(found != children_.end());
  return *found;
}

void family::remember(std::deque<std::uint64_t>& falls, std::uint64_t now_ms) const {
  while (!falls.empty() && falls.front() + limit_.window_ms <= now_ms)
    falls.pop_front();
  falls.push_back(now_ms);
}

void family::mark_renewal(const member& fallen) {
  for (auto& child : children_) {
    const bool same = child.told.who == fallen.told.who;
    const bool leaned = how_ == strategy::one_for_all
                        || (how_ == strategy::rest_for_one && child.told.who > fallen.told.who);
    // A child that ended for good is not called back because an elder fell.
    if (!same && (!leaned || child.retired || (child.now == phase::absent && !child.due)))
      continue;
    child.due = true;
    if (same)
      ++child.told.restarts;
  }
}

orders family::next() {
  if (closing_)
    return next_while_closing();
  orders out;
  const auto alive = [](const member& one) { return one.now != phase::absent; };
  // Youngest first, and one at a time: an elder is in use until the younger one has ended.
  for (auto child = children_.rbegin(); child != children_.rend(); ++child)
    if (child->due && alive(*child)) {
      if (child->now != phase::stopping) {
        child->now = phase::stopping;
        out.stop.push_back(child->told.who);
      }
      break;
    }
  const bool some_left = std::any_of(children_.begin(), children_.end(), [&alive](const auto& one) {
    return one.due && alive(one);
  });
  if (some_left && how_ != strategy::one_for_one)
    return out;
  for (auto& child : children_)
    if (child.due && !alive(child)) {
      child.due = false;
      child.now = phase::starting;
      out.start.push_back(child.told.who);
    }
  if (!out.start.empty())
    out.delay_ms = std::exchange(delay_ms_, 0);
  return out;
}

orders family::next_while_closing() {
  orders out;
  for (auto child = children_.rbegin(); child != children_.rend(); ++child) {
    if (child->now == phase::absent)
      continue;
    if (child->now != phase::stopping) {
      child->now = phase::stopping;
      out.stop.push_back(child->told.who);
    }
    return out;
  }
  out.closed = true;
  return out;
}

} // namespace grape::supervision
