#pragma once

#include "core/request/node.hpp"
#include "core/request/optimizations.hpp"
#include "net/http/json_writer.hpp"

#include <cstdint>
#include <optional>

/// Answers about the node itself. Each writes one JSON value.
namespace grape::http {

void write_node_status(json_writer& out, const node_status& node);
void write_actor_tree(json_writer& out, const actor_tree& tree);

/// What of the optimizations of a collection is told beside what runs.
struct optimizations_view {
  bool queued = false;
  bool idle = false;
  std::optional<std::uint64_t> completed; ///< How many at most; nothing: none are told.
};

void write_optimizations(json_writer& out, const optimizations& told,
                         const optimizations_view& how);


} // namespace grape::http
