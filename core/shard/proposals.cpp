#include "core/shard/proposals.hpp"

#include <algorithm>
#include <string>

namespace grape::shard {

std::vector<std::uint64_t> proposals::lead(term now, log_index first) {
  leads_ = true;
  first_ = first;
  schema_.reset();
  std::vector<std::uint64_t> lost;
  for (auto at = by_index_.lower_bound(first); at != by_index_.end(); ++at)
    if (by_ticket_.at(at->second).in < now)
      lost.push_back(at->second);
  for (const auto ticket : lost)
    erase(ticket);
  return lost;
}

void proposals::follow() {
  leads_ = false;
  schema_.reset();
}

status proposals::check(std::size_t bytes, bool always) const {
  if (!is_ready())
    return {errc::unavailable, leads_ ? "the new leader of the shard is not ready yet"
                                      : "this replica of the shard does not lead"};
  if (bytes > limits_.entry_bytes_max)
    return {errc::too_large, "a batch of " + std::to_string(bytes)
                                 + " bytes for one shard; at most "
                                 + std::to_string(limits_.entry_bytes_max) + " fit into its log"};
  if (!always && (by_ticket_.size() >= limits_.entries_max || bytes_ + bytes > limits_.bytes_max))
    return {errc::overloaded, "too many writes wait for the shard"};
  return {};
}

std::uint64_t proposals::let_in(const proposal& one) {
  by_ticket_.emplace(++last_ticket_, one);
  bytes_ += one.bytes;
  return last_ticket_;
}

outcome<std::uint64_t> proposals::propose_points(const batch& asked) {
  if (auto fits = check(asked.bytes, false); !fits.ok())
    return fits;
  if (!asked.again && asked.validated_against != *schema_)
    return status{errc::stale_route,
                  "validated against schema version "
                      + std::to_string(asked.validated_against.value)
                      + "; the shard lives by version " + std::to_string(schema_->value)};
  return let_in({asked.bytes, asked.now_ms, false, {}, {}});
}

status proposals::check_lag(std::uint64_t now_ms, const async_limits& limits) const {
  for (const auto& [ticket, one] : by_ticket_)
    if (one.since_ms) // The oldest is the first.
      return shard::check_lag(now_ms - std::min(now_ms, *one.since_ms), bytes_, limits);
  return {};
}

outcome<std::optional<std::uint64_t>> proposals::propose_schema(schema_version next,
                                                                std::size_t bytes) {
  using maybe = std::optional<std::uint64_t>;
  if (auto fits = check(bytes, true); !fits.ok())
    return fits;
  if (next <= *schema_)
    return maybe{};
  schema_ = next;
  return maybe{let_in({bytes, {}, true, {}, {}})};
}

void proposals::taken(std::uint64_t ticket, log_index index, term in) {
  const auto at = by_ticket_.find(ticket);
  if (at == by_ticket_.end())
    return;
  if (const auto before = open_at(index); before && *before != ticket)
    erase(*before);
  at->second.index = index;
  at->second.in = in;
  by_index_[index] = ticket;
}

std::optional<std::uint64_t> proposals::open_at(log_index index) const {
  const auto at = by_index_.find(index);
  return at == by_index_.end() ? std::nullopt : std::optional{at->second};
}

bool proposals::refused(std::uint64_t ticket) {
  const auto at = by_ticket_.find(ticket);
  if (at == by_ticket_.end())
    return false;
  if (at->second.changes_schema) { // Known again when all that counted on it is settled.
    schema_.reset();
    doubtful_through_ = last_ticket_;
  }
  erase(ticket);
  return true;
}

proposals::fate proposals::committed(log_index index, term in) {
  fate of;
  const auto at = by_index_.find(index);
  if (at == by_index_.end())
    return of;
  const auto ticket = at->second;
  (by_ticket_.at(ticket).in == in ? of.won : of.lost) = ticket;
  of.doubtful = ticket <= doubtful_through_;
  erase(ticket);
  return of;
}

void proposals::applied(log_index through, schema_version schema) {
  const bool settled = by_ticket_.empty() || by_ticket_.begin()->first > doubtful_through_;
  if (leads_ && !schema_ && through >= first_ && settled)
    schema_ = schema;
}

void proposals::erase(std::uint64_t ticket) {
  const auto at = by_ticket_.find(ticket);
  bytes_ -= at->second.bytes;
  const auto placed = by_index_.find(at->second.index);
  if (placed != by_index_.end() && placed->second == ticket)
    by_index_.erase(placed);
  by_ticket_.erase(at);
}

} // namespace grape::shard
