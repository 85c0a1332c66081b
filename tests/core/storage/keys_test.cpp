#include "core/storage/keys.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace grape;
using payload::value;
namespace keys = storage::keys;

namespace {

int sign(int of) {
  return of < 0 ? -1 : of > 0 ? 1 : 0;
}

point_id random_id(std::mt19937_64& random) {
  if (random() % 2 == 0)
    return point_id{random() >> (random() % 64)};
  uuid name;
  for (auto& byte : name.bytes)
    byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 2 * 255);
  return point_id{name};
}

// Zero bytes, 0xff and shared beginnings: whatever an escape could get wrong.
std::string random_text(std::mt19937_64& random) {
  std::string out(random() % 5, 'a');
  for (auto& c : out)
    c = "\0\1\xff\xfe" "ab"[random() % 6];
  return out;
}

double random_double(std::mt19937_64& random) {
  constexpr double special[] = {0.0, 1.0, -1.0, 5.0, 9007199254740993.0, -9.3e18, 1e300,
                                std::numeric_limits<double>::denorm_min()};
  if (random() % 2 == 0)
    return special[random() % std::size(special)];
  return std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                    static_cast<int>(random() % 100) - 80);
}

std::int64_t random_integer(std::mt19937_64& random) {
  const auto magnitude = static_cast<std::int64_t>(random() >> (1 + random() % 63));
  return random() % 2 == 0 ? magnitude : -magnitude;
}

std::string key_of(field_type type, const value& of, const point_id& id = point_id{7}) {
  return keys::of_field_value(keys::of_field("f"), type, of, id);
}

template <class T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

} // namespace

TEST_SUITE("core.storage.keys") {
  TEST_CASE("point keys order as their ids do, and give them back") {
    std::mt19937_64 random{1};
    for (int round = 0; round < 5'000; ++round) {
      const auto a = random_id(random);
      const auto b = random_id(random);

      const auto key_a = keys::of_point(keys::metas, a);
      const auto key_b = keys::of_point(keys::metas, b);
      auto rest = std::string_view{key_a}.substr(keys::metas.size());
      const auto back = keys::take_id(rest);

      CHECK(sign(key_a.compare(key_b)) == compare(a, b));
      REQUIRE(back.ok());
      CHECK(*back == a);
      CHECK(rest.empty());
    }
  }

  TEST_CASE("keyword keys order as strings do, and give them back") {
    std::mt19937_64 random{2};
    const auto prefix = keys::of_field("f").size();
    for (int round = 0; round < 5'000; ++round) {
      const auto a = random_text(random);
      const auto b = random_text(random);
      const auto id = random_id(random);

      const auto key_a = key_of(field_type::keyword, value(a), id);
      const auto key_b = key_of(field_type::keyword, value(b), id);
      const auto back = keys::parse_field_value(std::string_view{key_a}.substr(prefix));

      CHECK(sign(key_a.compare(key_b)) == sign(a.compare(b)));
      REQUIRE(back.ok());
      CHECK(back->value == value(a));
      CHECK(back->id == id);
    }
  }

  TEST_CASE("integer keys order as integers do, and give them back") {
    std::mt19937_64 random{3};
    const auto prefix = keys::of_field("f").size();
    for (int round = 0; round < 5'000; ++round) {
      const auto a = random_integer(random);
      const auto b = random_integer(random);

      const auto key_a = key_of(field_type::integer, value(a));
      const auto key_b = key_of(field_type::integer, value(b));
      const auto back = keys::parse_field_value(std::string_view{key_a}.substr(prefix));

      CHECK(sign(key_a.compare(key_b)) == compare(a, b));
      REQUIRE(back.ok());
      CHECK(back->value == value(a));
    }
  }

  TEST_CASE("a float index orders numbers of all kinds by size, and keeps the kinds apart") {
    std::mt19937_64 random{4};
    const auto prefix = keys::of_field("f").size();
    const auto any_number = [&] {
      switch (random() % 3) {
        case 0:
          return value(random_integer(random));
        case 1:
          return value(random() | std::uint64_t{1} << 63);
        default:
          return value(random_double(random));
      }
    };
    for (int round = 0; round < 10'000; ++round) {
      const auto a = any_number();
      const auto b = any_number();

      const auto key_a = key_of(field_type::floating, a);
      const auto key_b = key_of(field_type::floating, b);
      const auto back = keys::parse_field_value(std::string_view{key_a}.substr(prefix));

      if (a.number() != b.number())
        CHECK(sign(key_a.compare(key_b)) == compare(a.number(), b.number()));
      CHECK((key_a == key_b) == (a == b));
      REQUIRE(back.ok());
      CHECK(back->value == a);
    }
    CHECK(key_of(field_type::floating, value(std::int64_t{5}))
          != key_of(field_type::floating, value(5.0)));
  }

  TEST_CASE("an index holds the values of its type only") {
    const std::vector<value> all = {value(), value(true), value(std::int64_t{5}), value(5.0),
                                    value(~std::uint64_t{0}), value("5"),
                                    value(payload::array{value("5")})};
    const auto held = [&](field_type type) {
      std::string out;
      for (const auto& each : all)
        out += keys::indexable(type, each) ? '1' : '0';
      return out;
    };

    CHECK(held(field_type::keyword) == "0000010");
    CHECK(held(field_type::integer) == "0010000");
    CHECK(held(field_type::floating) == "0011100");
    CHECK(held(field_type::boolean) == "0100000");
  }

  TEST_CASE("no key of one field begins as those of another") {
    std::mt19937_64 random{5};
    for (int round = 0; round < 5'000; ++round) {
      const auto a = random_text(random);
      const auto b = random_text(random);
      if (a != b)
        CHECK_FALSE(keys::of_field(a).starts_with(keys::of_field(b)));
    }
  }

  TEST_CASE("change keys order by index, then by id") {
    std::mt19937_64 random{6};
    for (int round = 0; round < 5'000; ++round) {
      const std::pair a{log_index{random() >> (random() % 64)}, random_id(random)};
      const std::pair b{random() % 2 == 0 ? a.first : log_index{random()}, random_id(random)};

      const auto key_a = keys::of_change(a.first, a.second);
      const auto key_b = keys::of_change(b.first, b.second);
      const auto back = keys::parse_change(std::string_view{key_a}.substr(keys::changes.size()));

      CHECK(sign(key_a.compare(key_b)) == compare(a, b));
      REQUIRE(back.ok());
      CHECK(back->at == a.first);
      CHECK(back->id == a.second);
    }
  }

  TEST_CASE("a damaged key is refused, never misread past its end") {
    std::mt19937_64 random{7};
    const auto prefix = keys::of_field("f").size();
    for (const auto& whole :
         {key_of(field_type::keyword, value(std::string("a\0b", 3))),
          key_of(field_type::integer, value(std::int64_t{5})),
          key_of(field_type::floating, value(2.5)),
          key_of(field_type::floating, value(std::int64_t{5})),
          key_of(field_type::boolean, value(true))}) {
      const auto rest = std::string_view{whole}.substr(prefix);
      for (std::size_t size = 0; size < rest.size(); ++size)
        CHECK_FALSE(keys::parse_field_value(rest.substr(0, size)).ok());
      CHECK_FALSE(keys::parse_field_value(std::string(rest) + "x").ok());
      for (int round = 0; round < 1'000; ++round) {
        std::string flipped{rest};
        flipped[random() % flipped.size()] = static_cast<char>(random());
        (void) keys::parse_field_value(flipped);
      }
    }
  }
}
