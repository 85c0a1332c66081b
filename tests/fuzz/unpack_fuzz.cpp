// Arbitrary bytes as every kind of record: refused, or read to something that packs and reads
// back equal.

#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

#include <cstddef>
#include <cstdint>

using namespace grape;
using namespace grape::codec;

namespace {

template <class T>
void read_as(std::string_view input) {
  const auto record = unpacked<T>(input);
  if (!record) {
    GRAPE_CHECK(record.error().code == errc::corrupted);
    return;
  }
  // Compared as bytes: a NaN is not equal to itself.
  const auto bytes = packed(*record);
  const auto again = unpacked<T>(bytes);
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK(packed(*again) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const std::string_view input{reinterpret_cast<const char*>(from), count};
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
