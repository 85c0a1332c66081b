#include "core/request/vector_form.hpp"
#include "core/shard/machine_state.hpp"

#include <algorithm>

namespace grape::shard {

namespace {

/// Whether the fields of this name are not one and the same: one is missing, or came later.
template <class Fields>
bool is_another(const Fields& before, const Fields& after, const std::string& name) {
  const auto old = before.find(name);
  const auto now = after.find(name);
  return old != before.end() && (now == after.end() || now->second.born != old->second.born);
}

std::vector<std::string> vectors_that_end(const collection_options& before,
                                          const collection_options& after) {
  std::vector<std::string> names;
  for (const auto& [name, field] : before.vectors)
    if (is_another(before.vectors, after.vectors, name))
      names.push_back(name);
  for (const auto& [name, field] : before.sparse_vectors)
    if (is_another(before.sparse_vectors, after.sparse_vectors, name))
      names.push_back(name);
  return names;
}

/// Files of an earlier vector of the same name must never be taken for those of this one.
segment_files files_of(const machine_options& options, const std::string& name,
                       const vector_field& field) {
  auto unique = name;
  if (field.born != schema_version{})
    unique += '\0' + std::to_string(field.born.value); // No name has a zero byte.
  return {*options.files, options.segments_directory, unique};
}

} // namespace

void vector_part::put(slot where, const point_id& id, std::uint64_t vector_version,
                      const vector_value& stored) {
  const auto* dense = std::get_if<dense_vector>(&stored);
  const auto* rows = std::get_if<multi_vector>(&stored);
  if (field.multi ? rows == nullptr : dense == nullptr)
    return remove(where);
  if (dense != nullptr)
    return index.put(where, id, vector_version, *dense);
  remove(where);
  const auto count = static_cast<std::uint32_t>(rows->rows());
  const auto first = places.place(where, count).first;
  for (std::uint32_t number = 0; number < count; ++number)
    index.put(slot{first + number}, id, index::version_of_row(vector_version, number),
              rows->row(number));
}

void vector_part::remove(slot where) {
  if (!field.multi)
    return index.remove(where);
  const auto [first, count] = places.remove(where);
  for (std::uint32_t number = 0; number < count; ++number)
    index.remove(slot{first + number});
}

bool vector_part::is_complete(slot where) const noexcept {
  if (!field.multi)
    return index.contains(where);
  const auto [first, count] = places.now().of(where);
  for (std::uint32_t number = 0; number < count; ++number)
    if (!index.contains(slot{first + number}))
      return false;
  return true;
}

std::optional<slot> vector_part::place_of(slot where, std::uint64_t point_version,
                                          std::uint64_t row_version) const noexcept {
  if (!field.multi)
    return point_version == row_version ? std::optional{where} : std::nullopt;
  const auto [first, count] = places.now().of(where);
  const auto number = index::number_of_row(row_version);
  if (index::vector_version_of_row(row_version) != point_version || number >= count)
    return std::nullopt;
  return slot{first + number};
}

void machine::state::put_vectors(slot where, const point_id& id, std::uint64_t vector_version,
                                 const named_vectors& stored) {
  for (auto& [name, part] : vectors) {
    if (const auto* vector = find_vector(stored, name))
      part.put(where, id, vector_version, *vector);
    else
      part.remove(where);
  }
  for (auto& [name, part] : sparse) {
    const auto* vector = find_vector(stored, name);
    if (const auto* values = vector ? std::get_if<sparse_vector>(vector) : nullptr)
      part.index.put(where, *values);
    else
      part.index.remove(where);
  }
}

void machine::state::remove_vectors(slot where) {
  for (auto& [name, part] : vectors)
    part.remove(where);
  for (auto& [name, part] : sparse)
    part.index.remove(where);
}

void machine::state::show_vectors(view_state& in) const {
  auto& figures = in.figures;
  for (const auto& [name, part] : vectors) {
    const auto shown = part.index.view();
    figures.vectors += part.field.multi ? part.places.now().points() : shown.size();
    figures.indexed_vectors += shown.indexed();
    figures.segments += shown.segments();
    figures.memory_bytes += part.index.bytes() + part.places.now().bytes();
    figures.mapped_bytes += part.index.mapped_bytes();
    figures.vector_bytes
        += std::uint64_t{shown.size()} * part.field.size * bytes_of(part.field.stored_as());
    if (part.field.multi)
      in.multi.emplace(
          name, index::multi_view{part.field.distance, part.field.size, shown, part.places.now()});
    else
      in.vectors.emplace(name, shown);
  }
  for (const auto& [name, part] : sparse) {
    in.sparse.emplace(name, part.index.view());
    figures.memory_bytes += part.index.bytes();
    figures.vector_bytes += part.index.vector_bytes();
  }
}

status machine::state::load_sparse_and_places() {
  const auto needed = !sparse.empty()
                      || std::any_of(vectors.begin(), vectors.end(),
                                     [](const auto& part) { return part.second.field.multi; });
  if (!needed)
    return {};
  return store->read().scan_vectors({}, [this](const point_id& id, named_vectors&& stored) {
    const auto where = *points.ids.find(id);
    for (auto& [name, value] : stored) {
      if (auto* values = std::get_if<sparse_vector>(&value)) {
        if (const auto part = sparse.find(name); part != sparse.end())
          part->second.index.put(where, std::move(*values));
      } else if (const auto* rows = std::get_if<multi_vector>(&value)) {
        if (const auto part = vectors.find(name); part != vectors.end() && part->second.field.multi)
          part->second.places.place(where, static_cast<std::uint32_t>(rows->rows()));
      }
    }
    return true;
  });
}

status machine::state::drop_vectors(log_index index, const collection_schema& wanted) {
  constexpr std::size_t points_at_once = 1'000;
  const auto names = vectors_that_end(schema->options, wanted.options);
  if (names.empty())
    return {};
  std::optional<storage::point_transaction> changes;
  std::size_t pending = 0;
  status failure;
  const auto commit = [&] {
    if (changes && failure.ok())
      failure = store->commit(std::move(*changes), store->applied(), storage::durability::buffered);
    changes.reset();
    pending = 0;
  };
  points.live->for_each([&](slot where) {
    if (!failure.ok())
      return;
    if (!changes)
      changes.emplace(store->begin());
    const auto dropped = changes->drop_vectors(points.id_of[where.value], names, index.value);
    if (!dropped)
      failure = dropped.error();
    else if (*dropped)
      points.version_of.edit(where.value) = index.value;
    if (++pending == points_at_once)
      commit();
  });
  commit();
  return failure;
}

status machine::state::match_vectors(const collection_schema& wanted) {
  for (auto part = vectors.begin(); part != vectors.end();) {
    const auto& [name, held] = *part;
    const auto now = wanted.options.vectors.find(name);
    if (now != wanted.options.vectors.end() && now->second.born == held.field.born) {
      ++part;
      continue;
    }
    if (job_of == name)
      job_of.reset();
    if (auto ended = part->second.files.retire_all(); !ended.ok())
      return ended;
    part = vectors.erase(part);
  }
  std::erase_if(sparse, [&](const auto& part) {
    const auto now = wanted.options.sparse_vectors.find(part.first);
    return now == wanted.options.sparse_vectors.end() || now->second.born != part.second.field.born;
  });
  for (const auto& [name, field] : wanted.options.sparse_vectors)
    sparse[name].field = field;
  for (const auto& [name, field] : wanted.options.vectors) {
    const auto settings = index_options(wanted.options, field, options.seed);
    if (const auto known = vectors.find(name); known != vectors.end()) {
      known->second.index.configure(settings);
      known->second.field = field;
      continue;
    }
    vector_part part{index::vector_index{settings}, files_of(options, name, field), field};
    if (auto prepared = part.files.prepare(); !prepared.ok())
      return prepared;
    vectors.emplace(name, std::move(part));
  }
  return {};
}

} // namespace grape::shard
