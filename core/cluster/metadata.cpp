#include "core/cluster/metadata_change.hpp"

#include "core/payload/text_analyzer.hpp"

#include <utility>

namespace grape::cluster {

namespace {

status no_such_collection(std::string_view name) {
  return {errc::not_found, "Collection `" + std::string(name) + "` doesn't exist!"};
}

/// What shards can build.
status check_index(const field_schema& index) {
  if (index.type != field_type::text)
    return {};
  auto options = payload::read_text_options(index.params);
  return options ? status{} : std::move(options).error();
}

void merge(payload::object& into, const payload::object& changes) {
  for (const auto& [key, to] : changes)
    into.set(key, to);
}

template <class T>
void replace_if_given(std::optional<T>& into, const std::optional<T>& given) {
  if (given)
    into = given;
}

void merge(hnsw_options& into, const hnsw_options& changes) {
  replace_if_given(into.m, changes.m);
  replace_if_given(into.ef_construct, changes.ef_construct);
  replace_if_given(into.full_scan_threshold_kb, changes.full_scan_threshold_kb);
  merge(into.echoed, changes.echoed);
}

void merge(sparse_field& into, const sparse_field& changes) {
  replace_if_given(into.modifier, changes.modifier);
  if (!changes.index)
    return;
  if (!into.index)
    into.index.emplace();
  merge(*into.index, *changes.index);
}

void merge(optimizer_options& into, const optimizer_options& changes) {
  replace_if_given(into.deleted_threshold, changes.deleted_threshold);
  replace_if_given(into.vacuum_min_vectors, changes.vacuum_min_vectors);
  replace_if_given(into.indexing_threshold_kb, changes.indexing_threshold_kb);
  merge(into.echoed, changes.echoed);
}

/// Members of an object replace one by one; a null member removes its key.
void merge_metadata(std::optional<payload::value>& into, const payload::value& changes) {
  const auto* given = changes.as_object();
  if (given == nullptr)
    return;
  payload::object merged;
  if (into && into->as_object() != nullptr)
    merged = *into->as_object();
  for (const auto& [key, to] : *given) {
    if (to.is_null())
      merged.erase(key);
    else
      merged.set(key, to);
  }
  into = payload::value{std::move(merged)};
}

/// What is given replaces, member by member.
void merge_settings(std::optional<payload::value>& into, const payload::value& changes) {
  const auto* given = changes.as_object();
  if (given == nullptr || !into || into->as_object() == nullptr)
    into = changes;
  else
    merge(*into->as_object(), *given);
}

void merge_quantization(std::optional<payload::value>& into, const payload::value& changes) {
  if (const auto* text = changes.as_string(); text != nullptr && *text == "Disabled")
    into.reset();
  else
    into = changes;
}

status merge_vectors(collection_options& into, const collection_changes& changes) {
  for (const auto& [name, change] : changes.vectors) {
    const auto field = into.vectors.find(name);
    if (field == into.vectors.end())
      return {errc::wrong_input, "Not existing vector name error: " + name};
    if (change.hnsw) {
      if (!field->second.hnsw)
        field->second.hnsw.emplace();
      merge(*field->second.hnsw, *change.hnsw);
    }
    merge(field->second.echoed, change.echoed);
  }
  for (const auto& [name, change] : changes.sparse_vectors) {
    const auto field = into.sparse_vectors.find(name);
    if (field == into.sparse_vectors.end())
      return {errc::wrong_input, "Not existing vector name error: " + name};
    merge(field->second, change);
  }
  return {};
}

/// The options after the changes, or why they do not fit.
outcome<collection_options> changed_options(collection_options options,
                                            const collection_changes& changes) {
  if (auto merged = merge_vectors(options, changes); !merged.ok())
    return merged;
  if (changes.hnsw)
    merge(options.hnsw, *changes.hnsw);
  if (changes.optimizers)
    merge(options.optimizers, *changes.optimizers);
  options.replication_factor = changes.replication_factor.value_or(options.replication_factor);
  options.write_consistency_factor =
      changes.write_consistency_factor.value_or(options.write_consistency_factor);
  options.on_disk_payload = changes.on_disk_payload.value_or(options.on_disk_payload);
  merge(options.echoed_params, changes.echoed_params);
  if (changes.quantization)
    merge_quantization(options.quantization, *changes.quantization);
  if (changes.strict_mode)
    merge_settings(options.strict_mode, *changes.strict_mode);
  if (changes.metadata)
    merge_metadata(options.metadata, *changes.metadata);
  return options;
}

/// Whether a field is what a client asks for again: what can be tuned since does not matter.
bool means_the_same(const vector_field& known, const vector_field& wanted) {
  return known.size == wanted.size && known.distance == wanted.distance
         && known.datatype == wanted.datatype && known.multi == wanted.multi;
}

bool means_the_same(const sparse_field& known, const sparse_field& wanted) {
  return known.modifier == wanted.modifier;
}

/// Adds a field to those of its kind, unless there is one. `others`: the fields of the other kind.
template <class Field, class Other>
outcome<bool> add_field(std::map<std::string, Field>& fields,
                        const std::map<std::string, Other>& others, const std::string& name,
                        Field wanted) {
  const auto known = fields.find(name);
  if (others.contains(name) || (known != fields.end() && !means_the_same(known->second, wanted)))
    return status{errc::wrong_input, "Vector `" + name + "` exists already, and is another one"};
  if (known != fields.end())
    return false;
  fields.emplace(name, std::move(wanted));
  return true;
}

outcome<bool> add_vector(collection_schema& schema, const std::string& name,
                         vector_definition what) {
  auto& options = schema.options;
  const auto born = schema.version.next();
  if (auto* dense = std::get_if<vector_field>(&what)) {
    dense->born = born;
    return add_field(options.vectors, options.sparse_vectors, name, std::move(*dense));
  }
  auto& sparse = std::get<sparse_field>(what);
  sparse.born = born;
  return add_field(options.sparse_vectors, options.vectors, name, std::move(sparse));
}

bool take_vector(collection_options& options, const std::string& name) {
  if (name.empty())
    options.single_unnamed = false;
  return options.vectors.erase(name) + options.sparse_vectors.erase(name) > 0;
}

} // namespace

outcome<bool> metadata_change::operator()(const create_collection& command) {
  if (state.collections_.contains(command.name))
    return status{errc::already_exists, "Collection `" + command.name + "` already exists!"};
  if (state.aliases_.contains(command.name))
    return status{errc::wrong_input, "Can't create collection with name " + command.name
                                         + ". Alias with the same name already exists"};
  collection_schema schema;
  schema.options = command.options;
  auto begun = begin_collection(std::move(schema));
  if (!begun)
    return std::move(begun).error();
  state.collections_.emplace(command.name, *std::move(begun));
  return true;
}

outcome<collection_entry> metadata_change::begin_collection(collection_schema schema) {
  const auto& options = schema.options;
  collection_entry entry;
  entry.id = std::exchange(state.next_collection_, state.next_collection_.next());
  if (!is_sharded_by_keys(options)) {
    entry.slots = propose_slots(options.shard_number);
    auto where = state.placement();
    for (shard_id shard{0}; shard.value < options.shard_number; shard = shard.next()) {
      const auto group = std::exchange(state.next_group_, state.next_group_.next());
      entry.groups.emplace(shard, group);
      if (auto founded = found_group(group, where, options.replication_factor, {}); !founded.ok())
        return founded;
    }
  }
  entry.schema = std::move(schema);
  return entry;
}

outcome<bool> metadata_change::operator()(const update_collection& command) {
  const auto found = state.collections_.find(command.name);
  if (found == state.collections_.end())
    return no_such_collection(command.name);
  auto& schema = found->second.schema;
  auto options = changed_options(schema.options, command.changes);
  if (!options)
    return std::move(options).error();
  if (*options == schema.options)
    return false;
  schema.options = std::move(*options);
  schema.version = schema.version.next();
  return true;
}

outcome<bool> metadata_change::operator()(const delete_collection& command) {
  const auto found = state.collections_.find(command.name);
  if (found == state.collections_.end())
    return false;
  for (const auto& [shard, group] : found->second.groups)
    state.groups_.erase(group);
  state.collections_.erase(found);
  std::erase_if(state.aliases_, [&](const auto& a) { return a.second == command.name; });
  return true;
}

outcome<bool> metadata_change::operator()(const change_aliases& command) {
  for (const auto& action : command.actions)
    if (auto done = std::visit(*this, action); !done.ok())
      return done;
  return true;
}

status metadata_change::operator()(const create_alias& action) {
  if (!state.collections_.contains(action.collection))
    return no_such_collection(action.collection);
  if (state.collections_.contains(action.alias))
    return {errc::already_exists, "Collection `" + action.alias + "` already exists!"};
  state.aliases_[action.alias] = action.collection;
  return {};
}

status metadata_change::operator()(const delete_alias& action) {
  if (const auto found = state.aliases_.find(action.alias); found != state.aliases_.end())
    state.aliases_.erase(found);
  return {};
}

status metadata_change::operator()(const rename_alias& action) {
  const auto found = state.aliases_.find(action.from);
  if (found == state.aliases_.end())
    return {errc::not_found, "Alias " + action.from + " does not exists!"};
  if (state.collections_.contains(action.to))
    return {errc::already_exists, "Collection `" + action.to + "` already exists!"};
  auto collection = found->second;
  state.aliases_.erase(found);
  state.aliases_[action.to] = std::move(collection);
  return {};
}

outcome<bool> metadata_change::operator()(const set_field_index& command) {
  const auto found = state.collections_.find(command.name);
  if (found == state.collections_.end())
    return no_such_collection(command.name);
  auto& schema = found->second.schema;
  const auto known = schema.fields.find(command.field);
  if (!command.schema) {
    if (known == schema.fields.end())
      return false;
    schema.fields.erase(known);
  } else if (auto sound = check_index(*command.schema); !sound.ok()) {
    return sound;
  } else if (known != schema.fields.end() && known->second == *command.schema) {
    return false;
  } else {
    schema.fields[command.field] = *command.schema;
  }
  schema.version = schema.version.next();
  return true;
}

outcome<bool> metadata_change::operator()(const set_vector& command) {
  const auto found = state.collections_.find(command.name);
  if (found == state.collections_.end())
    return no_such_collection(command.name);
  auto& schema = found->second.schema;
  const auto changed = command.what
                         ? add_vector(schema, command.vector, *command.what)
                         : outcome<bool>{take_vector(schema.options, command.vector)};
  if (changed && *changed)
    schema.version = schema.version.next();
  return changed;
}

outcome<bool> metadata_change::operator()(const set_quota& command) {
  return std::exchange(state.quota_, command.to) != command.to;
}

outcome<bool> metadata::apply(const metadata_command& command) {
  auto changed = *this;
  auto result = std::visit(metadata_change{changed}, command);
  if (result && *result)
    *this = std::move(changed);
  return result;
}

const collection_entry* metadata::find_exact(std::string_view name) const {
  if (const auto found = collections_.find(name); found != collections_.end())
    return &found->second;
  const auto found = hidden_.find(name);
  return found == hidden_.end() ? nullptr : &found->second.entry;
}

const collection_entry* metadata::find(std::string_view name_or_alias) const {
  const auto alias = aliases_.find(name_or_alias);
  const auto found = collections_.find(alias == aliases_.end() ? name_or_alias
                                                               : std::string_view{alias->second});
  return found == collections_.end() ? nullptr : &found->second;
}

outcome<std::string> metadata::resolve(std::string_view name_or_alias) const {
  const auto alias = aliases_.find(name_or_alias);
  const auto name = alias == aliases_.end() ? std::string{name_or_alias} : alias->second;
  if (!collections_.contains(name))
    return no_such_collection(name_or_alias);
  return name;
}

} // namespace grape::cluster
