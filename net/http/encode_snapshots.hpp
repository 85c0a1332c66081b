#pragma once

#include "core/request/snapshot.hpp"
#include "net/http/json_writer.hpp"

namespace grape::http {

void write_snapshot(json_writer& out, const snapshot_description& of);
void write_snapshots(json_writer& out, const snapshot_list& all);

} // namespace grape::http
