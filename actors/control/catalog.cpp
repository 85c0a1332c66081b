#include "actors/control/catalog_state.hpp"
#include "actors/control/meta.hpp"
#include "actors/reporting.hpp"
#include "core/cluster/cluster_picture.hpp"
#include "core/cluster/recoveries.hpp"

#include <algorithm>

namespace grape::actors {

namespace {

/// META answers within what a disk may take, and a queue before it.
constexpr std::chrono::minutes commit_timeout{5};

/// What was replaced still answers whoever was on the way to it.
constexpr std::uint64_t replaced_for_ms = 3'000;

} // namespace

caf::result<metadata_changed> catalog_state::change(const change_metadata& asked) {
  const changed_promise promise{self, fell_writing()};
  self->request(home->board.get<meta_actor>(role::meta), commit_timeout, asked)
    .then(
      [this, command = asked.command, promise](const metadata_changed& result) {
        live_by(*command, result, promise);
      },
      [promise](const caf::error& why) {
        promise.refuse(to_write_status(why));
      });
  return promise;
}

/// Answers when the shards concerned live by what was committed.
void catalog_state::live_by(const cluster::metadata_command& command,
                            const metadata_changed& result, const changed_promise& promise) {
  reconcile();
  if (auto beyond = cluster::wish_beyond_nodes(home->known.get()->state, command); !beyond.empty())
    home->notes.add(std::move(beyond));
  const auto answer = [promise](const metadata_changed& what) { promise.deliver(what); };
  const auto answer_all = [this, answer, result] {
    when_all_know([answer, result] { answer(result); });
  };
  if (const auto* made = std::get_if<cluster::create_collection>(&command); made != nullptr)
    return when_serving(made->name, answer_all);
  if (const auto* made = std::get_if<cluster::create_shard_key>(&command); made != nullptr)
    return is_staged(made->name) ? answer(result)
                                 : when_serving(made->name, made->what.key, answer_all);
  if (std::holds_alternative<cluster::drop_shard_key>(command)
      || std::holds_alternative<cluster::delete_collection>(command)
      || std::holds_alternative<cluster::change_aliases>(command))
    return answer_all();
  if (const auto* changed = std::get_if<cluster::update_collection>(&command); changed != nullptr)
    return push_schema(changed->name, result, answer);
  if (const auto* indexed = std::get_if<cluster::set_field_index>(&command); indexed != nullptr)
    return push_schema(indexed->name, result, answer);
  if (const auto* vector = std::get_if<cluster::set_vector>(&command); vector != nullptr)
    return push_schema(vector->name, result, answer);
  if (const auto* staged = std::get_if<cluster::stage_collection>(&command); staged != nullptr) {
    const auto name = cluster::hidden_name(staged->target, staged->by);
    return is_staged(name) ? answer(result)
                           : when_serving(name, [answer, result] { answer(result); });
  }
  if (const auto* filled = std::get_if<cluster::end_filling>(&command); filled != nullptr)
    return push_schema(filled->hidden, result, answer);
  if (const auto* swapped = std::get_if<cluster::swap_collection>(&command); swapped != nullptr)
    return live_by_swap(*swapped, result, [this, answer](const metadata_changed& done) {
      when_all_know([answer, done] { answer(done); });
    });
  answer(result);
}

/// In a cluster a collection that a recovery fills shows nothing before it is whole: nobody waits
/// until it serves.
bool catalog_state::is_staged(const std::string& name) const {
  return home->member.get() && home->known.get()->state.hidden().contains(name);
}

/// The shards that were replaced hear of a newer schema: from then on they refuse what was planned
/// for them before. So nothing is acknowledged there any more once a recovery was answered.
void catalog_state::live_by_swap(const cluster::swap_collection& command,
                                 const metadata_changed& result,
                                 const std::function<void(const metadata_changed&)>& answer) {
  const auto known = home->known.get();
  const auto& hidden = known->state.hidden();
  const auto replaced = hidden.find(command.hidden);
  if (replaced == hidden.end())
    return answer(result);
  push_schema(command.hidden, result,
              [this, target = replaced->second.target, answer](const metadata_changed& done) {
                push_schema(target, done, answer);
              });
}

/// What a recovery left behind that this node does not work on any more.
void catalog_state::drop_abandoned() {
  const auto known = home->known.get();
  const auto member = home->member.get();
  if (dropping || known->state.hidden().empty())
    return;
  const auto names
    = cluster::abandoned_here(known->state, member ? member->self : node_number{},
                              home->incarnation, home->recoveries.working());
  std::erase_if(abandoned_since_ms, [&names](const auto& one) {
    return std::find(names.begin(), names.end(), one.first) == names.end();
  });
  const auto now = home->host.now_ms();
  const auto due = std::find_if(names.begin(), names.end(), [this, now](const std::string& name) {
    return now - abandoned_since_ms.try_emplace(name, now).first->second >= replaced_for_ms;
  });
  if (due == names.end())
    return;
  dropping = true;
  self
    ->request(home->board.get<meta_actor>(role::meta), commit_timeout,
              change_metadata{std::make_shared<const cluster::metadata_command>(
                cluster::drop_hidden{*due})})
    .then(
      [this](const metadata_changed&) {
        dropping = false;
        reconcile();
      },
      [this](const caf::error&) { dropping = false; });
}

namespace {

catalog_actor::behavior_type catalog_of(catalog_actor::stateful_pointer<catalog_state> self,
                                        const std::shared_ptr<house>& home) {
  self->state.self = self;
  self->state.home = home;
  enrolled(*home, role::catalog, caf::actor_cast<catalog_actor>(self));
  self->send(self, tick_now{});
  return {
    reports(self),
    [self](const change_metadata& asked) { return self->state.change(asked); },
    [self](const delete_replica_here& asked) { self->state.delete_replica(asked); },
    [self](shards_empty) { self->state.reconcile(); },
    [self](tick_now) { self->state.look_around(); },
  };
}

} // namespace

catalog_actor spawn_catalog(caf::actor_system& system, std::shared_ptr<house> home) {
  return system.spawn(catalog_of, std::move(home));
}

} // namespace grape::actors
