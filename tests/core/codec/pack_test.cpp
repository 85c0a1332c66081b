#include "core/codec/pack.hpp"

#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

#include "random_records.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace grape;
using namespace grape::codec;
using grape::testing::random_records;

namespace {

template <class T>
void check_round_trip(const T& original) {
  const auto again = unpacked<T>(packed(original));

  REQUIRE(again.ok());
  CHECK(*again == original);
}

std::string bytes(std::initializer_list<int> values) {
  std::string made;
  for (const auto value : values)
    made.push_back(static_cast<char>(value));
  return made;
}

/// A list of lists of lists ... as bytes.
std::string nested_lists(std::size_t depth) {
  return std::string(depth, '\x91') + '\xc0';
}

} // namespace

TEST_SUITE("core.codec.pack") {
  TEST_CASE("numbers take MessagePack's shortest form, floats stay floats") {
    packer out;

    out.u64(127);
    out.u64(128);
    out.i64(-1);
    out.i64(-33);
    out.u64(std::numeric_limits<std::uint64_t>::max());
    out.f64(5.0);
    out.f32(2.0f);

    CHECK(out.take()
          == bytes({0x7f, 0xcc, 0x80, 0xff, 0xd0, 0xdf, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                    0xff, 0xff, 0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0, 0xca, 0x40, 0, 0, 0}));
    CHECK(out.size() == 0);
  }

  TEST_CASE("every integer form of the format is read, within its range only") {
    CHECK(unpacker(bytes({0xd1, 0xff, 0xfe})).i64() == -2);
    CHECK(unpacker(bytes({0xd2, 0, 0, 0, 7})).u64() == 7);
    CHECK(unpacker(bytes({0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0})).i64()
          == std::numeric_limits<std::int64_t>::min());
    CHECK(unpacker(bytes({0xcd, 1, 2})).i64() == 258);

    for (const auto& form : {bytes({0xff}), bytes({0xc0}), bytes({0xcd, 1}), bytes({})}) {
      unpacker in{form};
      CHECK(in.u64() == 0);
      CHECK_FALSE(in.ok());
    }
    const auto large = bytes({0xcf, 0xff, 0, 0, 0, 0, 0, 0, 0});
    unpacker in{large};
    CHECK(in.i64() == 0);
    CHECK(in.finish().code == errc::corrupted);
  }

  TEST_CASE("a declared length never exceeds what follows") {
    const auto list = bytes({0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0});
    const auto text = bytes({0xdb, 0xff, 0xff, 0xff, 0xff, 'a'});
    const auto pairs = bytes({0x82, 0xc0, 0xc0, 0xc0});

    CHECK(unpacker(list).array() == 0);
    CHECK(unpacker(text).str().empty());
    CHECK(unpacker(pairs).map() == 0);
    CHECK(unpacked<payload::value>(list).error().code == errc::corrupted);
  }

  TEST_CASE("nesting is read up to its limit and refused beyond") {
    CHECK(unpacked<payload::value>(nested_lists(depth_max)).ok());
    CHECK(unpacked<payload::value>(nested_lists(depth_max + 1)).error().code == errc::corrupted);
    CHECK(unpacked<payload::value>(nested_lists(1'000'000)).error().code == errc::corrupted);
  }

  TEST_CASE("the first failure stays and names its place") {
    const auto input = bytes({0x01, 0xc0, 0x02});
    unpacker in{input};

    CHECK(in.u64() == 1);
    CHECK(in.u64() == 0);
    CHECK(in.u64() == 0);

    CHECK(in.finish() == status{errc::corrupted, "record: expected an unsigned integer at byte 1"});
    CHECK(in.peek() == unpacker::kind::end);
  }
}

TEST_SUITE("core.codec.request_codec") {
  TEST_CASE("a value's type survives: 5, 5.0 and \"5\" stay apart, also above int64") {
    check_round_trip(payload::value(std::int64_t{5}));
    check_round_trip(payload::value(5.0));
    check_round_trip(payload::value("5"));
    check_round_trip(payload::value(std::numeric_limits<std::uint64_t>::max()));
    check_round_trip(payload::value(std::numeric_limits<std::int64_t>::min()));
    check_round_trip(payload::value(payload::array{{}, payload::value(payload::object{})}));
    CHECK(unpacked<payload::value>(packed(payload::value(5.0)))->as_double() != nullptr);
    CHECK(unpacked<payload::value>(packed(payload::value(std::uint64_t{1} << 63)))->as_big()
          != nullptr);
  }

  TEST_CASE("whatever is packed comes back equal") {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      CAPTURE(seed);
      random_records any{seed};
      check_round_trip(any.object());
      check_round_trip(any.id());
      check_round_trip(any.vectors());
      check_round_trip(any.filter());
      check_round_trip(any.operation());
      check_round_trip(any.schema());
    }
  }

  TEST_CASE("a record cut anywhere is corrupted") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const auto whole = packed(random_records{seed}.operation());
      for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(seed);
        CAPTURE(length);
        const auto cut = unpacked<write_operation>(std::string_view(whole).substr(0, length));
        REQUIRE_FALSE(cut.ok());
        CHECK(cut.error().code == errc::corrupted);
      }
      CHECK_FALSE(unpacked<write_operation>(whole + '\0').ok());
    }
  }

  TEST_CASE("a changed byte gives an error or another record, never a crash") {
    for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
      random_records any{seed};
      auto bytes_of_record = seed % 2 == 0 ? packed(any.operation()) : packed(any.schema());
      bytes_of_record[any.below(bytes_of_record.size())] ^= static_cast<char>(1 + any.below(255));
      (void)unpacked<write_operation>(bytes_of_record);
      (void)unpacked<collection_schema>(bytes_of_record);
    }
  }

  TEST_CASE("names and keys out of order are refused") {
    packer out;
    out.map(2);
    for (const auto* key : {"b", "a"}) {
      out.str(key);
      out.bin("");
    }
    const auto vectors = out.take();
    out.map(2);
    for (const auto* key : {"a", "a"}) {
      out.str(key);
      out.nil();
    }
    const auto members = out.take();

    CHECK(unpacked<named_vectors>(vectors).error().code == errc::corrupted);
    CHECK(unpacked<payload::object>(members).error().code == errc::corrupted);
  }

  TEST_CASE("a dense vector is its little-endian bytes") {
    const named_vectors one{{"", dense_vector{1.0f, -2.0f}}};

    CHECK(packed(one) == bytes({0x81, 0xa0, 0xc4, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}));
    CHECK(unpacked<named_vectors>(bytes({0x81, 0xa0, 0xc4, 3, 0, 0, 0x80})).error().code
          == errc::corrupted);
  }
}
