#include "tests/stress/content.hpp"

#include <cmath>
#include <random>

namespace grape::stress {

namespace {

payload::value whole(std::uint64_t number) {
  return payload::value{number};
}

sparse_vector sparse_of(std::uint64_t id, const content& what) {
  return {{static_cast<std::uint32_t>(what.group()), static_cast<std::uint32_t>(100 + id % 50)},
          {1.0f, 0.5f}};
}

payload::condition equals(const std::string& key, std::uint64_t number) {
  return {payload::field_condition{key, {payload::match_value{static_cast<std::int64_t>(number)}}}};
}

payload::value object_of(std::initializer_list<payload::object::member> members) {
  return payload::value{payload::object{members}};
}

} // namespace

dense_vector dense_of(std::uint64_t id, std::uint64_t version) {
  std::mt19937_64 chance{id * 1'000'003 + version};
  std::uniform_real_distribution<float> any{-1, 1};
  dense_vector made(dimension);
  for (auto& component : made)
    component = any(chance);
  return made;
}

point point_of(std::uint64_t id, const content& what) {
  point made;
  made.id = point_id{id};
  made.vectors.push_back({"dense", dense_of(id, what.version)});
  made.vectors.push_back({"sparse", sparse_of(id, what)});
  made.payload = {{"group", whole(what.group())},
                  {"mark", payload::value{what.mark}},
                  {"owner", whole(owner_of(id))},
                  {"version", whole(what.version)}};
  return made;
}

outcome<content> content_of(const record& stored) {
  const auto wrong = [&](const std::string& why) {
    return status{errc::corrupted, "point " + stored.id.text() + " " + why};
  };
  if (!stored.id.is_number() || !stored.payload || !stored.vectors)
    return wrong("came without its parts");
  const auto* version = stored.payload->find("version");
  const auto* mark = stored.payload->find("mark");
  if (!version || !version->as_int() || !mark || !mark->as_int())
    return wrong("has another payload: " + to_json(*stored.payload));
  const content said{static_cast<std::uint64_t>(*version->as_int()), *mark->as_int()};
  const auto wanted = point_of(stored.id.number(), said);
  if (wanted.payload != *stored.payload)
    return wrong("has a mixed payload: " + to_json(*stored.payload));
  if (wanted.vectors != *stored.vectors)
    return wrong("has vectors of another version than " + std::to_string(said.version));
  return said;
}

float distance_between(const dense_vector& a, const dense_vector& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

collection_options options_of(std::uint32_t shards, std::uint32_t replicas) {
  collection_options made;
  made.vectors["dense"].size = dimension;
  made.vectors["dense"].distance = metric::euclid;
  made.sparse_vectors["sparse"] = {};
  made.shard_number = shards;
  made.replication_factor = replicas;
  made.optimizers.indexing_threshold_kb = 2; // 32 rows, so that there are many segments to merge.
  made.optimizers.deleted_threshold = 0.1;
  made.optimizers.vacuum_min_vectors = 100;
  made.quantization = object_of({{"scalar", object_of({{"type", payload::value{"int8"}}})}});
  return made;
}

payload::filter of_owner(std::uint64_t owner) {
  payload::filter made;
  made.must.push_back(equals("owner", owner));
  return made;
}

payload::filter of_group(std::uint64_t owner, std::uint64_t group) {
  auto made = of_owner(owner);
  made.must.push_back(equals("group", group));
  return made;
}

} // namespace grape::stress
