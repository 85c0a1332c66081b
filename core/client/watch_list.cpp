#include "core/client/watch_list.hpp"

#include <algorithm>

namespace grape::client {

status watch_list::watch(const std::string& collection) {
  if (collection.size() > name_bytes_max)
    return {errc::wrong_input,
            "no collection has a name of " + std::to_string(collection.size()) + " bytes"};
  const auto at = watched_.find(collection);
  if (at == watched_.end() && watched_.size() >= collections_max)
    return {errc::overloaded,
            "one client watches at most " + std::to_string(collections_max) + " collections"};
  watched_[collection].is_new = true;
  return {};
}

std::vector<std::string> watch_list::existing(const cluster::metadata& known) const {
  std::vector<std::string> names;
  for (const auto& [name, of] : watched_)
    if (known.find(name))
      names.push_back(name);
  return names;
}

void watch_list::written(const std::string& collection, std::uint64_t id,
                         const std::vector<std::uint64_t>& indexes) {
  const auto at = watched_.find(collection);
  if (at == watched_.end() || at->second.id != id)
    return;
  auto& known = at->second.written;
  known.resize(std::max(known.size(), indexes.size()));
  for (std::size_t shard = 0; shard < indexes.size(); ++shard)
    known[shard] = std::max(known[shard], indexes[shard]);
}

std::vector<collection_news> watch_list::due(const cluster::metadata& known) {
  std::vector<collection_news> all;
  for (auto& [name, of] : watched_) {
    collection_news now;
    now.collection = name;
    if (const auto* found = known.find(name)) {
      now.exists = true;
      now.id = found->id.value;
      now.version = found->schema.version.value;
      if (of.id != now.id)
        of.written.clear(); // It was dropped and made again, or an alias moved.
      of.id = now.id;
      of.written.resize(found->groups.size());
      now.written = of.written;
    }
    if (of.is_new || now != of.told)
      all.push_back(std::move(now));
  }
  return all;
}

void watch_list::told(const collection_news& news) {
  const auto at = watched_.find(news.collection);
  if (at == watched_.end())
    return;
  at->second.is_new = false;
  at->second.told = news;
}

} // namespace grape::client
