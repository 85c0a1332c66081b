// Arbitrary bytes as everything that Raft keeps and sends, as they are and behind checksums made
// right: refused with a code that says why, or read to something that is written as it was.

#include "core/codec/crc32c.hpp"
#include "core/raft/codec.hpp"
#include "core/raft/sessions.hpp"
#include "tests/fuzz/input.hpp"

#include <cstring>

using namespace grape;
using namespace grape::raft;

namespace {

template <class Decode>
void read_as(std::string_view bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value)
    return fuzz::check_refusal(value.error(), {errc::corrupted, errc::wrong_version});
  GRAPE_CHECK(encode(*value) == bytes);
}

void read_as_all(std::string_view bytes) {
  read_as(bytes, decode_entry);
  read_as(bytes, decode_message);
  read_as(bytes, decode_change);
  read_as(bytes, decode_mark);
  read_as(bytes, decode_hard_state);
  read_as(bytes, decode_session_command);
  if (const auto clients = sessions::decode(bytes))
    GRAPE_CHECK(clients->encode() == bytes);
}

void put_sum(std::string& bytes, std::size_t at, std::uint32_t sum) {
  std::memcpy(bytes.data() + at, &sum, sizeof sum);
}

/// A value of the input's kind with the right version and sum: its head is `head` bytes long.
std::string sealed(std::string bytes, std::size_t head) {
  bytes[0] = 1;
  const auto body = std::string_view{bytes}.substr(6, head);
  put_sum(bytes, 2, codec::crc32c(body, codec::crc32c(std::string_view{bytes}.substr(0, 2))));
  return bytes;
}

/// The last bytes as an entry with a right sum.
void seal_entry(std::string& bytes, std::size_t at) {
  if (bytes.size() >= at + 4)
    put_sum(bytes, at, codec::crc32c(std::string_view{bytes}.substr(at + 4)));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const std::string bytes{fuzz::text_of(from, count)};
  read_as_all(bytes);
  if (count < 7)
    return 0;
  read_as_all(sealed(bytes, count));
  // An entry stands behind an empty head; a message without a mark has one of 78 bytes.
  for (const std::size_t head : {std::size_t{0}, std::size_t{78}}) {
    auto with_entry = bytes;
    seal_entry(with_entry, 6 + head);
    if (count >= 6 + head)
      read_as_all(sealed(with_entry, head));
  }
  return 0;
}
