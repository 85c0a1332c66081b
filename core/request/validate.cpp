#include "core/request/validate.hpp"

#include "core/request/durability.hpp"
#include "core/request/vector_form.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace grape {

namespace {

status check_vectors(const named_vectors& vectors, const collection_options& options) {
  for (const auto& [name, value] : vectors)
    if (auto checked = check_vector(value, name, options); !checked.ok())
      return checked;
  return {};
}

/// Checks one operation against the schema; payload operations fit any schema.
struct operation_check {
  const collection_options& options;

  status operator()(const upsert_points& upsert) const {
    if (upsert.points.empty())
      return {errc::bad_request, "Empty update request"};
    for (const auto& point : upsert.points)
      if (auto checked = check_vectors(point.vectors, options); !checked.ok())
        return checked;
    return {};
  }

  status operator()(const update_vectors& update) const {
    for (const auto& point : update.points)
      if (auto checked = check_vectors(point.vectors, options); !checked.ok())
        return checked;
    return {};
  }

  status operator()(const delete_vectors& gone) const {
    for (const auto& name : gone.names)
      if (!options.vectors.contains(name) && !options.sparse_vectors.contains(name))
        return unknown_vector(name);
    return {};
  }

  status operator()(const delete_points&) const { return {}; }
  status operator()(const set_payload&) const { return {}; }
  status operator()(const delete_payload&) const { return {}; }
  status operator()(const clear_payload&) const { return {}; }
};

/// A condition is about the point before the operation, so no id may be met twice: of repeated
/// points the last counts, vectors of one point are put together.
void settle_repeated(write_operation& operation) {
  std::map<point_id, std::size_t> last;
  if (auto* upsert = std::get_if<upsert_points>(&operation)) {
    if (upsert->how == upsert_points::mode::upsert && !upsert->only_if)
      return; // Written in order, the last one stays.
    for (std::size_t i = 0; i < upsert->points.size(); ++i)
      last[upsert->points[i].id] = i;
    std::size_t at = 0;
    std::erase_if(upsert->points, [&](const point& one) { return last.at(one.id) != at++; });
  }
  auto* update = std::get_if<update_vectors>(&operation);
  if (update == nullptr || !update->only_if)
    return;
  std::vector<point_vectors> merged;
  for (auto& given : update->points) {
    const auto [known, is_new] = last.try_emplace(given.id, merged.size());
    if (is_new) {
      merged.push_back(std::move(given));
      continue;
    }
    auto& vectors = merged[known->second].vectors;
    for (auto& one : given.vectors) {
      std::erase_if(vectors, [&one](const auto& old) { return old.name == one.name; });
      vectors.push_back(std::move(one));
    }
  }
  update->points = std::move(merged);
}

void normalise_vectors(named_vectors& vectors, const collection_options& options) {
  std::stable_sort(vectors.begin(), vectors.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  for (auto& [name, value] : vectors)
    to_stored_form(value, name, options);
}

} // namespace

status validate(const std::vector<write_operation>& operations, const collection_schema& schema) {
  for (const auto& operation : operations)
    if (auto checked = std::visit(operation_check{schema.options}, operation); !checked.ok())
      return checked;
  return {};
}

void normalise(std::vector<write_operation>& operations, const collection_schema& schema) {
  for (auto& operation : operations) {
    settle_repeated(operation);
    if (auto* upsert = std::get_if<upsert_points>(&operation))
      for (auto& point : upsert->points)
        normalise_vectors(point.vectors, schema.options);
    if (auto* update = std::get_if<update_vectors>(&operation))
      for (auto& point : update->points)
        normalise_vectors(point.vectors, schema.options);
  }
}

namespace {

status check_whole(std::optional<std::uint32_t> value, std::uint32_t least, std::uint32_t most,
                   const char* name) {
  if (!value || (*value >= least && *value <= most))
    return {};
  return {errc::wrong_input, std::string("hnsw_config.") + name + ": value "
                               + std::to_string(*value) + " invalid, must be from "
                               + std::to_string(least) + " to " + std::to_string(most)};
}

status check_graph(const hnsw_options& options) {
  if (auto links = check_whole(options.m, 0, hnsw_options::m_max, "m"); !links.ok())
    return links;
  return check_whole(options.ef_construct, hnsw_options::ef_construct_min,
                     hnsw_options::ef_construct_max, "ef_construct");
}

/// What a file system, or the path of a URL, trips over.
constexpr std::string_view forbidden_in_names{"<>:\"/\\|?*\0\x1F", 11};

constexpr std::uint32_t vector_size_max = 65'536;

status check_vector_name(std::string_view name) {
  constexpr std::size_t bytes_max = 200;
  if (name.size() > bytes_max)
    return {errc::wrong_input, "the name of a vector must be at most 200 bytes long"};
  if (name.find_first_of(forbidden_in_names) != std::string_view::npos)
    return {errc::wrong_input, "the name of vector `" + std::string(name)
                                   + "` contains a character that is not allowed"};
  return {};
}

status check_field(const std::string& name, const vector_field& field) {
  if (auto named = check_vector_name(name); !named.ok())
    return named;
  if (field.size < 1 || field.size > vector_size_max)
    return {errc::wrong_input, "vector `" + name + "`: size " + std::to_string(field.size)
                                   + " invalid, must be from 1 to "
                                   + std::to_string(vector_size_max)};
  return field.hnsw ? check_graph(*field.hnsw) : status{};
}

status check_counts(const collection_options& options) {
  for (const auto& [name, value] :
       {std::pair{"shard_number", options.shard_number},
        std::pair{"replication_factor", options.replication_factor},
        std::pair{"write_consistency_factor", options.write_consistency_factor}})
    if (value == 0)
      return {errc::wrong_input, std::string(name) + ": value 0 invalid, must be 1 or larger"};
  return {};
}

std::size_t characters_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace

status validate_collection_name(std::string_view name) {
  constexpr std::size_t bytes_max = 4 * 255;
  if (name.empty() || name.size() > bytes_max || characters_of(name) > 255)
    return {errc::wrong_input, "the name of a collection must have 1 to 255 characters"};
  if (name == "." || name == ".." || name.find_first_of(forbidden_in_names) != name.npos)
    return {errc::wrong_input, "no collection can be called `" + std::string(name)
                                   + "`: what a path or a file "
                                     "system trips over is not allowed"};
  return {};
}

status validate(const collection_changes& changes) {
  if (auto fits = changes.hnsw ? check_graph(*changes.hnsw) : status{}; !fits.ok())
    return fits;
  for (const auto& [name, change] : changes.vectors)
    if (auto fits = change.hnsw ? check_graph(*change.hnsw) : status{}; !fits.ok())
      return fits;
  return {};
}

status validate(const collection_options& options) {
  if (auto fits = check_graph(options.hnsw); !fits.ok())
    return fits;
  if (auto fits = check_counts(options); !fits.ok())
    return fits;
  if (auto fits = check_durability(options); !fits.ok())
    return fits;
  for (const auto& [name, field] : options.vectors)
    if (auto fits = check_field(name, field); !fits.ok())
      return fits;
  if (options.single_unnamed && !options.vectors.contains(""))
    return {errc::wrong_input, "there is no unnamed vector"};
  for (const auto& [name, settings] : options.sparse_vectors) {
    if (name.empty())
      return {errc::wrong_input, "Sparse vector name cannot be empty"};
    if (auto named = check_vector_name(name); !named.ok())
      return named;
    if (options.vectors.contains(name))
      return {errc::wrong_input,
              "Dense and sparse vector names must be unique - duplicate found with '" + name
                + "'"};
  }
  return {};
}

status validate_vector(const std::string& name, const vector_definition& what) {
  if (name.empty())
    return {errc::wrong_input, "a vector that joins a collection needs a name"};
  if (const auto* dense = std::get_if<vector_field>(&what))
    return check_field(name, *dense);
  return check_vector_name(name);
}

} // namespace grape
