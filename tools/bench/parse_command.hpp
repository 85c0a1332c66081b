#pragma once

#include "core/status.hpp"

namespace CLI {
class App;
}

namespace grape::bench {

/// Adds `grape-bench parse`: bodies of uploads, decoded up to the entry of the log, against the
/// parser alone over the same bytes. `done` must outlive the parsing.
void add_parse(CLI::App& to, status& done);

} // namespace grape::bench
