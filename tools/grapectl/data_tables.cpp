#include "tools/grapectl/data_tables.hpp"

#include <utility>

namespace grape::ctl {

namespace {

using payload::value;

struct column {
  std::string heading;
  std::string member;
};

/// What the verb has to tell of a replica.
std::vector<column> columns_of(const std::string& verb) {
  if (verb == "flush")
    return {{"APPLIED", "applied"}, {"DURABLE", "durable"}};
  if (verb == "warm")
    return {{"READ BYTES", "read_bytes"}};
  if (verb == "digest")
    return {{"APPLIED", "applied"}, {"POINTS", "points"}, {"DIGEST", "digest"}};
  if (verb == "checkpoint")
    return {{"APPLIED", "applied"}, {"POINTS", "points"}, {"BYTES", "bytes"}};
  std::vector<column> all;
  if (verb == "compact")
    all.push_back({"FREED", "freed_bytes"});
  for (const auto* name : {"points", "store", "segment", "payload", "vector", "code", "memory"}) {
    std::string heading = name;
    for (auto& c : heading)
      c = static_cast<char>(c - 'a' + 'A');
    all.push_back({heading, heading == "POINTS" ? name : name + std::string("_bytes")});
  }
  return all;
}

std::string print_nodes(const value& result, const std::vector<column>& columns) {
  std::vector<row> rows{{"NODE"}};
  for (const auto& each : columns)
    rows.front().push_back(each.heading);
  rows.front().push_back("ERROR");
  if (const auto* nodes = at(result, {"nodes"}).as_array())
    for (const auto& node : *nodes) {
      row cells{cell_of(at(node, {"name"}))};
      for (const auto& each : columns)
        cells.push_back(cell_of(at(node, {each.member})));
      cells.push_back(cell_of(at(node, {"error"}), 200));
      rows.push_back(std::move(cells));
    }
  return table_of(rows);
}

std::string print_shards(const value& result, const std::vector<column>& columns) {
  std::vector<row> rows{{"SHARD", "NODE"}};
  for (const auto& each : columns)
    rows.front().push_back(each.heading);
  rows.front().push_back("ERROR");
  if (const auto* nodes = at(result, {"nodes"}).as_array())
    for (const auto& node : *nodes)
      if (const auto* shards = at(node, {"shards"}).as_array())
        for (const auto& shard : *shards) {
          row cells{cell_of(at(shard, {"collection"}), 255) + "/" + cell_of(at(shard, {"shard"})),
                    cell_of(at(node, {"name"}))};
          for (const auto& each : columns)
            cells.push_back(cell_of(at(shard, {each.member})));
          cells.push_back(cell_of(at(shard, {"error"}), 200));
          rows.push_back(std::move(cells));
        }
  return rows.size() > 1 ? table_of(rows) : std::string{};
}

std::string print_digests(const value& result) {
  std::vector<row> rows{{"COLLECTION", "POINTS", "DIGEST"}};
  if (const auto* all = at(result, {"collections"}).as_object())
    for (const auto& [name, about] : *all)
      rows.push_back({name, cell_of(at(about, {"points"})), cell_of(at(about, {"digest"}))});
  std::string text = rows.size() > 1 ? table_of(rows) : std::string{};
  if (const auto* differing = at(result, {"differing"}).as_array())
    for (const auto& each : *differing)
      text += "REPLICAS DIFFER: " + cell_of(each, 255) + "\n";
  return text;
}

} // namespace

std::string print_report(const value& result) {
  const auto verb = cell_of(at(result, {"verb"}));
  std::string text;
  if (const auto& name = at(result, {"checkpoint"}); !name.is_null())
    text = "checkpoint " + cell_of(name) + "\n";
  if (verb == "size")
    text += print_nodes(result, {{"LOG", "log_bytes"},
                                 {"SNAPSHOTS", "snapshot_bytes"},
                                 {"CHECKPOINTS", "checkpoint_bytes"},
                                 {"DISK FREE", "disk_free_bytes"},
                                 {"DISK", "disk_total_bytes"}});
  else
    text += print_nodes(result, {});
  if (verb != "sync" && verb != "delete_checkpoint")
    text += print_shards(result, columns_of(verb));
  return verb == "digest" ? text + print_digests(result) : text;
}

std::string print_checkpoints(const value& result) {
  std::vector<row> rows{{"CHECKPOINT", "NODE", "CREATED", "SHARDS", "BYTES"}};
  if (const auto* all = at(result, {"checkpoints"}).as_array())
    for (const auto& each : *all) {
      const auto* shards = at(each, {"shards"}).as_array();
      rows.push_back({cell_of(at(each, {"name"})), cell_of(at(each, {"node"})),
                      cell_of(at(each, {"creation_time"})),
                      std::to_string(shards == nullptr ? 0 : shards->size()),
                      cell_of(at(each, {"bytes"}))});
    }
  return table_of(rows);
}

} // namespace grape::ctl
