#include "core/shard/admitted.hpp"

#include "core/payload/resolve.hpp"
#include "core/shard/view_state.hpp"

namespace grape::shard {

namespace {

bool is_no_filter(const std::optional<payload::filter>& filter) {
  return !filter
         || (filter->must.empty() && filter->should.empty() && filter->must_not.empty()
             && !filter->at_least);
}

payload::resolve_context context_of(const view_state& state) {
  payload::resolve_context context;
  context.live = state.live.get();
  context.columns = &state.columns;
  context.slot_of = [&state](const point_id& id) { return state.ids.find(id); };
  context.id_of = [&state](slot where) { return state.id_of[where.value]; };
  context.payload_of = [&state](slot where) {
    return state.reader.payload(state.id_of[where.value]);
  };
  context.has_vector = [&state](slot where, std::string_view name) {
    const auto field = state.vectors.find(std::string(name));
    if (field != state.vectors.end())
      return field->second.contains(where);
    if (const auto rows = state.multi.find(std::string(name)); rows != state.multi.end())
      return rows->second.contains(where);
    const auto sparse = state.sparse.find(std::string(name));
    return sparse != state.sparse.end() && sparse->second.contains(where);
  };
  return context;
}

} // namespace

outcome<std::shared_ptr<const admitted_slots>>
resolve_filter(const view_state& state, const std::optional<payload::filter>& wanted,
               budget& left) {
  if (is_no_filter(wanted))
    return std::shared_ptr<const admitted_slots>{};
  const auto& filter = *wanted;
  if (auto known = state.recent.find(filter))
    return known;
  auto slots = payload::resolve(filter, context_of(state), left);
  if (!slots)
    return std::move(slots).error();
  auto admitted = std::make_shared<admitted_slots>();
  admitted->slots = std::move(*slots);
  admitted->count = admitted->slots.count();
  state.recent.keep(filter, admitted);
  return std::shared_ptr<const admitted_slots>(std::move(admitted));
}

} // namespace grape::shard
