#pragma once

#include "core/status.hpp"
#include "tools/bench/http_figures.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace grape::bench {

/// What `grape-bench ingest` is told.
struct ingest_options {
  std::string data; ///< Prefix of a data set; empty: a clustered one is made.
  std::size_t rows = 300'000;
  std::size_t dimension = 100; ///< Of a data set that is made.
  std::size_t batch = 500;     ///< Rows per request.
  std::size_t upload_connections = 2;
  bool wait = true;    ///< An upload is acknowledged when searches find it.
  double share = 0.25; ///< Of the idle capacity: the rate of the searches.
  double idle_seconds = 10;
  std::size_t connections = 64; ///< Of the searches.
  std::string folder;           ///< For the node's data; empty: the system's for temporary files.
  std::uint64_t seed = 1;
  std::string json; ///< File to write; "-" for stdout; empty: none.
  std::string svg;  ///< File for the plot; empty: none.
};

/// How much the node held and had in graphs, at one time.
struct ingest_progress {
  double at_s = 0; ///< Since the upload began.
  std::uint64_t points = 0;
  std::uint64_t indexed = 0;
};

/// Searches that came due within one second.
struct search_slice {
  double at_s = 0;
  latency_figures latency;
};

struct ingest_result {
  std::size_t rows = 0;
  std::size_t dimension = 0;
  double capacity_per_s = 0;
  double rate = 0;
  latency_figures idle;
  double alone_rows_per_s = 0;  ///< Upload without searches.
  double loaded_rows_per_s = 0; ///< Upload with searches.
  double upload_s = 0;          ///< With searches.
  double indexed_s = 0;         ///< When everything was in graphs, since the upload began.
  std::uint64_t lag_rows = 0;   ///< Not in graphs when the last row was acknowledged.
  latency_figures uploading;    ///< Searches due while rows were uploaded.
  latency_figures indexing;     ///< Those after, until all was indexed.
  latency_figures whole;
  std::uint64_t refused = 0; ///< Searches with any answer but 200.
  std::uint64_t unanswered = 0;
  std::uint64_t retries = 0;
  std::uint64_t counted = 0; ///< Rows, by an exact count at the end.
  std::uint64_t missing = 0; ///< Acknowledged rows that a walk over all ids did not meet.
  double found_exact = 0;    ///< Of sampled rows, those found by an exact search for them.
  double found = 0;          ///< The same, searched as clients do.
  std::vector<search_slice> slices;
  std::vector<ingest_progress> progress;
};

/// Starts a node of its own and measures how searches and an upload bear each other. Progress goes
/// to stderr. Errors: io_error, or the node's refusal; `corrupted` if an acknowledged row is not
/// there.
status run_ingest_bench(const ingest_options& options);

} // namespace grape::bench
