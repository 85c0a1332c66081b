#include "actors/control/catalog_state.hpp"
#include "actors/supervision/families.hpp"
#include "core/cluster/hosting.hpp"

#include <algorithm>
#include <set>

namespace grape::actors {

namespace {

constexpr std::chrono::minutes dismissal_timeout{1};

/// How long a new shard may take to serve before whoever created it is answered anyway.
constexpr std::chrono::minutes serving_timeout{1};

/// Removes a folder, and those between it and `top` that are empty then. A leftover at worst: the
/// next start looks for them.
void remove_with_empty_parents(storage::file_system& files, std::string directory,
                               const std::string& top) {
  bool empty = true;
  while (empty && directory.size() > top.size()) {
    if (!files.remove_all(directory).ok())
      return;
    directory.resize(directory.rfind('/'));
    const auto left = files.list(directory);
    empty = left && left->empty();
  }
}

} // namespace

void catalog_state::reconcile() {
  const auto known = home->known.get();
  if (!known)
    return;
  if (home->member.get())
    return reconcile_in_cluster();
  const auto hosted = home->hosted.all();
  std::set<group_id> groups;
  for (const auto& [group, place] : hosted)
    groups.insert(group);
  const auto plan = cluster::plan_hosting(known->state, groups);
  for (const auto& one : plan.begin)
    host(with_free_name(place_of(*home, one.collection, *one.entry, one.shard)));
  for (const auto group : plan.end)
    dismiss(hosted.at(group));
}

/// The actors of a shard bear its name. Those of an elder one that was called so keep it until they
/// have gone: of a collection that was replaced, or dropped and made again while this node was
/// away.
std::shared_ptr<const shard_place>
catalog_state::with_free_name(const std::shared_ptr<const shard_place>& place) const {
  const auto bears_it = [&place](const auto& one) { return one.second->name == place->name; };
  const auto hosted = home->hosted.all();
  if (std::none_of(leaving.begin(), leaving.end(), bears_it)
      && std::none_of(hosted.begin(), hosted.end(), bears_it))
    return place;
  return renamed(*place, place->name + " (" + std::to_string(place->group.value) + ")");
}

void catalog_state::host(const std::shared_ptr<const shard_place>& place) {
  const auto floor = home->board.get<supervisor_actor>(role::shards);
  if (!floor || !home->hosted.add(place, place->group))
    return;
  const auto failed = [this, group = place->group](const caf::error&) {
    home->hosted.remove(group); // The next look around tries again.
  };
  std::vector<child_plan> plans{shard_family(home, place)};
  if (!place->member || !place->member->is_witness) // Nobody asks a witness.
    plans.insert(plans.begin(), shard_door(home, place));
  for (const auto& plan : plans)
    self->request(floor, dismissal_timeout, wrap(child_plan{plan})).then([](done) {}, failed);
}

void catalog_state::dismiss(const std::shared_ptr<const shard_place>& place) {
  const auto floor = home->board.get<supervisor_actor>(role::shards);
  if (!floor || leaving.contains(place->group))
    return;
  leaving.emplace(place->group, place);
  const auto gone = [this, place] {
    home->hosted.remove(place->group);
    for (const auto& role : {role::shard(place->group), role::storage(place->group),
                             role::replica(place->group), role::witness(place->group),
                             role::raft_group(place->group),
                             role::indexer(place->group)})
      home->board.erase(role);
    home->leaders.erase(place->group);
    home->windows.erase(place->group);
    home->fresh.erase(place->group);
    caf::anon_send(home->board.get<log_writer_actor>(role::log_writer), log_forget{place->group});
    remove_folder(place->directory, {place->directory});
  };
  const auto again = [this, group = place->group](const caf::error&) { leaving.erase(group); };
  // The door first: it holds a view, and with it the files.
  self->request(floor, dismissal_timeout, wrap(dismissal{shard_door(home, place).spec.name}))
    .then(
      [this, floor, place, gone, again](done) {
        self
          ->request(floor, dismissal_timeout, wrap(dismissal{shard_family(home, place).spec.name}))
          .then([gone](done) { gone(); }, again);
      },
      again);
}

/// Removes a folder once nobody has it open; a second later if somebody still has.
void catalog_state::remove_folder(const std::string& directory,
                                  const std::vector<std::string>& leases) {
  for (const auto& path : leases)
    if (!home->leases.is_free(path))
      return; // `look_around` comes back to it.
  const auto worker = home->board.get<store_worker_actor>(role::store_worker(0));
  self->request(worker, disk_timeout, store_job{[home = home, directory] {
                  remove_with_empty_parents(*home->files, directory, home->path("shards"));
                }})
    .then(
      [this, directory](done) {
        std::erase_if(leaving, [directory](const auto& one) {
          return one.second->directory == directory;
        });
        home->leases.forget(directory);
        if (home->member.get())
          reconcile(); // Its successor may wait.
      },
      [](const caf::error&) {});
}

/// A crash between commit and removal leaves folders and log entries of dropped collections.
void catalog_state::remove_leftovers() {
  const auto known = home->known.get();
  looked_for_leftovers = true;
  const auto names = home->files->list(home->path("shards"));
  for (const auto& name : names ? *names : std::vector<std::string>{}) {
    const auto folder = home->path("shards/" + name);
    if (!cluster::forgotten_folders(known->state, {name}).empty())
      remove_folder(folder, {});
    else if (const auto shards = home->files->list(folder); shards)
      for (const auto& shard : cluster::forgotten_shards(known->state, name, *shards))
        remove_folder(folder + "/" + shard, {});
  }
  self->request(home->board.get<log_writer_actor>(role::log_writer), disk_timeout,
                log_groups_request{})
    .then(
      [this, known](const log_groups& found) {
        for (const auto group : cluster::forgotten_groups(known->state, found.groups))
          caf::anon_send(home->board.get<log_writer_actor>(role::log_writer), log_forget{group});
      },
      [this](const caf::error&) { looked_for_leftovers = false; });
}

void catalog_state::look_around() {
  const auto known = home->known.get();
  if (!known) // META is not ready: soon again, so that a start does not take a second longer.
    return self->delayed_send(self, std::chrono::milliseconds{10}, tick_now{});
  if (home->member.get())
    look_around_the_cluster();
  else if (!looked_for_leftovers && home->hosted.all().empty())
    remove_leftovers();
  reconcile();
  drop_abandoned();
  for (const auto& [group, place] : leaving)
    if (!home->hosted.all().contains(group))
      remove_folder(place->directory, {place->directory});
  if (home->ready || std::exchange(asking_readiness, true))
    return;
  auto missing = std::make_shared<std::size_t>(1);
  const auto one_less = [this, missing] {
    if (--*missing == 0)
      home->ready = true;
  };
  for (const auto& [name, entry] : known->state.collections()) {
    ++*missing;
    when_serving(name, one_less);
  }
  one_less();
}

void catalog_state::when_serving(const std::string& collection,
                                 const std::function<void()>& then) {
  std::vector<group_id> groups;
  if (const auto* entry = home->known.get()->state.find_exact(collection))
    for (const auto& [shard, group] : entry->groups)
      groups.push_back(group);
  when_serving(groups, then);
}

void catalog_state::when_serving(const std::string& collection, const shard_key& key,
                                 const std::function<void()>& then) {
  std::vector<group_id> groups;
  if (const auto* entry = home->known.get()->state.find_exact(collection))
    if (const auto of = entry->keys.find(key); of != entry->keys.end())
      for (const auto shard : of->second.shards)
        groups.push_back(entry->groups.at(shard));
  when_serving(groups, then);
}

void catalog_state::when_serving(const std::vector<group_id>& groups,
                                 const std::function<void()>& then) {
  if (groups.empty())
    return then();
  if (home->member.get())
    return reach_groups(groups, then);
  // SHARDS works in order: once it has answered this, whatever it was told to host is started.
  self->request(home->board.get<supervisor_actor>(role::shards), dismissal_timeout,
                wrap(dismissal{}))
    .then([this, groups, then](done) { ask_doors(groups, then); },
          [then](const caf::error&) { then(); });
}

/// A question that costs nothing; a door answers it as soon as there is a view behind it.
void catalog_state::ask_doors(const std::vector<group_id>& groups,
                              const std::function<void()>& then) {
  auto missing = std::make_shared<std::size_t>(groups.size());
  const auto one_less = [missing, then] {
    if (--*missing == 0)
      then();
  };
  const auto question = std::make_shared<const shard::question>(shard::ask_missing{});
  const auto patience = std::chrono::milliseconds{serving_timeout};
  const auto deadline = home->host.now_ms() + static_cast<std::uint64_t>(patience.count());
  for (const auto group : groups)
    self
      ->request(home->board.get<shard_actor>(role::shard(group)), patience + patience,
                shard_read{question, read_level::eventual, deadline})
      .then([one_less](const parcel<shard::answer>&) { one_less(); },
            [one_less](const caf::error&) { one_less(); });
}

void catalog_state::push_schema(const std::string& collection, const metadata_changed& result,
                                const std::function<void(const metadata_changed&)>& answer) {
  const auto known = home->known.get();
  const auto* entry = known->state.find_exact(collection);
  if (entry == nullptr || entry->groups.empty())
    return answer(result);
  struct gathering {
    metadata_changed result;
    std::size_t missing = 0;
  };
  auto gather = std::make_shared<gathering>(gathering{{result.changed, {}}, entry->groups.size()});
  const auto schema = std::make_shared<const collection_schema>(entry->schema);
  const auto one_less = [gather, answer] {
    if (--gather->missing == 0)
      answer(gather->result);
  };
  const auto arrived = [gather, one_less](const shard_receipt& receipt) {
    gather->result.index = std::max(gather->result.index, receipt.index);
    one_less();
  };
  // Committed is committed: a replica that comes back finds the schema in the catalog.
  const auto late = [one_less](const caf::error&) { one_less(); };
  for (const auto& [shard, group] : entry->groups)
    if (home->member.get())
      push_to_leader(group, schema, arrived, late);
    else
      self
        ->request(home->board.get<shard_actor>(role::shard(group)), serving_timeout,
                  schema_change{schema})
        .then(arrived, late);
}

} // namespace grape::actors
