#pragma once

#include "core/payload/value.hpp"
#include "tools/grapectl/tables.hpp"

#include <set>
#include <string>
#include <vector>

/// Answers about a cluster as tables. Pure.
namespace grape::ctl {

/// The `nodes` of /grape/v1/nodes; `leader` is the number of who leads the metadata group.
std::string print_nodes(const payload::value& result, const payload::value& leader);

std::string print_shards(const payload::value& result);

/// L leads, v votes, l learns, w is a witness, + is coming.
std::string print_shard_map(const payload::value& shards, const payload::value& nodes,
                            const std::string& collection);

std::string print_groups(const payload::value& result);

/// What nodes found, each once, whoever found it.
class gathered_findings {
public:
  /// The `result` of one node's /grape/v1/health.
  void add(const payload::value& report);

  /// A node that could not be asked.
  void add_unreachable(const std::string& name, const std::string& why);

  /// A node that cannot be asked by anybody: it is part of another program, and has no HTTP.
  void add_embedded(const std::string& name);

  bool critical() const noexcept { return critical_; }
  std::string print() const;

private:
  std::set<std::string> seen_;
  std::vector<row> critical_rows_;
  std::vector<row> other_rows_;
  std::size_t asked_ = 0;
  bool critical_ = false;
};

} // namespace grape::ctl
