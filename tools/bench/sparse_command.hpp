#pragma once

#include "core/status.hpp"

namespace CLI {
class App;
}

namespace grape::bench {

/// Adds `grape-bench sparse`; see add_codes.
void add_sparse(CLI::App& to, status& done);

} // namespace grape::bench
