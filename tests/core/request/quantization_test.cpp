#include "core/request/quantization.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

payload::value config(const char* kind, const char* key = nullptr, const char* text = nullptr) {
  payload::object inner;
  if (key != nullptr)
    inner.set(key, payload::value{text});
  payload::object outer;
  outer.set(kind, payload::value{std::move(inner)});
  return payload::value{std::move(outer)};
}

std::optional<coding> of_collection(const payload::value& given) {
  collection_options options;
  options.quantization = given;
  return wanted_code(options, {});
}

} // namespace

TEST_SUITE("core.request.quantization") {
  TEST_CASE("each kind of Qdrant's means one of our codes") {
    CHECK(of_collection(config("scalar", "type", "int8")) == coding::int8);
    CHECK(of_collection(config("product", "compression", "x4")) == coding::int8);
    CHECK(of_collection(config("product", "compression", "x8")) == coding::int4);
    CHECK(of_collection(config("product", "compression", "x16")) == coding::product);
    CHECK(of_collection(config("product", "compression", "x64")) == coding::product);
    CHECK(of_collection(config("binary")) == coding::bits);
    CHECK(of_collection(config("binary", "encoding", "one_bit")) == coding::bits);
    CHECK(of_collection(config("binary", "encoding", "two_bits")) == coding::int4);
    CHECK(of_collection(config("turbo")) == coding::int4);
    CHECK(of_collection(config("turbo", "bits", "bits1")) == coding::bits);
  }

  TEST_CASE("a quantile is that of a scalar quantization, the field's before the collection's") {
    const auto scalar = [](double quantile) {
      payload::object inner;
      inner.set("quantile", payload::value{quantile});
      payload::object outer;
      outer.set("scalar", payload::value{std::move(inner)});
      return payload::value{std::move(outer)};
    };
    collection_options options;
    vector_field field;
    CHECK(wanted_quantile(options, field) == std::nullopt);
    options.quantization = config("scalar", "type", "int8");
    CHECK(wanted_quantile(options, field) == std::nullopt);
    options.quantization = scalar(0.75);
    CHECK(wanted_quantile(options, field) == 0.75);
    field.echoed.set("quantization_config", scalar(0.5));
    CHECK(wanted_quantile(options, field) == 0.5);
    field.echoed.set("quantization_config", config("binary"));
    CHECK(wanted_quantile(options, field) == std::nullopt);
  }

  TEST_CASE("codes stay on disk with the vectors, unless they are wanted in memory") {
    const auto binary = [](const char* key, payload::value value) {
      payload::object inner;
      inner.set(key, std::move(value));
      payload::object outer;
      outer.set("binary", payload::value{std::move(inner)});
      return payload::value{std::move(outer)};
    };
    collection_options options;
    vector_field field;
    field.echoed.set("on_disk", payload::value{true});
    CHECK_FALSE(codes_stay_on_disk(options, field));
    options.quantization = config("binary");
    CHECK(codes_stay_on_disk(options, field));
    options.quantization = binary("always_ram", payload::value{false});
    CHECK(codes_stay_on_disk(options, field));
    options.quantization = binary("always_ram", payload::value{true});
    CHECK_FALSE(codes_stay_on_disk(options, field));
    options.quantization = binary("memory", payload::value{"cached"});
    CHECK_FALSE(codes_stay_on_disk(options, field));
    field.echoed.set("on_disk", payload::value{false});
    CHECK_FALSE(codes_stay_on_disk(options, field));
    options.quantization = binary("memory", payload::value{"cold"});
    CHECK(codes_stay_on_disk(options, field));
    options.quantization = config("binary");
    CHECK_FALSE(codes_stay_on_disk(options, field));
    field.echoed.set("memory", payload::value{"cold"});
    CHECK(codes_stay_on_disk(options, field));
    options.quantization = payload::value{"Disabled"};
    CHECK_FALSE(codes_stay_on_disk(options, field));
  }

  TEST_CASE("a field's own wish goes before the collection's") {
    collection_options options;
    vector_field field;
    CHECK(wanted_code(options, field) == std::nullopt);
    options.quantization = config("binary");
    CHECK(wanted_code(options, field) == coding::bits);
    field.echoed.set("quantization_config", payload::value{});
    CHECK(wanted_code(options, field) == coding::bits);
    field.echoed.set("quantization_config", config("scalar", "type", "int8"));
    CHECK(wanted_code(options, field) == coding::int8);
    field.echoed.set("quantization_config", payload::value{"Disabled"});
    CHECK(wanted_code(options, field) == std::nullopt);
  }
}
