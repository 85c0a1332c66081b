// Arbitrary bytes as what the door of a shard is asked by another node, and as what it answers:
// refused with a code that says why, or read to something that is written and read back the same.

#include "core/shard/question_codec.hpp"
#include "core/shard/remote.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape;
using namespace grape::shard;

namespace {

template <class T>
void read_as(outcome<T> (*decode)(std::string_view), std::string_view input) {
  fuzz::check_reading(
    input, decode, [](const T& said) { return encode(said); },
    {errc::corrupted, errc::wrong_version});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto input = fuzz::text_of(from, count);
  read_as<question>(decode_question, input);
  read_as<answer>(decode_answer, input);
  read_as<shard_request>(decode_shard_request, input);
  read_as<shard_reply>(decode_shard_reply, input);
  return 0;
}
