#pragma once

#include <cstddef>
#include <functional>

namespace grape {

/// The only way in which core reaches threads: whoever hosts it decides where work runs.
class executor {
public:
  virtual ~executor() = default;

  /// How many jobs can run at once; at least 1.
  virtual std::size_t width() const noexcept = 0;

  /// Runs job(0) .. job(count - 1), in any order, at most `width` at once, and returns when all
  /// have ended. Jobs must not throw.
  virtual void run(std::size_t count, const std::function<void(std::size_t)>& job) = 0;
};

/// Runs everything on the calling thread, in order.
class inline_executor final : public executor {
public:
  std::size_t width() const noexcept override { return 1; }

  void run(std::size_t count, const std::function<void(std::size_t)>& job) override {
    for (std::size_t i = 0; i < count; ++i)
      job(i);
  }
};

} // namespace grape
