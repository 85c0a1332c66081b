#include "core/shard/machine_state.hpp"

#include "core/request/quantization.hpp"

#include <algorithm>

namespace grape::shard {

namespace {

/// Segments are durable before the store is. One that knows entries which the store has lost may
/// name a version that will be given to another write: it must not be trusted.
status whole_before(const index::segment& segment, log_index applied, bool of_rows) {
  const auto newest = of_rows ? index::version_of_row(applied.value + 1, 0) - 1 : applied.value;
  for (std::uint32_t number = 0; number < segment.rows(); ++number)
    if (segment.vector_version_of(row{number}) > newest)
      return {errc::corrupted, "it was built from entries that a power cut took"};
  return {};
}

} // namespace

index::vector_index_options index_options(const collection_options& options,
                                          const vector_field& field, std::uint64_t seed) {
  constexpr std::uint32_t default_m = 16;
  constexpr std::uint32_t default_ef_construct = 100;
  const auto& own = field.hnsw;
  index::vector_index_options made;
  made.dimension = field.size;
  made.distance = field.distance;
  made.form = form_of(field.stored_as(), field.distance);
  made.graph.m = own && own->m ? *own->m : options.hnsw.m.value_or(default_m);
  made.graph.ef_construct = own && own->ef_construct
                              ? *own->ef_construct
                              : options.hnsw.ef_construct.value_or(default_ef_construct);
  made.graph.seed = seed;
  made.graph.code = wanted_code(options, field);
  made.graph.quantile = wanted_quantile(options, field);
  const auto& optimizers = options.optimizers;
  if (optimizers.indexing_threshold_kb)
    made.policy.indexing_threshold_bytes = *optimizers.indexing_threshold_kb * 1'024;
  if (made.graph.m == 0)
    made.policy.indexing_threshold_bytes = 0;
  made.policy.deleted_threshold
    = optimizers.deleted_threshold.value_or(made.policy.deleted_threshold);
  made.policy.vacuum_min_rows
    = optimizers.vacuum_min_vectors.value_or(made.policy.vacuum_min_rows);
  return made;
}

index::code_place place_of_codes(const collection_options& options, const vector_field& field) {
  return codes_stay_on_disk(options, field) ? index::code_place::file : index::code_place::memory;
}

outcome<std::unique_ptr<machine>> machine::open(machine_options options) {
  GRAPE_CHECK(options.files != nullptr && options.points != nullptr);
  auto store = storage::point_store::open(options.points);
  if (!store)
    return std::move(store).error();
  auto made = std::make_unique<state>();
  made->store = std::move(*store);
  made->schema = std::make_shared<const collection_schema>(
    made->store->schema() ? *made->store->schema() : options.schema);
  made->options = std::move(options);
  if (auto loaded = made->load(); !loaded.ok())
    return loaded;
  return std::unique_ptr<machine>(new machine(std::move(made)));
}

status machine::state::load_sessions() {
  const auto kept = notes_of_sessions(store->read());
  if (!kept)
    return kept.error();
  auto loaded = write_sessions::load(*kept);
  if (!loaded)
    return std::move(loaded).error();
  sessions = std::move(*loaded);
  return {};
}

status machine::state::load() {
  if (auto loaded = load_sessions(); !loaded.ok())
    return loaded;
  const auto versions = load_points();
  if (!versions)
    return versions.error();
  if (auto loaded = load_columns(); !loaded.ok())
    return loaded;
  if (auto matched = match_vectors(*schema); !matched.ok())
    return matched;
  if (auto loaded = load_sparse_and_places(); !loaded.ok())
    return loaded;
  for (auto& [name, part] : vectors)
    if (auto adopted = adopt_segments(name, part, *versions); !adopted.ok())
      return adopted;
  return load_tails(*versions);
}

outcome<machine::state::vector_versions> machine::state::load_points() {
  vector_versions versions;
  const auto scanned
    = store->read().scan_metas({}, [&](const point_id& id, const storage::point_meta& meta) {
        const auto where = points.place(id);
        points.version_of.edit(where.value) = meta.version;
        versions.push_back(meta.vector_version); // A fresh table counts slots up.
        return true;
      });
  if (!scanned.ok())
    return scanned;
  return versions;
}

status machine::state::load_columns() {
  for (const auto& [field, settings] : schema->fields)
    if (auto added = columns.add_field(field, settings); !added.ok())
      return added;
  if (schema->fields.empty())
    return {};
  return store->read().scan_payloads({}, [this](const point_id& id, payload::object&& payload) {
    columns.set(*points.ids.find(id), payload);
    return true;
  });
}

/// Takes over every segment that is whole; the points of the others go through the tail again.
status machine::state::adopt_segments(const std::string& name, vector_part& part,
                                      const vector_versions& versions) {
  const auto present = part.files.present();
  if (!present)
    return present.error();
  const auto place_now = [&](const point_id& id, std::uint64_t row_version) {
    const auto where = points.ids.find(id);
    return where ? part.place_of(*where, versions[where->value], row_version) : std::nullopt;
  };
  for (const auto id : *present) {
    part.index.reserve(id);
    auto opened = part.files.open(id, place_of_codes(schema->options, part.field));
    auto damage = opened ? whole_before(**opened, store->applied(), part.field.multi)
                         : opened.error();
    if (damage.ok()) {
      const auto restored = part.index.restore(*opened, place_now);
      if (restored && *restored > 0)
        continue;
      damage = restored ? status{} : restored.error();
    }
    // Not damaged and yet of no use: a merge had replaced it before its file went.
    if (!damage.ok())
      notes.push_back("segment " + std::to_string(id.value) + " of vector `" + name
                      + "` will be rebuilt: " + damage.detail);
    if (auto removed = part.files.discard(id); !removed.ok())
      return removed;
  }
  return {};
}

/// Vectors that no segment holds are scanned from a tail, as they were before the restart.
status machine::state::load_tails(const vector_versions& versions) {
  const auto reader = store->read();
  for (std::uint32_t number = 0; number < versions.size(); ++number) {
    const slot where{number};
    const auto placed = std::all_of(vectors.begin(), vectors.end(), [&](const auto& part) {
      return part.second.is_complete(where);
    });
    if (placed)
      continue;
    const auto& id = points.id_of[number];
    const auto stored = reader.vectors(id);
    if (!stored)
      return stored.error();
    for (auto& [name, part] : vectors)
      if (const auto* vector = find_vector(*stored, name); vector && !part.is_complete(where))
        part.put(where, id, versions[number], *vector);
  }
  return {};
}

} // namespace grape::shard
