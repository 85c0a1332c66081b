#include "core/query/plan.hpp"
#include "core/query/session.hpp"

#include <algorithm>
#include <utility>

/// The points that a query names by their ids, here or in another collection.
namespace grape::query {

/// Where the ids of a part are looked up. Error: not_found.
outcome<read_session::lookup_place> read_session::looked_up_in(const query_part& part) const {
  const auto& asked = part.lookup_from ? part.lookup_from->collection
                                       : queries_.front()->collection;
  auto name = known_->resolve(asked);
  if (!name && part.lookup_from)
    return status{errc::not_found, "Collection " + asked + " not found"};
  if (!name)
    return std::move(name).error();
  return lookup_place{std::move(*name), part.lookup_from ? part.lookup_from->keys : std::nullopt};
}

/// First the vectors that ids stand for, one place after the other; then the queries.
read_session::step read_session::start_queries() {
  status missing;
  for (const auto* query : queries_)
    each_part(*query, [&](const query_part& part) {
      const auto from = looked_up_in(part);
      if (!from) {
        if (missing.ok())
          missing = from.error();
        return;
      }
      const auto ids = referenced_ids(part);
      if (ids.empty())
        return;
      auto& wanted = to_look_up_[*from];
      wanted.insert(wanted.end(), ids.begin(), ids.end());
    });
  if (!missing.ok())
    return missing;
  return look_up_next();
}

read_session::step read_session::look_up_next() {
  looking_up_.reset();
  if (to_look_up_.empty())
    return plan_queries();
  auto [place, ids] = std::move(*to_look_up_.begin());
  to_look_up_.erase(to_look_up_.begin());
  const auto& of = *known_->find_exact(place.collection);
  const auto scope = scope_of_read(of, place.keys);
  if (!scope)
    return scope.error();
  looking_up_ = std::move(place);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ask_owners(of, *scope, {std::move(ids), {}, {vector_selector::mode::all, {}}});
}

void read_session::looked_up(std::vector<shard::answer> answers) {
  auto& found = found_[*looking_up_];
  for (auto& answer : answers)
    for (auto& record : std::get<shard::shard_records>(answer.body).records) {
      const auto id = record.id;
      found.emplace(id, std::move(record));
    }
}

/// Of several points with this id, at best the one that query `which` is about.
const record* read_session::found_in(const lookup_place& place, const point_id& id,
                                     std::size_t which) const {
  const auto found = found_.find(place);
  if (found == found_.end())
    return nullptr;
  const auto [first, last] = found->second.equal_range(id);
  if (first == last)
    return nullptr;
  const auto& scope = scopes_.at(which);
  const auto own = std::find_if(first, last, [&scope](const auto& one) {
    return std::any_of(scope.begin(), scope.end(), [&one](const auto& part) {
      return part.key != nullptr && one.second.key == *part.key;
    });
  });
  return own == last || place.keys ? &first->second : &own->second;
}

read_session::step read_session::groups_looked_up(std::vector<shard::answer> answers) {
  std::map<point_id, record> found;
  for (auto& answer : answers)
    for (auto& record : std::get<shard::shard_records>(answer.body).records) {
      const auto id = record.id;
      found.emplace(id, std::move(record));
    }
  for (auto& group : groups_.groups)
    if (const auto id = id_of_group(group.id))
      if (const auto at = found.find(*id); at != found.end())
        group.lookup = at->second;
  return std::move(groups_);
}

} // namespace grape::query
