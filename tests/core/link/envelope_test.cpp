#include "core/link/envelope.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::link;

namespace {

envelope question_to_a_shard() {
  return {.kind = envelope_kind::question,
          .to = addressee::shard,
          .group = group_id{7},
          .ticket = link::ticket{41},
          .timeout_ms = 1'500,
          .trace = 99,
          .bytes = "how many?"};
}

} // namespace

TEST_SUITE("link.envelope") {
  TEST_CASE("what is sealed can be opened") {
    const auto sealed = seal(question_to_a_shard());
    const auto opened = open_envelope(sealed);
    REQUIRE(opened.ok());
    CHECK(opened->kind == envelope_kind::question);
    CHECK(opened->to == addressee::shard);
    CHECK(opened->group == group_id{7});
    CHECK(opened->ticket == link::ticket{41});
    CHECK(opened->timeout_ms == 1'500);
    CHECK(opened->trace == 99);
    CHECK(opened->bytes == "how many?");
  }

  TEST_CASE("the bytes are pinned") {
    CHECK(testing::is_golden("link-envelope.bin", seal(question_to_a_shard())));
    CHECK(testing::is_golden("link-refusal.bin",
                             encode(refusal{{errc::unavailable, "not led here"}, node_number{3}})));
  }

  TEST_CASE("a short one, another version and an unknown kind or addressee are refused") {
    auto sealed = seal(question_to_a_shard());
    CHECK(open_envelope(sealed.substr(0, envelope_header_bytes - 1)).error().code
          == errc::corrupted);
    auto other = sealed;
    other[0] = 2;
    CHECK(open_envelope(other).error().code == errc::wrong_version);
    for (const std::size_t at : {1u, 2u}) {
      auto unknown = sealed;
      unknown[at] = 77;
      CHECK(open_envelope(unknown).error().code == errc::corrupted);
    }
  }

  TEST_CASE("refusals keep their reason and the leader, if one is known") {
    for (const auto& leader : {std::optional<node_number>{}, std::optional{node_number{2}}}) {
      const refusal one{{errc::overloaded, "full"}, leader};
      const auto read = decode_refusal(encode(one));
      REQUIRE(read.ok());
      CHECK(*read == one);
    }
  }

  TEST_CASE("any bytes are read or refused, never trusted") {
    std::mt19937 random{5};
    const auto good = encode(refusal{{errc::overloaded, "full"}, node_number{2}});
    for (int i = 0; i < 20'000; ++i) {
      auto bytes = good;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      bytes.resize(random() % (bytes.size() + 1));
      if (const auto read = decode_refusal(bytes); read.ok())
        CHECK(!read->why.ok());
    }
  }
}
