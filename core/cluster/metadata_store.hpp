#pragma once

#include "core/cluster/metadata.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/storage/store.hpp"

namespace grape::cluster {

/// The control plane's state together with the last entry of its log that it contains.
struct saved_metadata {
  metadata state;
  log_index applied;
};

/// An empty store is the state before the first entry. Errors: corrupted, wrong_version, io_error.
outcome<saved_metadata> load(const storage::store& from);

/// All or nothing, and it survives a power cut.
status save(storage::store& to, const saved_metadata& what);

} // namespace grape::cluster
