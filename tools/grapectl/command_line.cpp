#include "tools/grapectl/command_line.hpp"

#include "tools/grapectl/dev_certs.hpp"

#include <CLI/CLI.hpp>

namespace grape::ctl {

namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done; 1 the node refused; 2 wrong usage; "
    "3 no node answered there in time; 4 the answer is not a node's; "
    "5 `cluster health` found something that does not work";

void add_shared_options(CLI::App& app, command_line& line) {
  app.footer(exit_codes);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--host", line.host, "A live node's HTTP address")
      ->envname("GRAPE_HOST")
      ->capture_default_str();
  app.add_option("-o,--output", line.output, "table, or json: the node's answer as it is")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.add_option("--api-key", line.around.api_key, "Sent as `api-key`")->envname("GRAPE_API_KEY");
  app.add_option("--timeout", line.patience_s, "Seconds to wait for an answer")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
}

void add_commands(CLI::App& app, command_line& line) {
  app.add_subcommand("status", "The node: identity, sizes, what its start had to repair")
      ->callback([&line] { line.chosen = [&line] { return show_status(line.around); }; });
  app.add_subcommand("actors", "The live tree of actors: restarts, mailboxes, last errors")
      ->callback([&line] { line.chosen = [&line] { return show_actors(line.around); }; });
  app.add_subcommand("collections", "All collections with their sizes")->callback([&line] {
    line.chosen = [&line] { return list_collections(line.around); };
  });

  auto* describing = app.add_subcommand("describe", "One collection: vectors, indexes, shards");
  describing->add_option("collection", line.collection)->required();
  describing->callback(
      [&line] { line.chosen = [&line] { return describe(line.around, line.collection); }; });

  auto* getting = app.add_subcommand("get", "One point with its payload and vectors");
  getting->add_option("collection", line.collection)->required();
  getting->add_option("id", line.id, "A number or a UUID")->required();
  getting->callback([&line] {
    line.chosen = [&line] { return get_point(line.around, line.collection, line.id); };
  });

  auto* searching = app.add_subcommand("search", "The points nearest to a point or a vector");
  searching->add_option("collection", line.wanted.collection)->required();
  auto* from = searching->add_option_group("from")->require_option(1);
  from->add_option("--id", line.wanted.id, "The neighbours of this point");
  from->add_option("--vector", line.wanted.vector, "0.1,0.2,... or a JSON array");
  searching->add_option("--limit", line.wanted.limit, "How many")->capture_default_str();
  searching->add_option("--using", line.wanted.using_vector, "A named vector");
  searching->add_option("--filter", line.wanted.filter, "A filter as JSON");
  searching->callback(
      [&line] { line.chosen = [&line] { return search(line.around, line.wanted); }; });

  auto* fitting = app.add_subcommand(
      "fit", "Weights for a learned fusion, from queries of which the relevant points are known");
  fitting->add_option("collection", line.fitting.collection)->required();
  fitting->add_option("file", line.fitting.file,
                      "A line for each query: {\"prefetch\":[queries],\"relevant\":[ids]}")
      ->required();
  fitting->add_option("--l2", line.fitting.l2, "Penalty on large weights")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  fitting->add_flag("--rescore", line.fitting.rescore,
                    "Each prefetch scores what all of them find, as will the printed query");
  fitting->callback(
      [&line] { line.chosen = [&line] { return fit(line.around, line.fitting); }; });
}

void add_cluster_commands(CLI::App& app, command_line& line) {
  auto* cluster =
      app.add_subcommand("cluster", "The cluster: status, health")->require_subcommand(1);
  cluster->add_subcommand("status", "All nodes, as the one asked sees them")->callback([&line] {
    line.chosen = [&line] { return show_cluster(line.around); };
  });
  cluster->add_subcommand("health", "What is not as it should be, as all nodes see it")
      ->callback([&line] { line.chosen = [&line] { return show_health(line.around); }; });

  auto* shards = app.add_subcommand("shard", "Shards: ls, map, move")->require_subcommand(1);
  shards->add_subcommand("ls", "All shards: replicas, leaders, moves")->callback([&line] {
    line.chosen = [&line] { return list_shards(line.around); };
  });
  auto* map = shards->add_subcommand("map", "A row for each shard, a column for each node");
  map->add_option("collection", line.collection, "Only this one");
  map->callback(
      [&line] { line.chosen = [&line] { return map_shards(line.around, line.collection); }; });
  auto* move = shards->add_subcommand("move", "Moves one replica, without a pause");
  move->add_option("collection", line.move.collection)->required();
  move->add_option("shard", line.move.shard)->required();
  move->add_option("from", line.move.from, "A node's name or number")->required();
  move->add_option("to", line.move.to, "A node's name or number")->required();
  move->callback([&line] { line.chosen = [&line] { return move_shard(line.around, line.move); }; });

  auto* raft = app.add_subcommand("raft", "Raft groups: status")->require_subcommand(1);
  raft->add_subcommand("status", "The replicas on the node asked")->callback([&line] {
    line.chosen = [&line] { return show_raft(line.around); };
  });
}

void add_data_verbs(CLI::App& data, command_line& line) {
  const auto add = [&data, &line](const std::string& verb, const std::string& about) {
    auto* one = data.add_subcommand(verb, about);
    one->add_option("collection", line.data.collection, "Only this one");
    one->callback([&line, verb] {
      line.chosen = [&line, verb] { return tend_data(line.around, line.data, verb); };
    });
  };
  add("size", "Bytes by kind, and what is free");
  add("flush", "What is applied survives a power cut without the log");
  add("sync", "The log is synced, whatever `fsync` says");
  add("compact", "Stores and segments are rewritten without what is deleted");
  add("warm", "What is mapped of segment files is read into memory");
  add("digest", "A number for what each collection holds: the same for the same points");
}

void add_data_commands(CLI::App& app, command_line& line) {
  auto* data = app.add_subcommand("data", "What lies on all nodes' disks: sizes, copies, upkeep");
  data->require_subcommand(1);
  constexpr double long_patience_s = 660;
  data->preparse_callback([&line](std::size_t) { line.patience_s = long_patience_s; });
  add_data_verbs(*data, line);
  auto* point = data->add_subcommand("checkpoint", "A copy of every replica, beside it, at once");
  point->add_option("collection", line.data.collection, "Only this one");
  point->add_option("--name", line.data.name, "Of the checkpoint; one is made up without");
  point->callback(
      [&line] { line.chosen = [&line] { return make_checkpoint(line.around, line.data); }; });
  data->add_subcommand("checkpoints", "All checkpoints of all nodes")->callback([&line] {
    line.chosen = [&line] { return list_checkpoints(line.around); };
  });
  auto* drop = data->add_subcommand("drop", "Deletes a checkpoint on all nodes");
  drop->add_option("checkpoint", line.data.name)->required();
  drop->callback(
      [&line] { line.chosen = [&line] { return drop_checkpoint(line.around, line.data); }; });
  auto* backup = data->add_subcommand(
      "backup", "One snapshot of everything, or of a collection, on the node asked");
  backup->add_option("collection", line.data.collection, "Only this one");
  backup->callback([&line] { line.chosen = [&line] { return back_up(line.around, line.data); }; });
  auto* back = data->add_subcommand(
      "restore", "Collections become what a checkpoint or a backup says; what they held goes");
  back->add_option("name", line.data.name, "Of the checkpoint, or of the backup")->required();
  back->add_flag("--backup", line.data.backup, "It is a backup of everything, on the node asked");
  back->add_option("--collection", line.data.collection, "Only this one of it");
  back->add_option("--as", line.data.as, "Under this name");
  back->callback([&line] { line.chosen = [&line] { return restore(line.around, line.data); }; });
}

void add_node_commands(CLI::App& app, command_line& line) {
  auto* nodes = app.add_subcommand("node", "Nodes: drain, remove, activate, forget, replace");
  nodes->require_subcommand(1);
  const auto add = [nodes, &line](const std::string& wish, const std::string& about) {
    auto* one = nodes->add_subcommand(wish, about);
    one->add_option("node", line.node, "Its name")->required();
    one->callback([&line, wish] {
      line.chosen = [&line, wish] { return change_node(line.around, line.node, wish); };
    });
  };
  add("drain", "Its replicas go elsewhere; it stays and serves");
  add("remove", "As drain, and it is removed once it holds nothing");
  add("activate", "It takes replicas again");
  add("forget", "It is lost for good: removed at once, its replicas replaced");
  auto* replace = nodes->add_subcommand(
      "replace", "Its disk is lost: as forget, and it may start again with an empty one");
  replace->add_option("nodes", line.lost, "Their names")->required();
  replace->add_flag("--lost-majority", line.lost_majority,
                    "So many disks are lost at a time that nothing can be decided any more: the "
                    "node asked goes on from its own copies, and what only the lost ones had is "
                    "gone");
  replace->callback([&line] {
    line.chosen = [&line] { return replace_nodes(line.around, line.lost, line.lost_majority); };
  });
}

void add_dev_commands(CLI::App& app, command_line& line) {
  auto* dev = app.add_subcommand("dev", "A cluster of processes on this machine");
  dev->require_subcommand(1);
  dev->add_option("--dir", line.dev.dir, "The folder that holds it")->capture_default_str();
  auto* up = dev->add_subcommand("up", "Starts the nodes that do not run, waits until all serve");
  up->add_option("-n,--nodes", line.dev.nodes, "How many, in a new folder")
      ->check(CLI::Range(1, 9))
      ->capture_default_str();
  up->add_option("--port", line.dev.port, "HTTP of the first node, if free")
      ->check(CLI::Range(1024, 65000))
      ->capture_default_str();
  up->add_flag("--private-networks", line.dev.private_networks,
               "A network for each node of a new folder: `partition` can cut it off (root)");
  up->add_option("--graped", line.dev.graped, "The program; else the one beside grapectl");
  up->callback([&line] { line.chosen = [&line] { return dev_up(line.dev); }; });
  dev->add_subcommand("down", "Ends all nodes in order")->callback([&line] {
    line.chosen = [&line] { return dev_down(line.dev); };
  });
  const auto add = [dev, &line](const std::string& how, const std::string& about) {
    auto* one = dev->add_subcommand(how, about);
    one->add_option("node", line.node, "n2, or 2")->required();
    one->callback([&line, how] {
      line.chosen = [&line, how] { return dev_signal(line.dev, line.node, how); };
    });
  };
  add("kill", "As a crash: SIGKILL; `up` starts it again");
  add("pause", "It hangs: SIGSTOP");
  add("resume", "It goes on: SIGCONT");
  auto* partition = dev->add_subcommand(
      "partition", "Cuts these nodes off from the others; the cut before is ended");
  partition->add_option("nodes", line.apart, "n2, or 2")->required();
  partition->callback(
      [&line] { line.chosen = [&line] { return dev_partition(line.dev, line.apart); }; });
  dev->add_subcommand("heal", "Ends the cut")->callback([&line] {
    line.chosen = [&line] { return dev_heal(line.dev); };
  });
  auto* certs = dev->add_subcommand("certs", "Makes a test CA, or uses the one there, and "
                                             "certificates for [peer] tls_*");
  certs->add_option("nodes", line.certified, "Their ids ([node] id)")->required();
  certs->callback([&line] {
    line.chosen = [&line] { return make_dev_certificates(line.dev.dir, line.certified); };
  });
}

} // namespace

void describe_command_line(CLI::App& app, command_line& line) {
  add_shared_options(app, line);
  add_commands(app, line);
  add_cluster_commands(app, line);
  add_data_commands(app, line);
  add_node_commands(app, line);
  add_dev_commands(app, line);
}

} // namespace grape::ctl
