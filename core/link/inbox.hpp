#pragma once

#include "core/link/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace grape::link {

struct arrival {
  lane on = lane::normal;
  std::string bytes;

  friend bool operator==(const arrival&, const arrival&) = default;
};

/// What one frame brought.
struct arrivals {
  std::vector<arrival> parcels; ///< Those that are complete now, in order.
  frame_number number{};
  frame_number acknowledged{};
  std::size_t frame_bytes = 0;
};

/// Takes the frames of one connection apart and joins fragments. Holds at most one unfinished
/// parcel of each lane, and never memory for bytes that have not come. Not thread-safe.
class inbox {
public:
  /// The next frame of the peer's outbox. An error means that the connection must end: whatever
  /// comes later is refused alike. Errors: corrupted, too_large, wrong_version.
  outcome<arrivals> accept(std::string_view frame);

  /// Of parcels that are not complete.
  std::size_t unjoined_bytes() const noexcept;

  /// The connection ended: forgets everything, ready for the first frame of another one.
  void closed();

private:
  struct joining {
    std::uint64_t stream = 0;         // The last one that began.
    std::uint32_t total = 0;          // 0 = it is complete.
    std::vector<std::string> arrived; // In order; not one string, which would grow beyond them.
    std::uint32_t arrived_bytes = 0;
  };

  outcome<arrivals> read(std::string_view frame);
  status join(const piece& fragment, std::vector<arrival>& parcels);

  frame_number last_{};
  std::array<joining, lane_count> joining_;
  status broken_{}; // The error that ended the connection.
};

} // namespace grape::link
