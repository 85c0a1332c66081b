#pragma once

#include "core/outcome.hpp"
#include "tools/bench/http_connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace grape::bench {

/// What a node says about one of its collections.
struct collection_figures {
  std::string status; ///< "green" once nothing is left to be indexed.
  std::uint64_t points = 0;
  std::uint64_t indexed = 0;
  std::uint64_t segments = 0;
  std::uint64_t dimension = 0; ///< Of its unnamed vector; 0 if it has none.
};

/// Asks a node about anything but speed. Errors of all calls: io_error; `internal` with the answer
/// when it is not 200.
class http_node {
public:
  static outcome<http_node> at(const http_address& where);

  /// One request; the body of its answer.
  outcome<std::string> ask(std::string_view method, const std::string& path,
                           std::string_view body = {});

  outcome<collection_figures> describe(const std::string& collection);

  /// Returns once every point of the collection is in a graph. Error: timed_out.
  status wait_until_indexed(const std::string& collection, double within_s);

  /// The ids of one query's hits, best first. `body` as for POST points/query.
  outcome<std::vector<std::uint64_t>> hits(const std::string& collection, std::string_view body);

private:
  http_node(http_address where, http_connection connection)
    : where_(std::move(where))
    , connection_(std::move(connection)) {
  }

  http_address where_;
  http_connection connection_;
};

} // namespace grape::bench
