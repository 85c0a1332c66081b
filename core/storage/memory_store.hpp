#pragma once

#include "core/storage/store.hpp"

#include <memory>

namespace grape::storage {

/// A store that lives in memory and forgets at its end; for tests and as a slow twin. Never fails.
std::shared_ptr<store> make_memory_store();

} // namespace grape::storage
