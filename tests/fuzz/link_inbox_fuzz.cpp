// Arbitrary bytes as the frames of a peer: as they are, behind right headers, or as pieces that
// nearly fit together. The inbox refuses them with a code that says why, and then everything, or
// brings no more than has come.

#include "core/link/inbox.hpp"
#include "core/link/outbox.hpp"
#include "tests/core/link/forge.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape;
using namespace grape::fuzz;
using namespace grape::link;

namespace {

/// One end of a connection under whatever the other one sends.
class end {
public:
  end() { GRAPE_CHECK(out_.push(lane::urgent, "x", 0).ok() && out_.take_frame(0)); }

  /// False: the connection is over.
  bool accept(std::string_view frame) {
    came_ += frame.size();
    const auto brought = in_.accept(frame);
    if (!brought) {
      check_refusal(brought.error(), {errc::corrupted, errc::wrong_version, errc::too_large});
      GRAPE_CHECK(in_.unjoined_bytes() == 0);
      GRAPE_CHECK(in_.accept(frame).error() == brought.error());
      return false;
    }
    for (const auto& parcel : brought->parcels) {
      GRAPE_CHECK(!parcel.bytes.empty() && parcel.bytes.size() <= parcel_bytes_max_on(parcel.on));
      brought_ += parcel.bytes.size();
    }
    GRAPE_CHECK(brought_ + in_.unjoined_bytes() <= came_);
    const auto heard = out_.heard(*brought, 0);
    GRAPE_CHECK(heard.ok() || heard.code == errc::corrupted);
    GRAPE_CHECK(out_.flight_frames() <= 1);
    return heard.ok();
  }

private:
  inbox in_;
  outbox out_{{}};
  std::size_t came_ = 0;
  std::size_t brought_ = 0;
};

void accept_as_is(source from) {
  end peer;
  while (!from.empty() && peer.accept(from.text(from.byte() * 64u)))
    continue;
}

void accept_behind_headers(source from) {
  end peer;
  for (std::uint64_t number = 1; !from.empty(); ++number) {
    const auto skew = from.byte() == 255 ? 1u : 0u;
    const auto acknowledged = from.byte() % 3;
    if (!peer.accept(testing::frame_of(number + skew, from.text(from.byte()), acknowledged)))
      return;
  }
}

/// Pieces of parcels of up to a few fragments, mostly where they belong.
void accept_pieces(source from) {
  end peer;
  const std::string bytes(fragment_bytes_max + 1, 'x');
  for (std::uint64_t number = 1; !from.empty(); ++number) {
    frame_writer frame;
    for (int left = from.byte() % 4; left >= 0; --left) {
      piece next{.on = static_cast<lane>(from.byte() % (lane_count + 1)), .bytes = {}, .place = {}};
      std::size_t length = from.byte();
      if (const auto total = from.byte() % 8 * 40'000u; total > 0) {
        const auto offset = static_cast<std::uint32_t>(from.byte() % 4 * fragment_bytes_max);
        next.place = fragment_place{.stream = from.byte(), .offset = offset, .total = total};
        if (length < 250 && offset < total)
          length = std::min<std::size_t>(total - offset, fragment_bytes_max);
      }
      next.bytes = std::string_view{bytes}.substr(0, length);
      frame.add(next);
    }
    if (!peer.accept(frame.take(frame_number{number}, frame_number{})))
      return;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto input = fuzz::text_of(from, count);
  end{}.accept(input);
  accept_as_is(source{input});
  accept_behind_headers(source{input});
  accept_pieces(source{input});
  return 0;
}
