#include "tests/stress/keeper.hpp"

#include "tests/stress/readers.hpp"

#include <chrono>

namespace grape::stress {

namespace {

const std::string copied = "copy";
const std::string passing = "passing";

constexpr std::chrono::seconds calm_max{10};

storage_request verb_of(storage_verb what, const std::string& checkpoint = {}) {
  storage_request made;
  made.verb = what;
  made.checkpoint = checkpoint;
  return made;
}

} // namespace

void keeper::run() {
  while (!over()) {
    copy_by_snapshot();
    upkeep();
    snapshot_of_shard();
    field_index();
    passing_collection();
    calm();
    if (scene_.faults)
      kill_somebody();
  }
}

known_points keeper::known() const {
  known_points all;
  for (const auto* one : ledgers_)
    all.merge(one->copy());
  return all;
}

void keeper::drop(const std::string& which) {
  (void)ask<changed>("drop collection", delete_collection_request{which});
}

// What nobody touched while the snapshot was made must be in the copy as it is known.
void keeper::copy_by_snapshot() {
  const auto before = known();
  const snapshot_owner whole{collection, {}};
  const auto made = ask<snapshot_description>("make snapshot", make_snapshot_request{whole});
  const auto after = known();
  if (!made)
    return;
  const auto file =
      ask<snapshot_file>("find snapshot", find_snapshot_request{whole, made->name, false});
  if (file) {
    recover_snapshot_request recovery;
    recovery.collection = copied;
    recovery.location = "file://" + file->path;
    recovery.checksum = made->checksum;
    const auto done = ask<changed>("recover", std::move(recovery));
    if (done) {
      const auto found = all_points(*scene_.ports.front(), copied, tally_);
      judge("scroll of copy", found ? status{} : found.error());
      if (found)
        tally_.flaw("copy", flaws_of(unchanged_between(before, after), *found));
    }
    drop(copied);
  }
  (void)ask<changed>("delete snapshot", delete_snapshot_request{whole, made->name, false});
}

void keeper::snapshot_of_shard() {
  const snapshot_owner shard{collection, 0};
  if (const auto made =
          ask<snapshot_description>("make snapshot of shard", make_snapshot_request{shard}))
    (void)ask<changed>("delete snapshot", delete_snapshot_request{shard, made->name, false});
}

void keeper::upkeep() {
  for (const auto& each :
       {verb_of(storage_verb::flush), verb_of(storage_verb::checkpoint, "now"),
        verb_of(storage_verb::digest), verb_of(storage_verb::compact),
        verb_of(storage_verb::delete_checkpoint, "now"), verb_of(storage_verb::sync),
        verb_of(storage_verb::warm), verb_of(storage_verb::size)}) {
    if (over())
      return;
    const auto kind = std::string{"storage "} + std::string{to_string(each.verb)};
    const auto report = ask<storage_report>(kind, each);
    if (report)
      judge(kind + " there", report->verdict());
  }
}

void keeper::field_index() {
  const auto of = [](const std::string& field) {
    return create_field_index_request{
        collection, field, {field_type::integer, {}}, write_options{.wait = true}};
  };
  (void)ask<write_receipt>("create index", of("mark"));
  (void)ask<write_receipt>("delete index",
                           delete_field_index_request{collection, "mark", {.wait = true}});
}

void keeper::passing_collection() {
  create_collection_request wanted{passing, options_of(2, 1)};
  if (!ask<changed>("create collection", std::move(wanted)))
    return;
  write_request request;
  request.collection = passing;
  upsert_points points;
  for (std::uint64_t id = 0; id < 50; ++id)
    points.points.push_back(point_of(id, {1, 0}));
  request.operations.push_back(std::move(points));
  request.options.wait = true;
  (void)ask<write_receipts>("upsert in passing", std::move(request));
  drop(passing);
}

// Segments are only merged for their own sake when nobody writes.
void keeper::calm() {
  const auto until = std::chrono::steady_clock::now() + calm_max;
  scene_.calm = true;
  for (bool works = true; works && !over() && std::chrono::steady_clock::now() < until;) {
    const auto told = ask<optimizations>("optimizations", optimizations_request{collection});
    works = !told || !told->running.empty() || !told->queued.empty();
  }
  scene_.calm = false;
}

void keeper::kill_somebody() {
  const auto tree = ask<actor_tree>("actors", list_actors_request{});
  if (!tree || tree->actors.empty())
    return;
  const auto& name = tree->actors[below(tree->actors.size())].name;
  if (name != "node")
    (void)ask<changed>("kill", kill_actor_request{name});
}

void watcher::run() {
  while (!over()) {
    look_at_works();
    (void)ask<collection_description>("describe", describe_collection_request{collection});
    (void)ask<metrics_text>("metrics", metrics_request{true});
    (void)ask<node_status>("status", node_status_request{});
    (void)ask<telemetry>("telemetry", telemetry_request{});
    (void)ask<actor_tree>("actors", list_actors_request{});
    (void)ask<health_report>("health", check_health_request{});
    look_at_works();
  }
}

void watcher::look_at_works() {
  const auto told = ask<optimizations>("optimizations", optimizations_request{collection});
  if (!told)
    return;
  for (const auto& one : told->completed)
    if (one.now == optimization::state::done)
      done_[one.what.optimizer].insert(one.uuid);
}

std::map<std::string, std::uint64_t> watcher::works() const {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [kind, segments] : done_)
    counts[kind] = segments.size();
  return counts;
}

} // namespace grape::stress
