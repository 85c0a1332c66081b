#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// One histogram of a node, or the difference of two: how many took at most so long. Ascending; the
/// last bound is infinity.
struct bucket_counts {
  struct bucket {
    double at_most_s = 0;
    std::uint64_t count = 0; ///< Of this bucket alone.
  };
  std::vector<bucket> buckets;

  std::uint64_t count() const noexcept;

  /// The bound that at least this share, 0..1, does not exceed; 0 if nothing was counted.
  double bound(double share) const noexcept;

  void add(const bucket_counts& other);
  void subtract(const bucket_counts& earlier);
};

/// The histogram `name` in the text of /metrics; no buckets if it is not there.
bucket_counts histogram_in(const std::string& metrics_text, const std::string& name);

} // namespace grape::bench
