#include "core/cluster/hosting.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace grape::cluster {

std::vector<shard_entry> shards_of(const metadata& state) {
  std::vector<shard_entry> all;
  state.for_each_collection([&all](const std::string& name, const collection_entry& entry) {
    for (const auto& [shard, group] : entry.groups)
      all.push_back({name, &entry, shard, group});
  });
  return all;
}

hosting_plan plan_hosting(const metadata& state, const std::set<group_id>& hosted) {
  hosting_plan plan;
  std::set<group_id> wanted;
  for (auto& one : shards_of(state)) {
    wanted.insert(one.group);
    if (!hosted.contains(one.group))
      plan.begin.push_back(std::move(one));
  }
  std::set_difference(hosted.begin(), hosted.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(plan.end));
  return plan;
}

std::vector<group_id> forgotten_groups(const metadata& state,
                                       const std::vector<group_id>& in_log) {
  std::set<group_id> owned{group_id{0}};
  for (const auto& one : shards_of(state))
    owned.insert(one.group);
  std::vector<group_id> out;
  for (const auto group : in_log)
    if (!owned.contains(group))
      out.push_back(group);
  return out;
}

namespace {

std::optional<std::uint32_t> number_in(const std::string& name) {
  std::uint32_t number = 0;
  const auto* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional{number} : std::nullopt;
}

} // namespace

std::vector<std::string> forgotten_folders(const metadata& state,
                                           const std::vector<std::string>& names) {
  std::set<std::uint32_t> known;
  for (const auto& one : shards_of(state))
    known.insert(one.entry->home_of(one.shard).collection.value);
  std::vector<std::string> out;
  for (const auto& name : names)
    if (const auto number = number_in(name); number && !known.contains(*number))
      out.push_back(name);
  return out;
}

std::vector<std::string> forgotten_shards(const metadata& state, const std::string& folder,
                                          const std::vector<std::string>& names) {
  std::set<std::uint32_t> known;
  const auto collection = number_in(folder);
  for (const auto& one : shards_of(state))
    if (const auto home = one.entry->home_of(one.shard);
        collection && home.collection.value == *collection)
      known.insert(home.shard.value);
  std::vector<std::string> out;
  for (const auto& name : names)
    if (const auto number = number_in(name); collection && number && !known.contains(*number))
      out.push_back(name);
  return out;
}

} // namespace grape::cluster
