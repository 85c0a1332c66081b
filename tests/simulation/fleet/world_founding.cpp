#include "tests/simulation/fleet/world.hpp"

#include <utility>

namespace grape::fleet {

namespace {

constexpr instant ask_again_us = 300 * millisecond;

cluster::node_entry entry_of(const std::string& name) {
  return {name, name + ":6335", name + ":6333", 0, cluster::node_state::active};
}

} // namespace

cluster::found_cluster world::founders() const {
  cluster::found_cluster founding;
  for (const auto& each : hosts_)
    if (each->founded) {
      founding.founders.push_back(entry_of(each->name));
      if (each->founded->stage != cluster::founding_stage::empty)
        founding.cluster_id = each->founded->cluster_id;
    }
  return founding;
}

void world::found(host& who) {
  who.founding.emplace(who.number(), *who.founded,
                       "id-" + who.name + "-" + std::to_string(who.life));
  if (who.founding->is_formed())
    return formed(who);
  if (auto begun = who.founding->begun())
    write_founding(who, std::move(*begun));
  ask_founders(who);
}

void world::ask_founders(host& who) {
  for (const auto other : who.founding->to_ask())
    post(who, other.value - 1, [this, asker = who.place](host& to) {
      if (!to.founding)
        return;
      post(to, asker, [this, from = to.number(), said = to.founding->own()](host& back) {
        if (!back.founding || back.founding->is_formed())
          return;
        auto next = back.founding->answered(from, said);
        if (!next)
          throw violation("founders_agree", back.name + ": " + next.error().detail);
        if (*next)
          write_founding(back, std::move(**next));
      });
    });
  later(who, ask_again_us, [this, &who] {
    if (!who.founding->is_formed())
      ask_founders(who);
  });
}

void world::write_founding(host& who, cluster::founding_state state) {
  later(who, how_.how.write_min + luck_.exponential(how_.how.write_mean),
        [this, &who, state = std::move(state)] {
          if (state.stage <= who.founding->own().stage)
            return; // It was asked for twice.
          for (const auto& other : hosts_)
            if (other->founded && other->founded->stage != cluster::founding_stage::empty
                && other->founded->cluster_id != state.cluster_id)
              throw violation("one_cluster", who.name + " and " + other->name);
          who.founded = state;
          who.founding->written(state);
          if (who.founding->is_formed())
            formed(who);
        });
}

/// From here on it votes. Where the metadata group begins follows from the founders alone.
void world::formed(host& who) {
  if (who.catalog && !who.catalog->cluster_id().empty())
    return;
  say("formed " + who.name);
  ++done_.founded;
  cluster::metadata first;
  const auto done = first.apply(founders());
  if (!done)
    throw violation("founders_agree", done.error().detail);
  const auto& control = first.groups().at(cluster::metadata_group);
  for (const auto& each : control.replicas)
    who.addresses[{cluster::metadata_group, each.id}] = each.node.value - 1;
  std::set<cluster::held_replica> held;
  for (const auto& [which, each] : who.residents)
    held.insert(which);
  for (const auto& each : plan_replicas(first, who.number(), held, who.deleted).begin) {
    begin_group(each.which.group, *each.first);
    settle_in(who, each);
  }
}

} // namespace grape::fleet
