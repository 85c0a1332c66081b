#include "core/request/durability.hpp"

#include <string>

namespace grape {

namespace {

status refused(const std::string& what) {
  return {errc::bad_request, what};
}

} // namespace

status check_durability(const collection_options& options) {
  const auto factor = options.write_consistency_factor;
  if (options.replication.mode != sync_mode::async || factor <= 1)
    return {};
  return refused("sync_mode `async` acknowledges what the leader alone has, and a "
                 "write_consistency_factor of "
                 + std::to_string(factor)
                 + " wants more copies; the nearest that is allowed is sync_mode `quorum` with it");
}

status check_ack(const write_options& asked, const collection_options& of) {
  const bool is_async = of.replication.mode == sync_mode::async;
  if (is_async && (asked.ack == write_ack::write_quorum || asked.ack == write_ack::all))
    return refused("a collection with sync_mode `async` acknowledges before a majority has a "
                   "write; the nearest that is allowed is `ack=eventual`, or `wait=true` without "
                   "`ack`, which answers when the write is committed and applied");
  if (asked.ack != write_ack::eventual)
    return {};
  if (asked.wait)
    return refused(std::string("`wait=true` answers when a write is visible, which it is only once "
                               "it is committed; the nearest that is allowed with `wait=true` is ")
                   + (is_async ? "no `ack`" : "`ack=write_quorum`"));
  if (of.write_consistency_factor > 1)
    return refused("`ack=eventual` answers when the leader alone has a write, and the collection "
                   "has a write_consistency_factor of "
                   + std::to_string(of.write_consistency_factor)
                   + "; the nearest that is allowed is `ack=write_quorum`");
  return {};
}

status check_level(read_level asked, const collection_options& of) {
  if (asked != read_level::linearizable || of.replication.mode != sync_mode::async)
    return {};
  return refused("a collection with sync_mode `async` may lose what it acknowledged, so no read of "
                 "it is linearizable; the nearest that is allowed is `consistency=quorum`");
}

read_level default_level(const collection_options& of) noexcept {
  const auto level = of.replication.level;
  const bool is_async = of.replication.mode == sync_mode::async;
  return is_async && level == read_level::linearizable ? read_level::read_quorum : level;
}

} // namespace grape
