// Arbitrary bytes as what the door of a shard is asked by another node, and as what it answers:
// refused with a code that says why, or read to something that is written and read back the same.

#include "core/check.hpp"
#include "core/shard/question_codec.hpp"
#include "core/shard/remote.hpp"

#include <cstddef>
#include <cstdint>

using namespace grape;
using namespace grape::shard;

namespace {

template <class T>
void read_as(outcome<T> (*decode)(std::string_view), std::string_view input) {
  const auto said = decode(input);
  if (!said) {
    const auto code = said.error().code;
    GRAPE_CHECK(code == errc::corrupted || code == errc::wrong_version);
    return;
  }
  // Compared as bytes: a NaN is not equal to itself.
  const auto bytes = encode(*said);
  const auto again = decode(bytes);
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK(encode(*again) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const std::string_view input{reinterpret_cast<const char*>(from), count};
  read_as<question>(decode_question, input);
  read_as<answer>(decode_answer, input);
  read_as<shard_request>(decode_shard_request, input);
  read_as<shard_reply>(decode_shard_reply, input);
  return 0;
}
