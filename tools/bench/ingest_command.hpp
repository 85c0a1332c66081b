#pragma once

#include "core/status.hpp"

namespace CLI {
class App;
}

namespace grape::bench {

/// Adds `grape-bench ingest`. When it is chosen it runs while the command line is parsed, and
/// `done` says how it went; `done` must outlive the parsing.
void add_ingest(CLI::App& to, status& done);

} // namespace grape::bench
