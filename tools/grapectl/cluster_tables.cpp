#include "tools/grapectl/cluster_tables.hpp"

#include <map>

namespace grape::ctl {

namespace {

using payload::value;

const payload::array& list_of(const value& from, const std::string& key) {
  static const payload::array nothing;
  const auto* found = at(from, {key}).as_array();
  return found == nullptr ? nothing : *found;
}

bool is_true(const value& from) {
  return from == value{true};
}

std::string milliseconds_of(const value& us) {
  if (!us.is_number() || us.number() == 0)
    return "-";
  auto text = std::to_string(us.number() / 1'000);
  return text.substr(0, text.find('.') + 2) + " ms";
}

/// "words/2", and in brackets its key, if it has one.
std::string shard_of(const value& shard) {
  const auto name = cell_of(at(shard, {"collection"}), 255) + "/" + cell_of(at(shard, {"shard"}));
  const auto& key = at(shard, {"shard_key"});
  return key.is_null() ? name : name + " [" + cell_of(key, 255) + "]";
}

/// "n1*" leads, "n2", "n3 (learner)".
std::string replicas_of(const value& shard) {
  std::string text;
  for (const auto& each : list_of(shard, "replicas")) {
    const auto role = cell_of(at(each, {"role"}));
    const auto leads = at(each, {"node"}) == at(shard, {"leader"});
    const auto name =
        at(each, {"name"}).is_null() ? cell_of(at(each, {"node"})) : cell_of(at(each, {"name"}));
    text += (text.empty() ? "" : " ") + name + (leads ? "*" : "")
            + (role == "voter" ? "" : "(" + role + ")");
  }
  return text;
}

std::string move_of(const value& shard) {
  const auto& move = at(shard, {"move"});
  if (move.is_null())
    return "-";
  return cell_of(at(move, {"stage"})) + " " + cell_of(at(move, {"from"})) + " -> "
         + cell_of(at(move, {"to"}));
}

char letter_of(const value& replica, const value& leader) {
  const auto role = cell_of(at(replica, {"role"}));
  if (role == "witness")
    return 'w';
  if (role == "learner")
    return '+';
  return at(replica, {"node"}) == leader ? 'L' : 'v';
}

} // namespace

std::string print_nodes(const value& result, const value& leader) {
  std::vector<row> rows{{"NODE", "NUMBER", "STATE", "HEALTH", "RTT", "PEER", "HTTP", "REMARKS"}};
  for (const auto& each : list_of(result, "nodes")) {
    std::string remarks;
    const auto remark = [&remarks](const std::string& text) {
      remarks += (remarks.empty() ? "" : ", ") + text;
    };
    if (is_true(at(each, {"self"})))
      remark("asked");
    if (!leader.is_null() && at(each, {"number"}) == leader)
      remark("leads the control plane");
    if (!is_true(at(each, {"connected"})))
      remark("not connected");
    if (const auto* error = at(each, {"last_error"}).as_string())
      remark(*error);
    rows.push_back({cell_of(at(each, {"name"})), cell_of(at(each, {"number"})),
                    cell_of(at(each, {"state"})), cell_of(at(each, {"health"})),
                    milliseconds_of(at(each, {"rtt_us"})), cell_of(at(each, {"peer_address"})),
                    cell_of(at(each, {"http_address"})), remarks.empty() ? "-" : remarks});
  }
  if (rows.size() == 1)
    return "this node is alone\n";
  return table_of(rows);
}

std::string print_shards(const value& result) {
  std::vector<row> rows{{"SHARD", "GROUP", "EPOCH", "WANTED", "REPLICAS (* LEADS)", "MOVE"}};
  for (const auto& each : list_of(result, "shards"))
    rows.push_back({shard_of(each), cell_of(at(each, {"group"})), cell_of(at(each, {"epoch"})),
                    cell_of(at(each, {"replication_factor"})), replicas_of(each), move_of(each)});
  return table_of(rows);
}

std::string print_shard_map(const value& shards, const value& nodes,
                            const std::string& collection) {
  row heading{"SHARD"};
  std::map<std::string, std::size_t> columns; // By number.
  for (const auto& each : list_of(nodes, "nodes"))
    if (cell_of(at(each, {"state"})) != "removed") {
      columns[cell_of(at(each, {"number"}))] = heading.size();
      heading.push_back(cell_of(at(each, {"name"})));
    }
  std::vector<row> rows{heading};
  for (const auto& each : list_of(shards, "shards")) {
    if (!collection.empty() && cell_of(at(each, {"collection"}), 255) != collection)
      continue;
    row line(heading.size(), ".");
    line[0] = shard_of(each);
    for (const auto& replica : list_of(each, "replicas"))
      if (const auto column = columns.find(cell_of(at(replica, {"node"}))); column != columns.end())
        line[column->second] = letter_of(replica, at(each, {"leader"}));
    rows.push_back(std::move(line));
  }
  return table_of(rows) + "L leads, v votes, w is a witness, + is coming\n";
}

std::string print_groups(const value& result) {
  std::vector<row> rows{{"GROUP", "NAME", "ROLE", "TERM", "LEADER", "COMMIT", "APPLIED", "LAST",
                         "VOTERS", "FAILURE"}};
  for (const auto& each : list_of(result, "groups"))
    rows.push_back({cell_of(at(each, {"group"})), cell_of(at(each, {"name"}), 255),
                    cell_of(at(each, {"role"})), cell_of(at(each, {"term"})),
                    cell_of(at(each, {"leader"})), cell_of(at(each, {"commit"})),
                    cell_of(at(each, {"applied"})), cell_of(at(each, {"last"})),
                    cell_of(at(each, {"members", "voters"})), cell_of(at(each, {"failure"}))});
  if (rows.size() == 1)
    return "no Raft group has a replica on this node\n";
  return table_of(rows);
}

void gathered_findings::add(const value& report) {
  ++asked_;
  for (const auto& each : list_of(report, "findings")) {
    const auto kind = cell_of(at(each, {"kind"}));
    const auto node = cell_of(at(each, {"node"}));
    const auto shard = cell_of(at(each, {"shard"}), 255);
    if (!seen_.insert(kind + "\n" + node + "\n" + shard).second)
      continue;
    const auto severity = cell_of(at(each, {"severity"}));
    const bool bad = severity == "critical";
    critical_ = critical_ || bad;
    (bad ? critical_rows_ : other_rows_)
        .push_back({severity, kind, node, shard, cell_of(at(each, {"reason"}), 300)});
  }
}

void gathered_findings::add_unreachable(const std::string& name, const std::string& why) {
  other_rows_.push_back({"warning", "node_not_asked", name, "-", why});
}

void gathered_findings::add_embedded(const std::string& name) {
  other_rows_.push_back({"info", "node_not_asked", name, "-",
                         "it is part of another program and has no HTTP: the others judge it"});
}

std::string gathered_findings::print() const {
  if (critical_rows_.empty() && other_rows_.empty())
    return "healthy, says " + std::to_string(asked_) + (asked_ == 1 ? " node\n" : " nodes\n");
  std::vector<row> rows{{"SEVERITY", "KIND", "NODE", "SHARD", "REASON"}};
  rows.insert(rows.end(), critical_rows_.begin(), critical_rows_.end());
  rows.insert(rows.end(), other_rows_.begin(), other_rows_.end());
  return table_of(rows);
}

} // namespace grape::ctl
