#pragma once

#include "core/request/upkeep.hpp"
#include "net/http/json_writer.hpp"

/// What nodes did with their storage, as JSON.
namespace grape::http {

/// `{"verb":...,"complete":...,"nodes":[...]}`, with what the verb has to tell.
void write_report(json_writer& out, const storage_report& of);

/// `{"checkpoints":[...],"complete":...}`: of each node its own.
void write_checkpoints(json_writer& out, const storage_report& of);

void write_restored(json_writer& out, const restored& of);

} // namespace grape::http
