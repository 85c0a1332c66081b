// Collections that are filled where nobody sees them, and take their places as a whole.

#include "core/cluster/metadata_change.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

status given_up(const std::string& hidden) {
  return {errc::not_found, "the recovery `" + hidden + "` was given up meanwhile"};
}

/// Whatever was validated for it before is refused from then on by its shards.
void fence(collection_schema& schema) {
  schema.version = schema.version.next();
}

} // namespace

std::string hidden_name(const std::string& target, const recovery_owner& by) {
  return target + "/recovery-" + std::to_string(by.node.value) + "-"
         + std::to_string(by.incarnation) + "-" + std::to_string(by.number);
}

outcome<bool> metadata_change::operator()(const stage_collection& command) {
  const auto name = hidden_name(command.target, command.by);
  if (state.hidden_.contains(name))
    return false;
  if (state.aliases_.contains(command.target))
    return status{errc::wrong_input, "Can't create collection with name " + command.target
                                         + ". Alias with the same name already exists"};
  hidden_collection made;
  made.target = command.target;
  made.by = command.by;
  outcome<collection_entry> begun{collection_entry{}};
  if (command.schema) {
    auto schema = *command.schema;
    schema.filling = true;
    begun = begin_collection(std::move(schema));
  } else {
    const auto target = state.collections_.find(command.target);
    if (target == state.collections_.end())
      return status{errc::not_found, "Collection `" + command.target + "` doesn't exist!"};
    made.shard_of = target->second.id;
    auto schema = target->second.schema;
    schema.options.shard_number = 1;
    schema.filling = true;
    schema.options.echoed_params.erase("sharding_method"); // One shard, whose ever it will be.
    begun = begin_collection(std::move(schema));
  }
  if (!begun)
    return std::move(begun).error();
  made.entry = *std::move(begun);
  state.hidden_.emplace(name, std::move(made));
  return true;
}

outcome<bool> metadata_change::operator()(const swap_collection& command) {
  const auto found = state.hidden_.find(command.hidden);
  if (found == state.hidden_.end())
    return given_up(command.hidden);
  auto& one = found->second;
  if (one.was_replaced)
    return false;
  if (one.entry.schema.filling)
    return status{errc::bad_request, "`" + command.hidden + "` is not whole yet"};
  if (command.shard.has_value() != (one.shard_of != collection_id{}))
    return status{errc::bad_request, "a shard takes the place of a shard"};
  if (command.shard)
    return swap_shard(one, *command.shard);
  if (state.aliases_.contains(one.target))
    return status{errc::wrong_input, "Can't create collection with name " + one.target
                                         + ". Alias with the same name already exists"};
  const auto target = state.collections_.find(one.target);
  if (target == state.collections_.end()) {
    state.collections_.emplace(one.target, std::move(one.entry));
    state.hidden_.erase(found);
    return true;
  }
  std::swap(target->second, one.entry);
  fence(one.entry.schema);
  one.was_replaced = true;
  return true;
}

outcome<bool> metadata_change::operator()(const end_filling& command) {
  const auto found = state.hidden_.find(command.hidden);
  if (found == state.hidden_.end())
    return given_up(command.hidden);
  auto& schema = found->second.entry.schema;
  if (!schema.filling)
    return false;
  schema.filling = false;
  schema.version = schema.version.next();
  return true;
}

/// The shard keeps its number and its slots, and gets another log and another folder. What either
/// log says of the schema is older than what the collection says from now on.
outcome<bool> metadata_change::swap_shard(hidden_collection& with, shard_id shard) {
  const auto target = state.collections_.find(with.target);
  if (target == state.collections_.end() || target->second.id != with.shard_of
      || !target->second.groups.contains(shard))
    return status{errc::not_found, "Shard " + std::to_string(shard.value) + " of collection "
                                       + with.target + " doesn't exist any more"};
  auto& entry = target->second;
  const auto home = with.entry.home_of(shard_id{0});
  with.entry.moved_in[shard_id{0}] = entry.home_of(shard);
  entry.moved_in[shard] = home;
  std::swap(entry.groups.at(shard), with.entry.groups.at(shard_id{0}));
  auto& version = entry.schema.version;
  version = std::max(version, with.entry.schema.version).next();
  with.entry.schema.version = version;
  fence(with.entry.schema);
  with.was_replaced = true;
  return true;
}

outcome<bool> metadata_change::operator()(const drop_hidden& command) {
  const auto found = state.hidden_.find(command.hidden);
  if (found == state.hidden_.end())
    return false;
  for (const auto& [shard, group] : found->second.entry.groups)
    state.groups_.erase(group);
  state.hidden_.erase(found);
  return true;
}

metadata metadata::with_only(std::string_view hidden) const {
  metadata seen = *this;
  auto one = seen.hidden_.extract(seen.hidden_.find(hidden));
  seen.hidden_.clear();
  seen.aliases_.clear();
  seen.collections_.clear();
  seen.collections_.emplace(one.key(), std::move(one.mapped().entry));
  return seen;
}

} // namespace grape::cluster
