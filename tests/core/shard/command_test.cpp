#include "machine_world.hpp"

#include "core/shard/id_table.hpp"

using namespace grape;
using namespace grape::test;

TEST_SUITE("core.shard.command") {
  TEST_CASE("commands survive as bytes") {
    std::mt19937_64 random{1};
    upsert_points upsert;
    for (std::uint64_t id = 0; id < 20; ++id)
      upsert.points.push_back(random_point(random, id));
    const std::vector<shard::command> commands{
      shard::write_points{schema_version{3}, {upsert, delete_points{city_is("Berlin")}}},
      shard::write_points{schema_version{1},
                          {set_payload{{{"a", payload::value{1.5}}}, std::vector{point_id{1}}, true,
                                       "a.b"},
                           clear_payload{number_below(2)}}},
      shard::change_schema{two_field_schema()},
    };

    for (const auto& command : commands) {
      const auto back = shard::decode(shard::encode(command));
      REQUIRE(back.ok());
      CHECK(*back == command);
    }
  }

  TEST_CASE("what adds points, vectors or payload takes room, and what deletes them does not") {
    const std::vector some{point_id{1}};
    const auto takes = [](write_operation one) {
      return shard::takes_room(shard::write_points{schema_version{1}, {std::move(one)}});
    };
    CHECK(takes(upsert_points{}));
    CHECK(takes(set_payload{{}, some, false, {}}));
    CHECK(takes(update_vectors{}));
    CHECK_FALSE(takes(delete_points{some}));
    CHECK_FALSE(takes(delete_payload{{"a"}, some}));
    CHECK_FALSE(takes(clear_payload{some}));
    CHECK_FALSE(takes(delete_vectors{{""}, some}));
    CHECK_FALSE(shard::takes_room(shard::change_schema{}));
    CHECK(shard::takes_room(shard::write_points{schema_version{1},
                                                {delete_points{some}, upsert_points{}}}));
  }

  TEST_CASE("a flipped byte anywhere is refused") {
    const auto bytes = shard::encode(shard::change_schema{two_field_schema()});

    for (std::size_t i = 0; i < bytes.size(); ++i) {
      auto broken = bytes;
      broken[i] = static_cast<char>(broken[i] ^ 0x10);
      CAPTURE(i);
      CHECK_FALSE(shard::decode(broken).ok());
    }
  }
}

TEST_SUITE("core.shard.id_table") {
  TEST_CASE("a table and its copies each show their own moment") {
    shard::id_table table;
    std::map<point_id, slot> twin;
    std::vector<std::pair<shard::id_table, std::map<point_id, slot>>> moments;
    std::mt19937_64 random{2};

    for (std::uint32_t step = 0; step < 20'000; ++step) {
      const point_id id{random() % 6'000};
      if (random() % 3 != 0 && !twin.contains(id)) {
        table.insert(id, slot{step});
        twin[id] = slot{step};
      } else {
        table.erase(id);
        twin.erase(id);
      }
      if (step % 5'000 == 0)
        moments.emplace_back(table, twin);
    }
    moments.emplace_back(table, twin);

    for (const auto& [then, expected] : moments) {
      CHECK(then.size() == expected.size());
      for (std::uint64_t id = 0; id < 6'000; ++id) {
        const auto known = expected.find(point_id{id});
        const auto found = then.find(point_id{id});
        REQUIRE(found.has_value() == (known != expected.end()));
        if (found)
          CHECK(*found == known->second);
      }
    }
  }
}
