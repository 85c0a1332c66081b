#pragma once

#include "core/cluster/metadata.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/storage/store.hpp"

#include <optional>
#include <string>

namespace grape::cluster {

/// The control plane's state together with the last entry of its log that it contains.
struct saved_metadata {
  metadata state;
  log_index applied;
  replica_id log_of{}; ///< Whose log the node has, in a cluster; 0 = none, or not known.
};

/// An empty store is the state before the first entry. Errors: corrupted, wrong_version, io_error.
outcome<saved_metadata> load(const storage::store& from);

/// All or nothing, and it survives a power cut.
status save(storage::store& to, const saved_metadata& what);

/// A state that came as a snapshot, beside the own one until the log says that it takes its place.
struct staged_metadata {
  std::string name; ///< By which the log names it.
  saved_metadata what;
};

/// Nothing: none is staged. Errors: corrupted, wrong_version, io_error.
outcome<std::optional<staged_metadata>> load_staged(const storage::store& from);

/// Beside the own state, in place of any that was staged before; survives a power cut.
status stage(storage::store& to, const staged_metadata& what);

/// As `save`, and nothing is staged any more: one step.
status save_settled(storage::store& to, const saved_metadata& what);

/// Whether a state that contains its log through `now` may be shown on a node that showed one
/// through `shown` before. Who is renewed begins with what its store has, which may be older; but
/// nobody is shown less than he saw, and no deleted replica begins again.
bool may_be_shown(log_index now, std::optional<log_index> shown) noexcept;

} // namespace grape::cluster
