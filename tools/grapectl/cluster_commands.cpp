#include "tools/grapectl/cluster_commands.hpp"

#include "tools/grapectl/cluster_tables.hpp"
#include "tools/grapectl/conversation.hpp"

#include <iostream>
#include <utility>

namespace grape::ctl {

namespace {

using payload::value;

const question nodes_question{"GET", "/grape/v1/nodes", ""};
const question shards_question{"GET", "/grape/v1/shards", ""};
const question health_question{"GET", "/grape/v1/health", ""};

/// Asks, and keeps the result.
exit_code fetch(const surroundings& around, const question& what, value& into) {
  return converse(around, what, [&into](const value& tree, const std::string&) {
    into = at(tree, {"result"});
    return exit_code::ok;
  });
}

/// The number of a node, given by number or name.
exit_code number_of(const surroundings& around, const std::string& node, std::string& into) {
  if (!node.empty() && node.find_first_not_of("0123456789") == std::string::npos) {
    into = node;
    return exit_code::ok;
  }
  value known;
  if (const auto code = fetch(around, nodes_question, known); code != exit_code::ok)
    return code;
  if (const auto* nodes = at(known, {"nodes"}).as_array())
    for (const auto& each : *nodes)
      if (at(each, {"name"}) == value{node} && at(each, {"state"}) != value{"removed"})
        into = cell_of(at(each, {"number"}));
  if (into.empty())
    return complain(around, nodes_question, exit_code::refused, "there is no node `" + node + "`");
  return exit_code::ok;
}

/// Of one node, whose address another one told.
void ask_health(const surroundings& around, const std::string& name, const std::string& address,
                gathered_findings& into) {
  const auto node = parse_address(address);
  if (!node || address == "-")
    return into.add_unreachable(name, "its address is not known yet");
  const auto answered = ask(*node, around.api_key, health_question, around.patience);
  if (!answered)
    return into.add_unreachable(name, node->url() + ": " + answered.error().detail);
  const auto tree = tree_of(answered->body);
  if (answered->status >= 300 || !tree)
    return into.add_unreachable(name, node->url() + ": status " + std::to_string(answered->status));
  if (around.as_json)
    std::cout << answered->body << "\n";
  into.add(at(*tree, {"result"}));
}

} // namespace

exit_code show_cluster(const surroundings& around) {
  if (around.as_json)
    return show(around, nodes_question, {});
  value nodes;
  value cluster;
  if (const auto code = fetch(around, nodes_question, nodes); code != exit_code::ok)
    return code;
  if (const auto code = fetch(around, {"GET", "/cluster", ""}, cluster); code != exit_code::ok)
    return code;
  std::cout << print_nodes(nodes, at(cluster, {"raft_info", "leader"}));
  return exit_code::ok;
}

exit_code show_health(const surroundings& around) {
  value nodes;
  if (const auto code = fetch(around, nodes_question, nodes); code != exit_code::ok)
    return code;
  gathered_findings found;
  const auto* all = at(nodes, {"nodes"}).as_array();
  if (all == nullptr || all->empty())
    ask_health(around, "this node", around.node.url(), found);
  else
    for (const auto& each : *all) {
      const auto name = cell_of(at(each, {"name"}));
      const auto self = at(each, {"self"}) == value{true};
      const auto where = self ? around.node.url() : cell_of(at(each, {"http_address"}));
      if (at(each, {"state"}) == value{"removed"})
        continue;
      if (where.ends_with(":0"))
        found.add_embedded(name);
      else
        ask_health(around, name, where, found);
    }
  if (!around.as_json)
    std::cout << found.print();
  return found.critical() ? exit_code::unhealthy : exit_code::ok;
}

exit_code list_shards(const surroundings& around) {
  return show(around, shards_question, print_shards);
}

exit_code map_shards(const surroundings& around, const std::string& collection) {
  if (around.as_json)
    return show(around, shards_question, {});
  value nodes;
  value shards;
  if (const auto code = fetch(around, nodes_question, nodes); code != exit_code::ok)
    return code;
  if (const auto code = fetch(around, shards_question, shards); code != exit_code::ok)
    return code;
  std::cout << print_shard_map(shards, nodes, collection);
  return exit_code::ok;
}

exit_code move_shard(const surroundings& around, const move_options& wanted) {
  std::string from;
  std::string to;
  if (const auto code = number_of(around, wanted.from, from); code != exit_code::ok)
    return code;
  if (const auto code = number_of(around, wanted.to, to); code != exit_code::ok)
    return code;
  const question asked{"POST", "/collections/" + path_segment(wanted.collection) + "/cluster",
                       R"({"move_shard":{"shard_id":)" + std::to_string(wanted.shard)
                           + R"(,"from_peer_id":)" + from + R"(,"to_peer_id":)" + to + "}}"};
  return show(around, asked, [&wanted](const value&) {
    return wanted.collection + "/" + std::to_string(wanted.shard) + " moves from " + wanted.from
           + " to " + wanted.to + "; `grapectl shard ls` shows how far it is\n";
  });
}

exit_code show_raft(const surroundings& around) {
  return show(around, {"GET", "/grape/v1/raft", ""}, print_groups);
}

exit_code change_node(const surroundings& around, const std::string& name,
                      const std::string& wish) {
  return show(around, {"POST", "/grape/v1/nodes/" + path_segment(name) + "/" + wish, ""},
              [&name, &wish](const value&) { return name + ": " + wish + "\n"; });
}

exit_code replace_nodes(const surroundings& around, const std::vector<std::string>& names,
                        bool lost_majority) {
  constexpr auto next = "start it with an empty data directory now: it comes back as a new node of "
                        "this name\n";
  if (!lost_majority) {
    for (const auto& name : names)
      if (const auto code =
              show(around, {"POST", "/grape/v1/nodes/" + path_segment(name) + "/replace", ""},
                   [&name](const value&) { return name + ": replace\n" + next; });
          code != exit_code::ok)
        return code;
    return exit_code::ok;
  }
  std::string list;
  for (const auto& name : names)
    list += (list.empty() ? "" : ",") + payload::to_json(value{name});
  return show(around, {"POST", "/grape/v1/cluster/recover", R"({"lost":[)" + list + "]}"},
              [](const value& result) {
                std::string told;
                if (const auto* all = at(result, {"told"}).as_array())
                  for (const auto& each : *all)
                    told += cell_of(each) + "\n";
                return told + "start them with empty data directories now\n";
              });
}

} // namespace grape::ctl
