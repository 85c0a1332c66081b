#include "tools/grapectl/dev.hpp"

#include "tools/grapectl/conversation.hpp"
#include "tools/grapectl/dev_folder.hpp"
#include "tools/grapectl/dev_network.hpp"
#include "tools/grapectl/tables.hpp"

#include <algorithm>
#include <csignal>
#include <functional>
#include <iostream>
#include <set>
#include <thread>

#include <sys/wait.h>

namespace grape::ctl {

namespace {

using namespace std::chrono_literals;

exit_code fail(const std::string& why) {
  std::cerr << "grapectl dev: " << why << "\n";
  return exit_code::refused;
}

std::filesystem::path folder_of(const dev_options& wanted) {
  return std::filesystem::absolute(wanted.dir);
}

std::string program_of(const dev_options& wanted) {
  if (!wanted.graped.empty())
    return std::filesystem::absolute(wanted.graped).string();
  std::error_code ignored;
  return (std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "graped")
      .string();
}

/// Looks until `done`, or until there is no time left.
bool wait_until(std::chrono::steady_clock::time_point end, const std::function<bool()>& done) {
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

/// Ready, connected to all others, and told where they answer.
bool is_up(const dev_node& node) {
  const auto ready = ask(node.http, {}, {"GET", "/readyz", ""}, 1s);
  if (!ready || ready->status != 200)
    return false;
  const auto nodes = ask(node.http, {}, {"GET", "/grape/v1/nodes", ""}, 1s);
  const auto tree = nodes && nodes->status == 200 ? tree_of(nodes->body) : std::nullopt;
  if (!tree)
    return false;
  if (const auto* all = at(*tree, {"result", "nodes"}).as_array())
    for (const auto& each : *all)
      if (at(each, {"state"}) != payload::value{"removed"}
          && (at(each, {"connected"}) != payload::value{true}
              || at(each, {"http_address"}) == payload::value{""}))
        return false;
  return true;
}

/// The node's process ended: what it said last stands in its log.
bool has_ended(const dev_node& node) {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {}
  return process_of(node) == 0;
}

exit_code wait_for_all(const std::vector<dev_node>& nodes, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (const auto& node : nodes) {
    bool ended = false;
    const bool up = wait_until(end, [&] {
      ended = has_ended(node);
      return ended || is_up(node);
    });
    if (ended)
      return fail(node.name + " ended; see " + node.log.string());
    if (!up)
      return fail(node.name + " is not ready after " + std::to_string(patience.count()) + " s; see "
                  + node.log.string());
  }
  return exit_code::ok;
}

void print_nodes_of(const std::vector<dev_node>& nodes) {
  std::vector<row> rows{{"NODE", "URL", "PID", "LOG"}};
  for (const auto& node : nodes)
    rows.push_back(
        {node.name, node.http.url(), std::to_string(process_of(node)), node.log.string()});
  std::cout << table_of(rows);
}

/// All nodes of the folder; says so if there are none.
exit_code load(const dev_options& wanted, std::vector<dev_node>& into) {
  auto found = dev_nodes_in(folder_of(wanted));
  if (!found)
    return fail(found.error().detail);
  if (found->empty())
    return fail(folder_of(wanted).string() + " has no nodes: `grapectl dev up` makes some");
  into = *std::move(found);
  return exit_code::ok;
}

std::uint32_t count_of(const std::vector<dev_node>& nodes) {
  return static_cast<std::uint32_t>(nodes.size());
}

/// By name, or by number alone.
bool is_called(const dev_node& node, const std::string& name) {
  return node.name == name || node.name == "n" + name;
}

exit_code no_such_node(const dev_options& wanted, const std::string& name) {
  return fail("there is no node `" + name + "` in " + folder_of(wanted).string());
}

/// As `load`, of nodes that can be cut off.
exit_code load_private(const dev_options& wanted, std::vector<dev_node>& into) {
  if (const auto code = load(wanted, into); code != exit_code::ok)
    return code;
  if (!is_private(into))
    return fail("the nodes of " + folder_of(wanted).string()
                + " share one network; `dev up --private-networks` in a new folder gives each "
                  "its own");
  return exit_code::ok;
}

} // namespace

exit_code dev_up(const dev_options& wanted) {
  const auto dir = folder_of(wanted);
  const auto before = dev_nodes_in(dir);
  const auto make = wanted.private_networks ? make_private_dev_nodes : make_dev_nodes;
  if (before && before->empty())
    if (const auto made = make(dir, wanted.nodes, wanted.port); !made.ok())
      return fail(made.detail);
  std::vector<dev_node> nodes;
  if (const auto code = load(wanted, nodes); code != exit_code::ok)
    return code;
  if (is_private(nodes))
    if (const auto raised = dev_network{dir}.raise(count_of(nodes)); !raised.ok())
      return fail(raised.detail + " (networks of their own need root and iproute2)");
  for (const auto& node : nodes)
    if (process_of(node) == 0)
      if (const auto started = start_process(node, program_of(wanted)); !started.ok())
        return fail(started.detail);
  // The program's name stands in /proc only once the child has become it.
  for (const auto& node : nodes)
    (void)wait_until(std::chrono::steady_clock::now() + 1s,
                     [&node] { return process_of(node) != 0; });
  if (const auto code = wait_for_all(nodes, wanted.patience); code != exit_code::ok)
    return code;
  print_nodes_of(nodes);
  return exit_code::ok;
}

exit_code dev_down(const dev_options& wanted) {
  std::vector<dev_node> nodes;
  if (const auto code = load(wanted, nodes); code != exit_code::ok)
    return code;
  for (const auto& node : nodes)
    if (const auto pid = process_of(node); pid != 0) {
      ::kill(pid, SIGTERM);
      ::kill(pid, SIGCONT); // One that is paused cannot end.
    }
  const auto end = std::chrono::steady_clock::now() + 15s;
  auto code = exit_code::ok;
  for (const auto& node : nodes) {
    const auto pid = process_of(node);
    if (wait_until(end, [&node] { return process_of(node) == 0; }))
      continue;
    ::kill(pid, SIGKILL);
    code = fail(node.name + " did not end in time and was killed; see " + node.log.string());
  }
  if (is_private(nodes))
    dev_network{folder_of(wanted)}.remove(count_of(nodes));
  return code;
}

exit_code dev_signal(const dev_options& wanted, const std::string& node, const std::string& how) {
  std::vector<dev_node> nodes;
  if (const auto code = load(wanted, nodes); code != exit_code::ok)
    return code;
  for (const auto& each : nodes) {
    if (!is_called(each, node))
      continue;
    const auto pid = process_of(each);
    if (pid == 0)
      return fail(each.name + " does not run");
    if (::kill(pid, how == "kill" ? SIGKILL : how == "pause" ? SIGSTOP : SIGCONT) != 0)
      return fail(each.name + ": the signal was refused");
    if (how == "kill" && !wait_until(std::chrono::steady_clock::now() + 5s, [&each] {
          return process_of(each) == 0;
        }))
      return fail(each.name + " does not end");
    return exit_code::ok;
  }
  return no_such_node(wanted, node);
}

exit_code dev_partition(const dev_options& wanted, const std::vector<std::string>& names) {
  std::vector<dev_node> nodes;
  if (const auto code = load_private(wanted, nodes); code != exit_code::ok)
    return code;
  std::set<std::uint32_t> apart;
  for (const auto& name : names) {
    const auto at = std::find_if(nodes.begin(), nodes.end(),
                                 [&name](const auto& node) { return is_called(node, name); });
    if (at == nodes.end())
      return no_such_node(wanted, name);
    apart.insert(static_cast<std::uint32_t>(at - nodes.begin()));
  }
  const dev_network network{folder_of(wanted)};
  auto done = network.heal(count_of(nodes));
  if (done.ok())
    done = network.cut(count_of(nodes), apart);
  return done.ok() ? exit_code::ok : fail(done.detail);
}

exit_code dev_heal(const dev_options& wanted) {
  std::vector<dev_node> nodes;
  if (const auto code = load_private(wanted, nodes); code != exit_code::ok)
    return code;
  const auto done = dev_network{folder_of(wanted)}.heal(count_of(nodes));
  return done.ok() ? exit_code::ok : fail(done.detail);
}

} // namespace grape::ctl
