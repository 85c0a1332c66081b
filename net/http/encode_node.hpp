#pragma once

#include "core/request/node.hpp"
#include "net/http/json_writer.hpp"

/// Answers about the node itself. Each writes one JSON value.
namespace grape::http {

void write_node_status(json_writer& out, const node_status& node);
void write_actor_tree(json_writer& out, const actor_tree& tree);


} // namespace grape::http
