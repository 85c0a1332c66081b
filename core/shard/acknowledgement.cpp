#include "core/shard/acknowledgement.hpp"

#include <string>

namespace grape::shard {

status check_lag(std::uint64_t lag_ms, std::size_t lag_bytes, const async_limits& limits) {
  if (lag_ms <= limits.lag_ms_max && lag_bytes <= limits.lag_bytes_max)
    return {};
  return {errc::overloaded, "the other replicas of the shard lag by " + std::to_string(lag_ms)
                                + " ms and " + std::to_string(lag_bytes) + " bytes; with sync_mode "
                                + "`async` at most " + std::to_string(limits.lag_ms_max)
                                + " ms and " + std::to_string(limits.lag_bytes_max)
                                + " bytes are acknowledged"};
}

} // namespace grape::shard
