#pragma once

#include "core/outcome.hpp"
#include "tools/bench/http_connection.hpp"
#include "tools/bench/vector_files.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// Rows as whole requests, made before the clock runs: printing floats is no work of the node's.
struct upload_plan {
  std::vector<std::string> requests;
  std::size_t batch = 0; ///< Rows of each request but the last.
  std::size_t rows = 0;
};

/// Ids are places. With `wait`, answers come when a search finds the rows; without, when the log
/// has them.
upload_plan plan_upload(const http_address& to, const std::string& collection,
                        const matrix<float>& rows, std::size_t batch, bool wait);

/// What was acknowledged when.
struct upload_result {
  double seconds = 0;
  std::uint64_t retries = 0;      ///< Requests that the node refused for now (503), sent again.
  std::vector<bool> acknowledged; ///< By request.

  double rows_per_s(const upload_plan& of) const { return static_cast<double>(of.rows) / seconds; }
};

/// Sends everything over so many connections, each as fast as it is answered. Blocks. Errors:
/// io_error; `internal` with the answer if it is neither 200 nor 503.
outcome<upload_result> upload(const http_address& to, const upload_plan& plan,
                              std::size_t connections);

} // namespace grape::bench
