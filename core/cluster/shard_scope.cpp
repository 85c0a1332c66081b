#include "core/cluster/shard_scope.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <string>

namespace grape::cluster {

namespace {

enum class purpose { read, write };

shard_part part_of(const shard_key& key, const key_shards& shards) {
  return {&key, &shards.slots, shards.shards};
}

/// The first of the two keys that exists. Error: not_found.
outcome<shard_scope> scope_with_fallback(const collection_entry& of,
                                         const shard_key_selector& wanted) {
  for (const auto* key : {&wanted.keys.front(), &*wanted.fallback})
    if (const auto found = of.keys.find(*key); found != of.keys.end())
      return shard_scope{part_of(found->first, found->second)};
  return status{errc::not_found, "Neither target shard key " + text_of(wanted.keys.front())
                                     + " nor fallback shard key " + text_of(*wanted.fallback)
                                     + " exist not found"};
}

outcome<shard_scope> scope_by_keys(const collection_entry& of, const shard_key_selector& wanted,
                                   purpose of_what) {
  if (wanted.fallback && !wanted.keys.empty())
    return scope_with_fallback(of, wanted);
  shard_scope scope;
  for (const auto& key : wanted.keys) {
    const auto found = of.keys.find(key);
    if (found == of.keys.end())
      return status{of_what == purpose::read ? errc::bad_request : errc::wrong_input,
                    "Shard key " + text_of(key) + " not found"};
    if (std::none_of(scope.begin(), scope.end(),
                     [&](const shard_part& part) { return part.key == &found->first; }))
      scope.push_back(part_of(found->first, found->second));
  }
  return scope;
}

} // namespace

shard_id shard_part::shard_of(const point_id& id) const {
  GRAPE_CHECK(!shards.empty());
  return shards.size() == 1 ? shards.front() : shards.at(slots->shard_of(id).value);
}

shard_scope whole_scope(const collection_entry& of) {
  shard_scope scope;
  if (is_sharded_by_keys(of.schema.options)) {
    for (const auto& [key, shards] : of.keys)
      scope.push_back(part_of(key, shards));
    return scope;
  }
  auto& part = scope.emplace_back();
  part.slots = &of.slots;
  for (const auto& [shard, group] : of.groups)
    part.shards.push_back(shard);
  return scope;
}

outcome<shard_scope> scope_of_read(const collection_entry& of,
                                   const std::optional<shard_key_selector>& keys) {
  return keys ? scope_by_keys(of, *keys, purpose::read) : whole_scope(of);
}

outcome<shard_scope> scope_of_write(const collection_entry& of,
                                    const std::optional<shard_key_selector>& keys) {
  if (!keys) {
    if (is_sharded_by_keys(of.schema.options))
      return status{errc::wrong_input, "Shard key not specified"};
    return whole_scope(of);
  }
  if (keys->keys.empty())
    return status{errc::wrong_input, "Empty shard keys selection"};
  return scope_by_keys(of, *keys, purpose::write);
}

std::vector<shard_id> shards_of(const shard_scope& scope) {
  std::vector<shard_id> all;
  for (const auto& part : scope)
    all.insert(all.end(), part.shards.begin(), part.shards.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::map<shard_id, const shard_key*> keys_of(const shard_scope& scope) {
  std::map<shard_id, const shard_key*> keys;
  for (const auto& part : scope)
    for (const auto shard : part.shards)
      if (part.key != nullptr)
        keys.emplace(shard, part.key);
  return keys;
}

} // namespace grape::cluster
