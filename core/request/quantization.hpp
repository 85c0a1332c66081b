#pragma once

#include "core/request/collection.hpp"
#include "core/vector/quantizer.hpp"

#include <optional>

namespace grape {

/// The code that a `quantization_config` asks for, as it was accepted: the field's own, or else the
/// collection's. None where there is none, or it was disabled. Grape's codes are not Qdrant's one
/// by one; what comes nearest without being less exact is taken:
///
///   scalar                              int8
///   product x4, x8, x16 and more        int8, int4, product
///   binary one_bit (default), others    bits, int4
///   turbo bits1, others (default bits4) bits, int4
///
/// Whether segments can have it is decided where they are built (index::plan_coding).
std::optional<coding> wanted_code(const collection_options& options, const vector_field& field);

/// The `quantile` of a scalar quantization, found in the same way; 0.5..1.
std::optional<double> wanted_quantile(const collection_options& options, const vector_field& field);

/// Whether codes may stay in mapped files: where the configuration that counts says `memory: cold`,
/// or the vectors are on disk and it does not say `always_ram`. Codes that nobody asked for are
/// always in memory.
bool codes_stay_on_disk(const collection_options& options, const vector_field& field);

} // namespace grape
