#pragma once

#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/node.hpp"
#include "core/request/quota.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape {

/// How one route was answered with one status since the node began.
struct route_figures {
  std::string method;     ///< "PUT"
  std::string endpoint;   ///< The route's template; "" where none matched.
  std::string collection; ///< Whose answers these are; "" = all answers of the route.
  unsigned status = 0;    ///< Of HTTP.
  std::uint64_t count = 0;
  std::uint64_t total_us = 0;
  std::uint64_t min_us = 0;
  std::uint64_t max_us = 0;
  std::uint64_t last_unix_ms = 0; ///< When the last one was given.

  friend bool operator==(const route_figures&, const route_figures&) = default;
};

/// What a node's allocator and the system say about its memory; all in bytes.
struct memory_figures {
  std::uint64_t allocated = 0; ///< In use by the program.
  std::uint64_t active = 0;    ///< Taken from the system by the allocator, its slack included.
  std::uint64_t retained = 0;  ///< Of `active`, not in use.
  std::uint64_t resident = 0;  ///< Of the whole process, mapped files included.
};

struct telemetry_request {
  bool with_collections = false; ///< Else only what the node says without asking its shards.
  bool with_shards = false;      ///< Only read with `with_collections`.
};

struct collection_telemetry {
  std::string name;
  collection_description about;
  collection_cluster placed; ///< Empty unless shards were asked for.
};

/// Everything a node tells those who watch it.
struct telemetry {
  node_status node;
  std::uint64_t started_unix_ms = 0;
  std::uint64_t search_threads = 0;
  memory_figures memory;
  quota_config quota;
  quota_exceeded exceeded; ///< Of `quota`, by this node.
  cluster_status cluster;
  std::vector<route_figures> routes; ///< By method, endpoint, collection and status, ascending.
  std::vector<collection_telemetry> collections; ///< Ascending by name; those that answered.
};

} // namespace grape
