#pragma once

#include "core/vector/kernels.hpp"
#include "core/vector/metric.hpp"
#include "core/vector/quantizer.hpp"

#include <optional>

namespace CLI {
class App;
}

namespace grape::bench {

/// --metric cosine, dot, euclid, manhattan. `kind` must outlive the parsing, as below.
void add_metric(CLI::App& to, metric& kind);

/// --isa: one of those that this processor can run.
void add_isa(CLI::App& to, isa& with);

/// --code floats, int8, int4, bits, bfloat16, product: what segments are built with.
void add_code(CLI::App& to, std::optional<coding>& code);

} // namespace grape::bench
