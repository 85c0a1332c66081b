#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace grape::raft {

/// Bytes that nobody changes any more, shared by the log, the messages and the host. Null: empty.
using payload = std::shared_ptr<const std::string>;

/// Numbers stand on disk and on the wire.
enum class entry_kind : std::uint8_t {
  normal = 1,        ///< For the state machine; an empty one is a leader's first entry of its term.
  configuration = 2, ///< An encoded configuration_change.
};

/// One entry of one group's log.
struct entry {
  log_index index;
  grape::term term;
  entry_kind kind = entry_kind::normal;
  payload data;

  /// What every limit counts: the payload alone.
  std::size_t bytes() const noexcept { return data ? data->size() : 0; }
};

/// Compares the payloads by value.
bool operator==(const entry& a, const entry& b) noexcept;

} // namespace grape::raft
