#include "tests/actors/deterministic_house.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

using namespace grape;
using namespace grape::actors;

namespace {

struct wire : deterministic_system {
  /// A message as it travels: with its registered type name.
  template <class T>
  std::string hex_of(const T& value) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    const auto message = caf::make_message(value);
    REQUIRE_FALSE(sink(message));
    return hex({bytes.begin(), bytes.end()});
  }

  static std::string hex(const std::string& bytes) {
    constexpr auto digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : bytes) {
      out += digits[static_cast<unsigned char>(byte) >> 4];
      out += digits[static_cast<unsigned char>(byte) & 15];
    }
    return out;
  }

  /// How CAF 0.17.6 opens a message of one element: no type number, then the name.
  static std::string named(const std::string& type) {
    const auto name = "@<>+grape::actors::" + type;
    return "0000" + hex(std::string(1, static_cast<char>(name.size())) + name);
  }

  template <class T>
  T there_and_back(const T& value) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    REQUIRE_FALSE(sink(caf::make_message(value)));
    caf::message message;
    caf::binary_deserializer source{system, bytes};
    REQUIRE_FALSE(source(message));
    REQUIRE(message.match_elements<T>());
    return message.get_as<T>(0);
  }
};

const write_command command{group_id{7}, epoch{8}, schema_version{9}, true, 1'000, "bytes",
                            write_ack::all};

} // namespace

TEST_SUITE("actors.wire") {
  TEST_CASE_FIXTURE(wire, "messages arrive as they were sent") {
    const auto back = there_and_back(command);
    CHECK(back.group == command.group);
    CHECK(back.epoch == command.epoch);
    CHECK(back.validated_against == command.validated_against);
    CHECK(back.wait == command.wait);
    CHECK(back.timeout_ms == command.timeout_ms);
    CHECK(back.bytes == command.bytes);
    CHECK(back.ack == command.ack);
    CHECK(there_and_back(shard_receipt{log_index{5}, write_progress::completed}).progress
          == write_progress::completed);
    CHECK(there_and_back(shard_map_changed{epoch{4}}).epoch == epoch{4});
    CHECK(there_and_back(leader_changed{group_id{1}, term{2}, node_number{3}}).node
          == node_number{3});
    const auto knock = there_and_back(link_knock{1, node_number{2}, "n2"});
    CHECK(knock.number == node_number{2});
    CHECK(knock.name == "n2");
    CHECK(there_and_back(link_welcome{node_number{2}}).number == node_number{2});
    CHECK(there_and_back(link_hello{"bytes"}).bytes == "bytes");
    CHECK(there_and_back(link_frame{"bytes"}).bytes == "bytes");
    const auto farewell = there_and_back(link_farewell{errc::corrupted, "words"});
    CHECK(farewell.code == errc::corrupted);
    CHECK(farewell.why == "words");
    there_and_back(founding_question{});
    CHECK(there_and_back(join_question{"bytes"}).bytes == "bytes");
    CHECK(there_and_back(join_answer{"bytes"}).bytes == "bytes");
    CHECK(there_and_back(founding_reply{1, "id", "name", {"a=1", "b=2"}}).founders
          == std::vector<std::string>{"a=1", "b=2"});
  }

  // Names and order of fields are the wire: nodes of different builds must understand each other.
  TEST_CASE_FIXTURE(wire, "the bytes of each message are pinned") {
    CHECK(hex_of(command)
          == named("write_command") + "00000007" "0000000000000008" "0000000000000009" "01"
               "000003e8" "05" "6279746573" "03");
    CHECK(hex_of(shard_receipt{log_index{5}, write_progress::wait_timeout, 2})
          == named("shard_receipt") + "0000000000000005" "02" "00000002");
    CHECK(hex_of(shard_map_changed{epoch{4}}) == named("shard_map_changed") + "0000000000000004");
    CHECK(hex_of(leader_changed{group_id{1}, term{2}, node_number{3}})
          == named("leader_changed") + "00000001" "0000000000000002" "00000003");
    CHECK(hex_of(link_knock{1, node_number{2}, "n2"})
          == named("link_knock") + "00000001" "00000002" "02" "6e32");
    CHECK(hex_of(link_welcome{node_number{2}}) == named("link_welcome") + "00000002");
    CHECK(hex_of(link_hello{"bytes"}) == named("link_hello") + "05" "6279746573");
    CHECK(hex_of(link_frame{"bytes"}) == named("link_frame") + "05" "6279746573");
    CHECK(hex_of(link_farewell{errc::corrupted, "no"})
          == named("link_farewell") + "10" "02" "6e6f");
    CHECK(hex_of(join_question{"no"}) == named("join_question") + "02" "6e6f");
    CHECK(hex_of(join_answer{"no"}) == named("join_answer") + "02" "6e6f");
    CHECK(hex_of(founding_question{}) == named("founding_question"));
    CHECK(hex_of(founding_reply{1, "id", "name", {"a=1", "b=2"}})
          == named("founding_reply") + "01" "02" "6964" "04" "6e616d65" "02" "03" "613d31"
               "03" "623d32");
  }

  TEST_CASE_FIXTURE(wire, "errors keep code and words") {
    const status told{errc::overloaded, "too much"};

    CHECK(to_status(to_error(told)) == told);
    CHECK(to_write_status(to_error(told)) == told);
    CHECK(to_write_status(caf::sec::request_timeout).code == errc::commit_unknown);
    CHECK(to_status(caf::sec::request_timeout).code == errc::timed_out);
    CHECK(describe(caf::error{}) == "ended");
    CHECK(to_status(caf::sec::request_receiver_down).code == errc::unavailable);
    CHECK(system.render(to_error(told)) == "overloaded: too much");
  }
}
