#include "core/request/warnings.hpp"

#include <doctest/doctest.h>

using namespace grape;

TEST_SUITE("core.request.warnings") {
  TEST_CASE("inline storage needs codes, and one vector a point") {
    const payload::object wished{{"inline_storage", payload::value{true}}};
    const payload::value scalar{payload::object{
        {"scalar", payload::value{payload::object{{"type", payload::value{"int8"}}}}}}};
    collection_options options;
    auto& field = options.vectors["v"];
    field.size = 4;
    CHECK(warnings_about(options).empty());

    field.hnsw.emplace().echoed = wished;
    CHECK(warnings_about(options).size() == 1);
    options.quantization = scalar;
    CHECK(warnings_about(options).empty());
    field.multi = true;
    CHECK(warnings_about(options).size() == 1);

    field.hnsw->echoed = {};
    CHECK(warnings_about(options).empty());
    options.hnsw.echoed = wished;
    CHECK(warnings_about(options).size() == 1);
  }
}
