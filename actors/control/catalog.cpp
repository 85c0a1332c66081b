#include "actors/control/catalog_state.hpp"
#include "actors/control/meta.hpp"
#include "actors/reporting.hpp"

namespace grape::actors {

namespace {

/// META answers within what a disk may take, and a queue before it.
constexpr std::chrono::minutes commit_timeout{5};

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
  const auto answer = [promise](const metadata_changed& what) { promise.deliver(what); };
  if (const auto* made = std::get_if<cluster::create_collection>(&command); made != nullptr)
    return when_serving(made->name, [answer, result] { answer(result); });
  if (const auto* changed = std::get_if<cluster::update_collection>(&command); changed != nullptr)
    return push_schema(changed->name, result, answer);
  if (const auto* indexed = std::get_if<cluster::set_field_index>(&command); indexed != nullptr)
    return push_schema(indexed->name, result, answer);
  if (const auto* vector = std::get_if<cluster::set_vector>(&command); vector != nullptr)
    return push_schema(vector->name, result, answer);
  answer(result);
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
