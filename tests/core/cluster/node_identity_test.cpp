#include "core/cluster/node_identity.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

const node_identity someone_early{.node_id = "n1",
                                  .cluster_id = "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
                                  .incarnation = 41};

const node_identity someone{.node_id = "n1",
                            .cluster_id = "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
                            .incarnation = 41,
                            .disk = 11'400'714'819'323'198'485u,
                            .number = node_number{3},
                            .founding = founding_stage::agreed};

const std::string text
  = "# Whose data this is. Written by graped; do not edit: the last line sums up all others.\n"
    "node_id = \"n1\"\n"
    "cluster_id = \"1b4e28ba-2fa1-11d2-883f-0016d3cca427\"\n"
    "incarnation = 41\n"
    "disk = 11400714819323198485\n"
    "number = 3\n"
    "founding = \"agreed\"\n"
    "crc32c = \"85c0b915\"\n";

const std::string text_with_less
  = "# Whose data this is. Written by graped; do not edit: the last line sums up all others.\n"
    "node_id = \"n1\"\n"
    "cluster_id = \"1b4e28ba-2fa1-11d2-883f-0016d3cca427\"\n"
    "incarnation = 41\n"
    "crc32c = \"2926c5a3\"\n";

const std::string text_without_sum
  = "# Whose data this is. Written by graped; do not edit.\n"
    "node_id = \"n1\"\n"
    "cluster_id = \"1b4e28ba-2fa1-11d2-883f-0016d3cca427\"\n"
    "incarnation = 41\n";

} // namespace

TEST_SUITE("core.cluster.node_identity") {
  TEST_CASE("an identity is printed as this, and read back") {
    CHECK(print_identity(someone) == text);
    CHECK(parse_identity(text).value() == someone);
  }

  TEST_CASE("one that knows no cluster yet is an identity too") {
    node_identity newborn;
    newborn.node_id = "n2";
    newborn.disk = 7;

    CHECK(parse_identity(print_identity(newborn)).value() == newborn);
  }

  TEST_CASE("one that was written before there were clusters is read as well") {
    CHECK(parse_identity(text_with_less).value() == someone_early);
  }

  TEST_CASE("one that was written before there was a sum is read as well") {
    CHECK(parse_identity(text_without_sum).value() == someone_early);
    CHECK_FALSE(parse_identity(text_without_sum + "\n").ok());
    CHECK_FALSE(parse_identity(text_without_sum.substr(1)).ok());
  }

  TEST_CASE("no flipped bit and no cut gives another identity, or this one") {
    for (std::size_t at = 0; at < text.size(); ++at)
      for (int bit = 0; bit < 8; ++bit) {
        CAPTURE(at);
        auto damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));

        const auto read = parse_identity(damaged);

        REQUIRE_FALSE(read.ok());
        CHECK(read.error().code == errc::corrupted);
      }
    for (std::size_t size = 0; size < text.size(); ++size)
      CHECK_FALSE(parse_identity(text.substr(0, size)).ok());
  }

  TEST_CASE("the refusal says what is wrong and what would be right") {
    auto changed = text;
    changed[changed.find("41")] = '5';

    const auto refused = parse_identity(changed);

    CHECK(refused.error().detail.find("its last line says `85c0b915`, the lines before it sum to `")
          != std::string::npos);
    CHECK(refused.error().detail.ends_with("put back a copy of it as it was"));
    CHECK(parse_identity("").error().detail
          == "it is cut or was changed: put back a copy of it as it was");
  }
}
