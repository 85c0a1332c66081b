#include "core/shard/record_reader.hpp"

#include "core/shard/view_state.hpp"

#include <algorithm>

namespace grape::shard {

outcome<record_reader> record_reader::make(const view_state& state, const payload_selector& payload,
                                           const vector_selector& vectors) {
  auto selection = payload::selection::make(payload);
  if (!selection)
    return std::move(selection).error();
  return record_reader{state, std::move(*selection), vectors};
}

record_reader::record_reader(const view_state& state, payload::selection payload,
                             vector_selector vectors)
  : state_(&state)
  , payload_(std::move(payload))
  , vectors_(std::move(vectors)) {}

outcome<record> record_reader::read(const point_id& id, slot where) const {
  record made{.id = id, .version = state_->version_of[where.value], .payload = {}, .vectors = {}};
  if (payload_.wants_payload()) {
    auto payload = state_->reader.payload(id);
    if (!payload)
      return std::move(payload).error();
    made.payload = payload_.apply(*payload);
  }
  if (vectors_.wanted != vector_selector::mode::none) {
    auto vectors = state_->reader.vectors(id);
    if (!vectors)
      return std::move(vectors).error();
    made.vectors = std::move(*vectors);
    if (vectors_.wanted == vector_selector::mode::named)
      std::erase_if(*made.vectors, [this](const named_vector& vector) {
        return std::find(vectors_.names.begin(), vectors_.names.end(), vector.name)
               == vectors_.names.end();
      });
  }
  return made;
}

} // namespace grape::shard
