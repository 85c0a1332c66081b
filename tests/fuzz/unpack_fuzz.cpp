// Arbitrary bytes as every kind of record: refused, or read to something that packs and reads
// back equal.

#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
#include "tests/fuzz/input.hpp"

using namespace grape;
using namespace grape::codec;

namespace {

template <class T>
void read_as(std::string_view input) {
  fuzz::check_reading(
    input, [](std::string_view bytes) { return unpacked<T>(bytes); },
    [](const T& record) { return packed(record); }, {errc::corrupted});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto input = fuzz::text_of(from, count);
  read_as<payload::value>(input);
  read_as<payload::object>(input);
  read_as<point_id>(input);
  read_as<named_vectors>(input);
  read_as<point>(input);
  read_as<payload::filter>(input);
  read_as<write_operation>(input);
  read_as<collection_schema>(input);
  return 0;
}
