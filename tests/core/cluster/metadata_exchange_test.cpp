#include "core/cluster/metadata_exchange.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::cluster;

TEST_SUITE("cluster.metadata_exchange") {
  TEST_CASE("questions and answers come back as they were, in pinned bytes") {
    const metadata_question questions[] = {change_question{"command"},
                                           mirror_question{log_index{42}},
           confirm_question{log_index{41}}};
    const metadata_reply replies[] = {change_reply{true, log_index{7}}, change_reply{false, {}},
                                      mirror_reply{log_index{43}, "state"}, mirror_reply{}};
    std::string all;
    for (const auto& one : questions) {
      const auto read = decode_metadata_question(encode(one));
      REQUIRE(read.ok());
      CHECK(*read == one);
      all += encode(one);
    }
    for (const auto& one : replies) {
      const auto read = decode_metadata_reply(encode(one));
      REQUIRE(read.ok());
      CHECK(*read == one);
      all += encode(one);
    }
    CHECK(testing::is_golden("metadata-exchange.bin", all));
  }

  TEST_CASE("so do the pieces of a snapshot") {
    const metadata_question question = install_question{"message", 12, 4, "piece"};
    const metadata_reply reply = install_reply{9};
    CHECK(*decode_metadata_question(encode(question)) == question);
    CHECK(*decode_metadata_reply(encode(reply)) == reply);
    CHECK(testing::is_golden("metadata-install.bin", encode(question) + encode(reply)));
  }

  TEST_CASE("any bytes are read or refused") {
    std::mt19937 random{3};
    const auto good = encode(metadata_reply{mirror_reply{log_index{43}, "state"}});
    for (int i = 0; i < 20'000; ++i) {
      auto bytes = good;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      bytes.resize(random() % (bytes.size() + 1));
      (void)decode_metadata_question(bytes);
      (void)decode_metadata_reply(bytes);
    }
    auto other = good;
    other[1] = 2; // The version.
    CHECK(decode_metadata_reply(other).error().code == errc::wrong_version);
    CHECK(decode_metadata_question("").error().code == errc::corrupted);
  }
}
