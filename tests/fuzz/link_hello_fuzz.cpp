// Arbitrary bytes as a node's hello, as they are and behind a checksum made right: refused with a
// code that says why, or read to something that is written and read back equal and that every node
// can judge.

#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"
#include "core/link/hello.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape;
using namespace grape::link;

namespace {

void read_as_hello(std::string_view bytes) {
  const auto said = decode_hello(bytes);
  if (!said)
    return fuzz::check_refusal(said.error(), {errc::corrupted, errc::wrong_version});
  const auto again = decode_hello(encode(*said));
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK(*again == *said);
  auto own = *said;
  own.number = own.number.next();
  GRAPE_CHECK(check_hello({}, own, *said).code == errc::not_found);
  const known_peers known{{said->number, {said->node_name, said->incarnation}}};
  GRAPE_CHECK(check_hello(known, own, *said).ok());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto input = fuzz::text_of(from, count);
  read_as_hello(input);
  std::string sealed{"GH\x01"};
  codec::append_little(sealed, codec::crc32c(input));
  read_as_hello(sealed.append(input));
  return 0;
}
