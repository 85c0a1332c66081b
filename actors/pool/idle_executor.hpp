#pragma once

#include "actors/pool/job_pool.hpp"
#include "core/executor.hpp"

#include <cstddef>
#include <memory>

namespace grape::actors {

/// Lets core spread a job over threads that take only idle processors (`urgency::idle`), without
/// ever standing still: when all of them together got less than a tenth of one, they rest after
/// the piece that they are at, and the calling thread, which starves less, goes on alone until it
/// gets more than half of one. So nobody starves with a lock of the job in its hands, as long as a
/// piece does not end with one. Pieces are best some milliseconds long, and do not run others
/// here. If the pool is closed, the caller does what is left. What a piece throws comes to the
/// caller when no other runs any more; some may not have begun then.
class idle_executor final : public executor {
public:
  /// At most `width` threads of `pool` at once.
  idle_executor(std::shared_ptr<job_pool> pool, std::size_t width);

  std::size_t width() const noexcept override { return width_; }
  void run(std::size_t count, const std::function<void(std::size_t)>& job) override;

private:
  std::shared_ptr<job_pool> pool_;
  std::size_t width_;
};

} // namespace grape::actors
