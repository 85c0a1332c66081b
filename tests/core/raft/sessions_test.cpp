#include "core/raft/sessions.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <vector>

using namespace grape;
using namespace grape::raft;

namespace {

/// A state machine for which applying twice shows: it appends, and answers with what it has.
struct replica {
  sessions clients{session_limits{4, 4'096}};
  std::string text;

  outcome<std::string> apply(std::uint64_t index, const session_command& command) {
    return clients.apply(log_index{index}, command, [this](const std::string& more) {
      text += more;
      return text;
    });
  }
};

session_request request(std::uint64_t session, std::uint64_t sequence, std::string command) {
  return {session_id{session}, sequence, std::move(command)};
}

/// The plain twin: a list of sessions, searched through.
struct slow_sessions {
  struct session {
    std::uint64_t id;
    std::uint64_t used;
    std::uint64_t sequence;
    std::string result;
  };
  std::vector<session> all;

  std::vector<session>::iterator longest_unused() {
    return std::min_element(all.begin(), all.end(), [](const session& a, const session& b) {
      return a.used < b.used;
    });
  }

  std::optional<std::string> apply(std::uint64_t index, const session_command& command,
                                   std::string& text) {
    if (std::holds_alternative<open_session>(command)) {
      if (all.size() == 4)
        all.erase(longest_unused());
      all.push_back({index, index, 0, {}});
      return std::to_string(index);
    }
    if (const auto* expiry = std::get_if<expire_sessions>(&command)) {
      std::erase_if(all, [&](const session& s) { return s.used <= expiry->idle_through.value; });
      return "";
    }
    const auto& asked = std::get<session_request>(command);
    for (auto& s : all)
      if (s.id == asked.session.value && asked.sequence >= s.sequence && asked.sequence > 0) {
        s.used = index;
        if (asked.sequence > s.sequence)
          s.result = text += asked.command;
        s.sequence = asked.sequence;
        return s.result;
      }
    return std::nullopt;
  }
};

session_command any_command(std::mt19937_64& engine, std::uint64_t index) {
  if (engine() % 8 == 0)
    return open_session{};
  if (engine() % 12 == 0)
    return expire_sessions{log_index{index - std::min(index, engine() % 30)}};
  return request(index - std::min(index, engine() % 40), engine() % 6, "x");
}

} // namespace

TEST_SUITE("core.raft.sessions") {
  TEST_CASE("S-53: a request retried over a change of leader takes effect once, rule 39") {
    // The old leader's entry 3 survived; the client heard nothing and asked the new one: entry 5.
    replica one;
    replica other;
    std::vector<std::string> answers;
    for (auto* member : {&one, &other}) {
      REQUIRE(member->apply(2, open_session{}).value() == "2");
      answers.push_back(member->apply(3, request(2, 1, "a")).value());
      answers.push_back(member->apply(5, request(2, 1, "a")).value());
      answers.push_back(member->apply(6, request(2, 2, "b")).value());
    }

    CHECK(answers == std::vector<std::string>{"a", "a", "ab", "a", "a", "ab"});
    CHECK(one.text == "ab");
    CHECK(one.clients.encode() == other.clients.encode());
  }

  TEST_CASE("a request behind the last one is refused and changes nothing") {
    replica one;
    REQUIRE(one.apply(1, open_session{}).ok());
    REQUIRE(one.apply(2, request(1, 5, "a")).ok());

    CHECK(one.apply(3, request(1, 4, "b")).error()
          == status{errc::bad_request, "request 4 of session 1 comes after request 5"});
    CHECK(one.apply(4, request(1, 0, "b")).error().code == errc::bad_request);
    CHECK(one.text == "a");
  }

  TEST_CASE("only an entry ends a session, and its id never comes back") {
    replica one;
    REQUIRE(one.apply(1, open_session{}).ok());
    REQUIRE(one.apply(2, open_session{}).ok());
    REQUIRE(one.apply(3, request(1, 1, "a")).ok());
    CHECK(one.clients.oldest_use() == log_index{2});

    REQUIRE(one.apply(4, expire_sessions{log_index{2}}).ok());

    CHECK(one.apply(5, request(2, 1, "b")).error()
          == status{errc::not_found, "session 2 has ended"});
    CHECK(one.apply(6, request(1, 1, "a")).value() == "a");
    CHECK(one.apply(7, open_session{}).value() == "7");
    CHECK(one.text == "a");
    REQUIRE(one.apply(8, expire_sessions{log_index{7}}).ok());
    CHECK(one.clients.size() == 0);
    CHECK(one.clients.oldest_use() == log_index{0});
  }

  TEST_CASE("one session too many ends the one unused for longest, rule 38") {
    replica one;
    for (std::uint64_t index = 1; index <= 4; ++index)
      REQUIRE(one.apply(index, open_session{}).ok());
    REQUIRE(one.apply(5, request(1, 1, "a")).ok());

    REQUIRE(one.apply(6, open_session{}).ok());

    CHECK(one.clients.size() == 4);
    CHECK(one.apply(7, request(2, 1, "b")).error().code == errc::not_found);
    CHECK(one.apply(8, request(1, 1, "a")).value() == "a");
  }

  TEST_CASE("it agrees with a plain list, by seed, also when it went through a snapshot") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 engine{seed};
      replica fast;
      slow_sessions slow;
      std::string text;
      for (std::uint64_t index = 1; index <= 300; ++index) {
        const auto command = any_command(engine, index);
        const auto answer = fast.apply(index, command);
        const auto wanted = slow.apply(index, command, text);
        REQUIRE(answer.ok() == wanted.has_value());
        if (wanted)
          REQUIRE(*answer == *wanted);
        if (engine() % 20 == 0) {
          const auto bytes = fast.clients.encode();
          auto restored = sessions::decode(bytes, session_limits{4, 4'096});
          REQUIRE(restored.ok());
          REQUIRE(restored->encode() == bytes);
          fast.clients = std::move(*restored);
        }
      }
      CHECK(fast.text == text);
      CHECK(fast.clients.size() == slow.all.size());
    }
  }

  TEST_CASE("commands and states are refused when they are damaged or cut") {
    replica one;
    REQUIRE(one.apply(1, open_session{}).ok());
    REQUIRE(one.apply(2, request(1, 1, "a")).ok());
    const auto state = one.clients.encode();
    const auto command = encode(session_command{request(1, 1, "a")});
    for (std::size_t at = 0; at < state.size(); ++at) {
      auto damaged = state;
      damaged[at] ^= 4;
      CHECK_FALSE(sessions::decode(damaged).ok());
      CHECK_FALSE(sessions::decode(state.substr(0, at)).ok());
    }
    for (std::size_t at = 0; at < command.size(); ++at) {
      auto damaged = command;
      damaged[at] ^= 4;
      CHECK_FALSE(decode_session_command(damaged).ok());
      CHECK_FALSE(decode_session_command(command.substr(0, at)).ok());
    }
  }

  TEST_CASE("the bytes are those of the first release") {
    replica one;
    REQUIRE(one.apply(1, open_session{}).ok());
    REQUIRE(one.apply(2, open_session{}).ok());
    REQUIRE(one.apply(3, request(1, 7, "a")).ok());
    CHECK(testing::is_golden("raft-sessions.bin", one.clients.encode()));
    CHECK(testing::is_golden("raft-session-open.bin", encode(session_command{open_session{}})));
    CHECK(testing::is_golden("raft-session-expire.bin",
                             encode(session_command{expire_sessions{log_index{9}}})));
    const session_command asked = request(1, 7, "a");
    CHECK(testing::is_golden("raft-session-request.bin", encode(asked)));
    CHECK(*decode_session_command(testing::golden("raft-session-request.bin")) == asked);
  }
}
