#include "core/shard/acknowledgement.hpp"

#include <algorithm>
#include <string>

namespace grape::shard {

namespace {

write_ack ack_of(sync_mode mode) noexcept {
  switch (mode) {
    case sync_mode::async: return write_ack::eventual;
    case sync_mode::quorum: return write_ack::write_quorum;
    case sync_mode::all: return write_ack::all;
  }
  return write_ack::write_quorum;
}

/// A majority is what a commit says; more than there are cannot be had.
bool has_copies(log_index index, std::size_t wanted, const raft::log_standing& leader) noexcept {
  const auto most = std::min(wanted, leader.copies.size());
  return leader.majority > 0
         && (wanted <= leader.majority || most == 0 || index <= leader.copies[most - 1]);
}

} // namespace

ack_demand demand_of(const collection_options& of, write_ack asked, bool wait) noexcept {
  const auto ack = asked == write_ack::collection_default ? ack_of(of.replication.mode) : asked;
  return {ack, wait, ack == write_ack::eventual ? 1 : of.write_consistency_factor};
}

void note(entry_progress& of, log_index index, const ack_demand& wanted,
          const raft::log_standing& leader) {
  of.logged = of.logged || index <= leader.logged;
  of.everywhere = of.everywhere || index <= leader.everywhere;
  of.copied = of.copied || has_copies(index, wanted.copies, leader);
  const auto have = std::count_if(leader.copies.begin(), leader.copies.end(),
                                  [index](auto copy) { return index <= copy; });
  of.copies = std::max(of.copies, static_cast<std::uint32_t>(have));
}

status check_lag(std::uint64_t lag_ms, std::size_t lag_bytes, const async_limits& limits) {
  if (lag_ms <= limits.lag_ms_max && lag_bytes <= limits.lag_bytes_max)
    return {};
  return {errc::overloaded, "the other replicas of the shard lag by " + std::to_string(lag_ms)
                                + " ms and " + std::to_string(lag_bytes) + " bytes; at " + "most "
                                + std::to_string(limits.lag_ms_max) + " ms and "
                                + std::to_string(limits.lag_bytes_max)
                                + " bytes are acknowledged before a majority has them"};
}

} // namespace grape::shard
