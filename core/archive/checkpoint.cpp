#include "core/archive/checkpoint.hpp"

#include "core/archive/snapshot_names.hpp"
#include "core/archive/upkeep_codec.hpp"

#include <algorithm>
#include <map>

namespace grape::archive {

namespace {

constexpr std::string_view record_name = "checkpoint.record";

/// The heads in `lists`, by name; the newest schema of each.
outcome<std::map<std::string, collection_head>> heads_in(const storage_report& lists,
                                                         const std::string& checkpoint,
                                                         const std::string& collection) {
  std::map<std::string, collection_head> heads;
  for (const auto& node : lists.nodes)
    for (const auto& one : node.checkpoints) {
      if (one.name != checkpoint)
        continue;
      for (const auto& bytes : one.collections) {
        auto read = decode_entry(bytes);
        const auto* head = read ? std::get_if<collection_head>(&*read) : nullptr;
        if (head == nullptr)
          return status{errc::corrupted,
                        "node `" + node.name + "` tells no good record of `" + checkpoint + "`"};
        auto& known = heads[head->name];
        if (known.name.empty() || known.schema.version < head->schema.version)
          known = *head;
      }
    }
  if (!collection.empty())
    std::erase_if(heads, [&](const auto& each) { return each.first != collection; });
  if (heads.empty())
    return status{errc::not_found,
                  "no node has a checkpoint `" + checkpoint + "`"
                      + (collection.empty() ? "" : " with the collection `" + collection + "`")};
  return heads;
}

/// Of each shard the node whose copy is the newest.
std::map<std::uint32_t, checkpoint_part> parts_in(const storage_report& lists,
                                                  const std::string& checkpoint,
                                                  const std::string& collection) {
  std::map<std::uint32_t, checkpoint_part> parts;
  std::map<std::uint32_t, std::uint64_t> newest;
  for (const auto& node : lists.nodes)
    for (const auto& one : node.checkpoints)
      for (const auto& part : one.shards) {
        if (one.name != checkpoint || part.collection != collection)
          continue;
        const auto [known, is_first] = newest.try_emplace(part.shard, part.applied);
        if (!is_first && part.applied <= known->second)
          continue;
        known->second = part.applied;
        parts[part.shard] = {part.shard, node.node};
      }
  return parts;
}

} // namespace

bool is_checkpoint_name(std::string_view name) noexcept {
  constexpr std::size_t characters_max = 100;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= characters_max && name.front() != '.'
         && std::all_of(name.begin(), name.end(), fits);
}

std::string checkpoint_name(std::uint64_t unix_ms) {
  const auto part = std::to_string(unix_ms % 1'000);
  return "checkpoint-" + time_stamp(unix_ms / 1'000) + "-" + std::string(3 - part.size(), '0')
         + part;
}

std::string checkpoint_store(const std::string& folder, group_id group) {
  return folder + "/" + std::to_string(group.value);
}

status write_record(storage::file_system& files, const std::string& folder,
                    const checkpoint_record& of) {
  const auto path = folder + "/" + std::string(record_name);
  const auto draft = path + ".tmp";
  {
    const auto file = files.open_append(draft);
    if (!file)
      return file.error();
    if (auto written = (*file)->append(encode(of)); !written.ok())
      return written;
    if (auto synced = (*file)->sync(); !synced.ok())
      return synced;
  }
  if (auto named = files.rename(draft, path); !named.ok())
    return named;
  return files.sync_directory(folder);
}

outcome<checkpoint_record> read_record(storage::file_system& files, const std::string& folder) {
  const auto bytes = storage::read_file(files, folder + "/" + std::string(record_name));
  if (!bytes)
    return bytes.error();
  auto read = decode_checkpoint_record(*bytes);
  if (!read)
    return status{read.error().code, folder + ": " + read.error().detail};
  return read;
}

outcome<std::vector<checkpoint_plan>> plan_restore(const storage_report& lists,
                                                   const std::string& checkpoint,
                                                   const std::string& collection) {
  const auto heads = heads_in(lists, checkpoint, collection);
  if (!heads)
    return heads.error();
  std::vector<checkpoint_plan> plans;
  for (const auto& [name, head] : *heads) {
    checkpoint_plan plan{head, {}};
    const auto parts = parts_in(lists, checkpoint, name);
    for (const auto shard : shards_of(head)) {
      const auto known = parts.find(shard.value);
      if (known == parts.end())
        return status{errc::unavailable, "no node that answered has shard " + name + "/"
                                             + std::to_string(shard.value) + " of checkpoint `"
                                             + checkpoint + "`"};
      plan.parts.push_back(known->second);
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

} // namespace grape::archive
