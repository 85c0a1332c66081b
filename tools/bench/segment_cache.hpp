#pragma once

#include "core/index/segment.hpp"
#include "core/index/segment_content.hpp"
#include "core/outcome.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/index_bench.hpp"
#include "tools/bench/vector_files.hpp"

#include <memory>
#include <string>

namespace grape::bench {

/// Where an index with these settings is kept between runs.
std::string cached_index(const index_bench_options& options, const std::string& engine);

/// Builds a segment with these settings on all processors and writes it to `path`.
outcome<std::shared_ptr<const index::segment>>
build_segment(const index_bench_options& options, const data_set& data, const std::string& path);

/// Reads the segment with these settings; builds it first if it is not there. Errors: wrong_input
/// if it was built from other data, and those of reading and building.
outcome<index::segment_content> cached_segment(const index_bench_options& options,
                                               const data_set& data);

/// One pass over all queries, on this thread.
pass measure_segment(const index::segment& over, const data_set& data, std::uint32_t ef,
                     std::size_t k);

} // namespace grape::bench
