#include "core/query/facet.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using namespace grape::query;

namespace {

collection_schema schema_with(std::map<std::string, field_schema> fields) {
  collection_schema made;
  made.fields = std::move(fields);
  return made;
}

} // namespace

TEST_SUITE("core.query.facet") {
  TEST_CASE("values are counted by the indexes that look values up, in any spelling of the path") {
    const payload::object no_lookup{{"lookup", payload::value{false}}};
    const auto schema = schema_with({{"a.b", {field_type::keyword, {}}},
                                     {"i", {field_type::integer, {}}},
                                     {"only_range", {field_type::integer, no_lookup}},
                                     {"u", {field_type::uuid, {}}},
                                     {"flag", {field_type::boolean, {}}},
                                     {"f", {field_type::floating, {}}},
                                     {"d", {field_type::datetime, {}}}});

    for (const auto* counted : {"a.b", "\"a\".b", "i", "u", "flag"})
      CHECK(can_be_counted(counted, schema).ok());
    for (const auto* other : {"only_range", "f", "d", "a", "missing"}) {
      const auto refused = can_be_counted(other, schema);
      CHECK(refused.code == errc::bad_request);
      CHECK(refused.detail.starts_with("No appropriate index for faceting: `" + std::string(other)
                                       + "`."));
    }
  }

  TEST_CASE("shards together count what one shard with all points counts") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      std::vector<std::map<std::string, std::uint64_t>> parts(1 + random() % 4);
      std::map<std::string, std::uint64_t> whole;
      for (auto point = random() % 60; point > 0; --point) {
        const std::string value(1, static_cast<char>('a' + random() % 8));
        ++parts[random() % parts.size()][value];
        ++whole[value];
      }
      const auto told = [](const std::map<std::string, std::uint64_t>& counts) {
        std::vector<facet_hit> hits;
        for (const auto& [value, count] : counts)
          hits.push_back({value, count});
        std::sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) {
          return a.count != b.count ? a.count > b.count : a.value < b.value;
        });
        return hits;
      };
      std::vector<shard::shard_facet> shards;
      for (const auto& part : parts)
        shards.push_back({told(part)});
      const auto limit = 1 + random() % 9;

      const auto merged = merge(std::move(shards), limit);

      auto expected = told(whole);
      expected.resize(std::min<std::size_t>(limit, expected.size()));
      CHECK(merged.hits == expected);
    }
  }
}
