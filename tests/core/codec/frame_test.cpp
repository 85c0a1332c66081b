#include "core/codec/frame.hpp"

#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::codec;

namespace {

constexpr std::size_t no_limit = frame_body_bytes_max;

std::string noise(std::size_t count) {
  std::mt19937_64 engine{count};
  std::string made(count, '\0');
  for (auto& byte : made)
    byte = static_cast<char>(engine());
  return made;
}

} // namespace

TEST_SUITE("core.codec.frame") {
  TEST_CASE("a body comes back, whatever its length and compression") {
    for (const std::size_t length : {0, 1, 19, 20, 21, 100, 4'096, 1'000'000})
      for (const auto& body : {noise(length), std::string(length, 'x')})
        for (const auto wanted : {compression::none, compression::lz4}) {
          const auto again = decode_frame(encode_frame(body, wanted), no_limit);
          REQUIRE(again.ok());
          CHECK(*again == body);
        }
  }

  TEST_CASE("compression is used where it saves a twentieth, and nowhere else") {
    CHECK(encode_frame(std::string(10'000, 'x'), compression::lz4).size() < 200);
    CHECK(encode_frame(noise(10'000), compression::lz4).size() == 10'000 + frame_header_bytes);
    CHECK(encode_frame(noise(10'000) + std::string(300, 'x'), compression::lz4).size()
          == 10'300 + frame_header_bytes);
    CHECK(encode_frame(std::string(10'000, 'x'), compression::none).size()
          == 10'000 + frame_header_bytes);
  }

  TEST_CASE("a flipped bit anywhere is refused") {
    for (const auto wanted : {compression::none, compression::lz4}) {
      const auto whole = encode_frame(noise(30) + std::string(100, 'y'), wanted);
      for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        auto damaged = whole;
        damaged[bit / 8] ^= static_cast<char>(1 << bit % 8);
        CAPTURE(bit);
        CHECK_FALSE(decode_frame(damaged, no_limit).ok());
      }
    }
  }

  TEST_CASE("a missing or added byte is refused") {
    const auto whole = encode_frame("twelve bytes", compression::none);
    for (std::size_t length = 0; length < whole.size(); ++length)
      CHECK(decode_frame(whole.substr(0, length), no_limit).error().code == errc::corrupted);
    CHECK(decode_frame(whole + "x", no_limit).error().code == errc::corrupted);
  }

  TEST_CASE("another version and a body over the limit have their own codes") {
    auto whole = encode_frame(std::string(101, 'x'), compression::lz4);

    CHECK(decode_frame(whole, 101).ok());
    CHECK(decode_frame(whole, 100).error()
          == status{errc::too_large, "frame: declares a body of 101 bytes, the limit is 100"});
    whole[2] = 2;
    CHECK(decode_frame(whole, 101).error()
          == status{errc::wrong_version, "frame: version 2, this program reads version 1"});
  }

  TEST_CASE("the bytes on disk are those of the first release") {
    CHECK(testing::is_golden("frame-plain.bin", encode_frame("a body", compression::none)));
    // LZ4 may choose other bytes in another version, but must read these.
    (void)testing::is_golden("frame-lz4.bin",
                             encode_frame(std::string(1'000, 'g'), compression::lz4));
    const auto lz4 = decode_frame(testing::golden("frame-lz4.bin"), no_limit);
    REQUIRE(lz4.ok());
    CHECK(*lz4 == std::string(1'000, 'g'));
  }
}

TEST_SUITE("core.codec.golden") {
  TEST_CASE("records on disk are those of the first release") {
    using namespace payload;
    const uuid name{{0x85, 0x94, 0xff, 0x5d, 0x26, 0x5f, 0x47, 0x85, 0xa9, 0xf5, 0xb3, 0xb4, 0xb9,
                     0x66, 0x55, 0x06}};
    const object tags{{"city", value("Berlin")}, {"n", value(std::int64_t{-3})},
                      {"x", value(5.0)},         {"none", value{}},
                      {"list", value(array{value(true), value(std::uint64_t{1} << 63)})}};
    const filter wanted{{{field_condition{"city", {match_value{std::string("Berlin")}}}}},
                        {{nested{"list", filter{{{has_id{{point_id(7)}}}}, {}, {}, {}}}}},
                        {{field_condition{"x",
                                          {number_range{1.5, {}, {}, 9.0}, null_test{false}}}}},
                        min_should{{{has_vector{"image"}}}, 1}};
    const write_operation upsert
      = upsert_points{{{point_id(name), {{"", dense_vector{1.0f, -0.5f}}}, tags},
                       {point_id(7), {{"s", sparse_vector{{1, 9}, {0.5f, 2.0f}}}}, {}}},
                      upsert_points::mode::insert_only, wanted};
    const write_operation change = set_payload{tags, wanted, true, "a.b"};
    const write_operation settled = delete_points{unchanged_points{{point_id(7)}, log_index{40}}};
    const write_operation vectors
      = update_vectors{{{point_id(7), {{"", dense_vector{1.0f}}}}}, wanted};
    collection_schema schema;
    schema.version = schema_version{3};
    schema.options.vectors[""] = {100, metric::euclid, hnsw_options{32, 200, {}, {}}, tags};
    schema.options.optimizers.deleted_threshold = 0.25;
    schema.options.metadata = value{};
    schema.fields["city"] = {field_type::keyword, object{{"type", value("keyword")}}};

    const geo_ring triangle{{170, 0}, {190, 0}, {180, 5.5}, {170, 0}};
    const filter places{
      {{field_condition{"a", {match_text{"two words", text_match::any}, match_prefix{"pre"},
                              match_like{"l_k%"}, match_fuzzy{"fuzy", 2}}}},
       {field_condition{"at", {time_range{1, {}, -5, {}}, values_count{{}, 3, {}, 0}}}},
       {field_condition{"geo", {geo_box{{-1, 2}, {3, -4}}, geo_radius{{1.5, 2}, 1e3},
                                geo_polygon{triangle, {triangle}}}}},
       {slice{4, 3}}},
      {},
      {},
      {}};
    const write_operation removal = delete_points{places};

    CHECK(testing::is_golden("delete-by-filter.bin", packed(removal)));
    CHECK(*unpacked<write_operation>(testing::golden("delete-by-filter.bin")) == removal);
    CHECK(testing::is_golden("upsert.bin", packed(upsert)));
    CHECK(testing::is_golden("set-payload.bin", packed(change)));
    CHECK(testing::is_golden("delete-unchanged.bin", packed(settled)));
    CHECK(testing::is_golden("update-vectors-if.bin", packed(vectors)));
    CHECK(*unpacked<write_operation>(testing::golden("delete-unchanged.bin")) == settled);
    CHECK(*unpacked<write_operation>(testing::golden("update-vectors-if.bin")) == vectors);
    CHECK(*unpacked<write_operation>(testing::golden("upsert.bin")) == upsert);
    CHECK(*unpacked<write_operation>(testing::golden("set-payload.bin")) == change);
    // Of the first release, which knew no datatypes, no rows and no modifiers.
    CHECK(*unpacked<collection_schema>(testing::golden("schema.bin")) == schema);
  }

  TEST_CASE("a schema with all that vectors can be is pinned") {
    using namespace payload;
    collection_schema schema;
    schema.version = schema_version{7};
    schema.options.vectors["rows"] = {.size = 8,
                                      .distance = metric::dot,
                                      .hnsw = {},
                                      .echoed = object{{"on_disk", value(true)}},
                                      .datatype = vector_datatype::float16,
                                      .multi = true,
                                      .born = schema_version{5}};
    schema.options.sparse_vectors["words"]
      = {sparse_modifier::idf, object{{"on_disk", value(false)}}, schema_version{6}};
    const multi_vector rows{2, {1, 2, 3, 4}};
    const vector_value value_of_rows = rows;

    CHECK(testing::is_golden("schema-2.bin", packed(schema)));
    CHECK(*unpacked<collection_schema>(testing::golden("schema-2.bin")) == schema);
    schema.filling = true;
    CHECK(testing::is_golden("schema-filling.bin", packed(schema)));
    CHECK(*unpacked<collection_schema>(testing::golden("schema-filling.bin")) == schema);
    CHECK(testing::is_golden("multi-vector.bin", packed(value_of_rows)));
    CHECK(*unpacked<vector_value>(testing::golden("multi-vector.bin")) == value_of_rows);
  }

  TEST_CASE("what was only shown before it had a meaning gets one") {
    using namespace payload;
    packer out;
    out.array(4);
    out.u64(4);
    out.u64(1);
    out.array(0);
    pack(out, object{{"datatype", value("float16")}, {"on_disk", value(true)}});
    const auto field = *unpacked<vector_field>(out.take());
    const object index{{"on_disk", value(true)}};
    pack(out, object{{"index", value(index)}, {"modifier", value("idf")}});
    const auto sparse = *unpacked<sparse_field>(out.take());

    CHECK(field.stored_as() == vector_datatype::float16);
    CHECK(field.echoed == object{{"on_disk", value(true)}});
    CHECK(sparse.uses_idf());
    CHECK(sparse.index == object{{"on_disk", value(true)}});
  }
}
