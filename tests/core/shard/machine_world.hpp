#pragma once

#include "core/payload/evaluate.hpp"
#include "core/request/validate.hpp"
#include "core/shard/command.hpp"
#include "core/shard/machine.hpp"
#include "core/storage/faulty_files.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/memory_store.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace grape::test {

inline collection_schema two_field_schema() {
  collection_schema schema;
  schema.options.vectors[""] = {.size = 4, .distance = metric::dot, .hnsw = {}, .echoed = {}};
  schema.options.vectors["far"] = {.size = 3, .distance = metric::euclid, .hnsw = {}, .echoed = {}};
  schema.options.sparse_vectors["words"] = {};
  schema.options.optimizers.indexing_threshold_kb = 1;
  schema.fields["city"] = {field_type::keyword, {}};
  schema.fields["n"] = {field_type::integer, {}};
  return schema;
}

/// The slow twin of a shard: a map of points.
class shard_twin {
public:
  std::map<point_id, point> points;
  std::map<point_id, std::uint64_t> versions;

  void upsert(const point& what, std::uint64_t version) {
    points[what.id] = what;
    versions[what.id] = version;
  }

  void erase(const point_id& id) {
    points.erase(id);
    versions.erase(id);
  }

  bool matches(const payload::filter& filter, const point& what) const {
    return payload::matches(filter, what.id, what.payload, [&](std::string_view name) {
      return find_vector(what.vectors, name) != nullptr;
    });
  }

  std::vector<point_id> matching(const payload::filter& filter) const {
    std::vector<point_id> ids;
    for (const auto& [id, what] : points)
      if (matches(filter, what))
        ids.push_back(id);
    return ids;
  }
};

/// One machine over files that a test can break, with a log kept by the test.
class machine_world {
public:
  explicit machine_world(collection_schema schema = two_field_schema())
    : schema_(std::move(schema)) {
    open();
  }

  void open() {
    machine_.reset();
    store_ = storage::make_memory_store();
    reopen();
  }

  /// Opens the machine anew over the same store and files.
  void reopen() {
    machine_.reset();
    auto opened = shard::machine::open({.files = &files_,
                                        .points = store_,
                                        .segments_directory = "shard/segments",
                                        .schema = schema_,
                                        .seed = 7});
    REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : to_string(opened.error())));
    machine_ = std::move(*opened);
  }

  shard::machine& operator*() { return *machine_; }
  shard::machine* operator->() { return machine_.get(); }

  storage::faulty_files& files() { return files_; }
  storage::store& store() { return *store_; }
  std::shared_ptr<storage::store> shared_store() { return store_; }

  /// Applies operations as one entry and returns its index.
  std::uint64_t write(std::vector<write_operation> operations) {
    normalise(operations, machine_->schema());
    return apply(shard::write_points{machine_->schema().version, std::move(operations)});
  }

  std::uint64_t apply(const shard::command& command) {
    return apply_bytes(shard::encode(command));
  }

  std::uint64_t apply_bytes(const std::string& entry) {
    const auto index = machine_->applied().next();
    const auto applied = machine_->apply(index, entry);
    REQUIRE(applied.ok());
    CHECK(applied->result == status{});
    return index.value;
  }

  /// Runs background jobs until there is nothing left to improve.
  int settle_indexes() {
    int jobs = 0;
    inline_executor here;
    const std::atomic<bool> go_on{false};
    while (const auto job = machine_->plan(shard::pace::quiet)) {
      shard::job_progress progress;
      const auto done = shard::machine::run(*job, here, go_on, progress);
      REQUIRE(done.ok());
      machine_->install(*done);
      REQUIRE(++jobs < 100);
    }
    return jobs;
  }

private:
  collection_schema schema_;
  storage::faulty_files files_{1};
  std::shared_ptr<storage::store> store_;
  std::unique_ptr<shard::machine> machine_;
};

inline point random_point(std::mt19937_64& random, std::uint64_t id) {
  const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
  const auto component = [&] { return static_cast<float>(random() % 2'001) / 1'000.0f - 1.0f; };
  point made{point_id{id}, {}, {}};
  if (chance(90))
    made.vectors.push_back(
      {"", dense_vector{component(), component(), component(), component()}});
  if (chance(50))
    made.vectors.push_back({"far", dense_vector{component(), component(), component()}});
  if (chance(20))
    made.vectors.push_back({"words", sparse_vector{{1, 5}, {0.5f, component()}}});
  constexpr const char* cities[] = {"Berlin", "London", "Moscow"};
  if (chance(70))
    made.payload.set("city", payload::value{cities[random() % 3]});
  if (chance(60))
    made.payload.set("n", payload::value{static_cast<std::int64_t>(random() % 10)});
  if (chance(30))
    made.payload.set("free", payload::value{static_cast<double>(random() % 4)});
  return made;
}

inline payload::filter city_is(const char* name) {
  payload::filter filter;
  filter.must.push_back({payload::field_condition{"city", {payload::match_value{name}}}});
  return filter;
}

inline payload::filter number_below(double bound) {
  payload::filter filter;
  filter.must.push_back({payload::field_condition{
    "n", {payload::number_range{.lt = bound, .gt = {}, .lte = {}, .gte = {}}}}});
  return filter;
}

/// A field without an index, and a vector's presence.
inline payload::filter free_or_far() {
  payload::filter filter;
  filter.should.push_back({payload::field_condition{
    "free", {payload::number_range{.lt = {}, .gt = {}, .lte = {}, .gte = 2.0}}}});
  filter.should.push_back({payload::has_vector{"far"}});
  return filter;
}

} // namespace grape::test
