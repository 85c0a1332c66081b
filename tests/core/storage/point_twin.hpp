#pragma once

#include "core/storage/point_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace grape::testing {

/// A point store as plain maps: obviously right, and slow.
class point_twin {
public:
  struct entry {
    storage::point_meta meta;
    named_vectors vectors;
    payload::object payload;

    friend bool operator==(const entry&, const entry&) = default;
  };

  std::map<point_id, entry> points;
  std::set<std::pair<std::uint64_t, point_id>> erased;

  /// The payload indexes that `schema` has and that random payloads have values for.
  static collection_schema schema() {
    collection_schema out;
    out.fields = {{"color", {field_type::keyword, {}}},    {"count", {field_type::integer, {}}},
                  {"deep.size", {field_type::floating, {}}}, {"fresh", {field_type::boolean, {}}},
                  {"tags[]", {field_type::keyword, {}}}};
    return out;
  }

  /// Changes the twin and the transaction alike: 1 to 12 random steps of one log entry.
  void step(std::mt19937_64& random, storage::point_transaction& changes, std::uint64_t version) {
    const auto before = points;
    for (auto left = 1 + random() % 12; left > 0; --left)
      one_step(random, changes, version);
    for (const auto& [id, was] : before)
      if (!points.contains(id))
        erased.emplace(version, id);
  }

  /// Everything that the reader shows is exactly what the twin holds.
  void require_equal(const storage::point_reader& reader, bool with_fields) const {
    std::map<point_id, entry> seen;
    REQUIRE(reader.scan_metas({}, [&](const point_id& id, const storage::point_meta& meta) {
      seen[id].meta = meta;
      return true;
    }).ok());
    REQUIRE(reader.scan_vectors({}, [&](const point_id& id, named_vectors&& vectors) {
      seen[id].vectors = std::move(vectors);
      return true;
    }).ok());
    REQUIRE(reader.scan_payloads({}, [&](const point_id& id, payload::object&& payload) {
      seen[id].payload = std::move(payload);
      return true;
    }).ok());
    REQUIRE(seen == points);
    require_equal_changes(reader);
    for (const auto& [field, index] : schema().fields)
      REQUIRE(values_of(reader, field)
              == (with_fields ? expected_values(field, index.type) : std::set<std::string>{}));
  }

  static point_id random_id(std::mt19937_64& random) {
    const auto which = random() % 40;
    if (which < 25)
      return point_id{which * 77};
    uuid name;
    name.bytes[0] = static_cast<std::uint8_t>(which * 5);
    name.bytes[15] = static_cast<std::uint8_t>(which);
    return point_id{name};
  }

private:
  using value = payload::value;

  static value random_scalar(std::mt19937_64& random) {
    switch (random() % 6) {
      case 0:
        return value(static_cast<std::int64_t>(random() % 6));
      case 1:
        return value(static_cast<double>(random() % 6));
      case 2:
        return value(random() % 2 == 0);
      case 3:
        return value();
      default:
        return value(std::string(1, static_cast<char>('a' + random() % 4)));
    }
  }

  static value random_value(std::mt19937_64& random) {
    if (random() % 3 != 0)
      return random_scalar(random);
    payload::array out;
    for (auto left = random() % 4; left > 0; --left)
      out.push_back(random_scalar(random));
    return value(std::move(out));
  }

  static payload::object random_payload(std::mt19937_64& random) {
    payload::object out;
    for (const auto* key : {"color", "count", "fresh", "tags", "unindexed"})
      if (random() % 2 == 0)
        out.set(key, random_value(random));
    if (random() % 2 == 0)
      out.set("deep", random() % 4 == 0 ? random_value(random)
                                        : value(payload::object{{"size", random_value(random)}}));
    return out;
  }

  static named_vectors random_vectors(std::mt19937_64& random) {
    named_vectors out;
    if (random() % 4 != 0)
      out.push_back({"", dense_vector{1.5f, static_cast<float>(random() % 100)}});
    if (random() % 4 == 0)
      out.push_back({"text", sparse_vector{{3, 9}, {0.5f, static_cast<float>(random() % 9)}}});
    return out;
  }

  void one_step(std::mt19937_64& random, storage::point_transaction& changes,
                std::uint64_t version) {
    const auto id = random_id(random);
    const auto known = points.find(id);
    const auto expect = [&](const status& done) {
      REQUIRE(done.code == (known == points.end() ? errc::not_found : errc::ok));
    };
    switch (random() % 6) {
      case 0: {
        REQUIRE(changes.erase(id, version).ok());
        if (known != points.end())
          points.erase(known);
        break;
      }
      case 1: {
        const auto payload = random_payload(random);
        expect(changes.put_payload(id, payload, version));
        if (known == points.end())
          break;
        known->second.meta.version = version;
        known->second.payload = payload;
        break;
      }
      case 2: {
        const auto vectors = random_vectors(random);
        expect(changes.put_vectors(id, vectors, version));
        if (known == points.end())
          break;
        known->second.meta = {version, version};
        known->second.vectors = vectors;
        break;
      }
      default: {
        const point what{id, random_vectors(random), random_payload(random)};
        REQUIRE(changes.put(what, version).ok());
        points[id] = {{version, version}, what.vectors, what.payload};
      }
    }
    require_seen_inside(changes, find_in(points, id), id);
  }

  static const entry* find_in(const std::map<point_id, entry>& in, const point_id& id) {
    const auto found = in.find(id);
    return found == in.end() ? nullptr : &found->second;
  }

  /// A transaction sees its own changes.
  static void require_seen_inside(const storage::point_transaction& changes, const entry* expected,
                                  const point_id& id) {
    const auto meta = changes.meta(id);
    const auto vectors = changes.vectors(id);
    const auto payload = changes.payload(id);
    REQUIRE(meta.ok());
    REQUIRE(meta->has_value() == (expected != nullptr));
    REQUIRE(vectors.ok() == (expected != nullptr));
    REQUIRE(payload.ok() == (expected != nullptr));
    if (expected != nullptr)
      REQUIRE(entry{**meta, *vectors, *payload} == *expected);
  }

  void require_equal_changes(const storage::point_reader& reader) const {
    std::vector<std::tuple<std::uint64_t, point_id, bool>> expected;
    for (const auto& [at, id] : erased)
      expected.emplace_back(at, id, true);
    for (const auto& [id, point] : points)
      expected.emplace_back(point.meta.version, id, false);
    std::sort(expected.begin(), expected.end());
    decltype(expected) seen;
    REQUIRE(reader.scan_changes(log_index{}, [&](log_index at, const point_id& id, bool gone) {
      seen.emplace_back(at.value, id, gone);
      return true;
    }).ok());
    REQUIRE(seen == expected);
  }

  static std::string shown(const value& of, const point_id& id) {
    return payload::to_json(of) + " of " + id.text();
  }

  static std::set<std::string> values_of(const storage::point_reader& reader,
                                         const std::string& field) {
    std::set<std::string> out;
    REQUIRE(reader.scan_field(field, [&](const value& each, const point_id& id) {
      REQUIRE(out.insert(shown(each, id)).second);
      return true;
    }).ok());
    return out;
  }

  /// What stands at one of the indexed paths, looked up by hand.
  static const value* at_path(const payload::object& in, const std::string& field) {
    if (field == "tags[]") {
      const auto* tags = in.find("tags");
      return tags != nullptr && tags->as_array() != nullptr ? tags : nullptr;
    }
    if (field != "deep.size")
      return in.find(field);
    const auto* deep = in.find("deep");
    const auto* inside = deep == nullptr ? nullptr : deep->as_object();
    return inside == nullptr ? nullptr : inside->find("size");
  }

  static bool fits(field_type type, const value& of) {
    return type == field_type::keyword   ? of.as_string() != nullptr
           : type == field_type::integer ? of.as_int() != nullptr
           : type == field_type::boolean ? of.as_bool() != nullptr
                                         : of.is_number();
  }

  std::set<std::string> expected_values(const std::string& field, field_type type) const {
    std::set<std::string> out;
    for (const auto& [id, point] : points) {
      const auto* found = at_path(point.payload, field);
      if (found == nullptr)
        continue;
      const auto elements = found->as_array() != nullptr ? *found->as_array()
                                                         : payload::array{*found};
      for (const auto& each : elements)
        if (fits(type, each))
          out.insert(shown(each, id));
    }
    return out;
  }
};

} // namespace grape::testing
