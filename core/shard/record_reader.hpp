#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/payload/selector.hpp"
#include "core/request/read.hpp"

namespace grape::shard {

struct view_state;

/// Reads the parts of records that were asked for. The view's state outlives it. Thread-safe.
class record_reader {
public:
  /// Error: malformed if a path does not parse.
  static outcome<record_reader> make(const view_state& state, const payload_selector& payload,
                                     const vector_selector& vectors);

  /// Errors: those of the store.
  outcome<record> read(const point_id& id, slot where) const;

private:
  record_reader(const view_state& state, payload::selection payload, vector_selector vectors);

  const view_state* state_;
  payload::selection payload_;
  vector_selector vectors_;
};

} // namespace grape::shard
