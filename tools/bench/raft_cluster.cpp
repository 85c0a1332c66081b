#include "tools/bench/raft_cluster.hpp"

#include "tools/bench/child_process.hpp"
#include "tools/bench/http_node.hpp"
#include "tools/bench/stopwatch.hpp"

#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

namespace grape::bench {

namespace fs = std::filesystem;

namespace {

constexpr auto collection = "/collections/raft";
constexpr auto commit_name = "grape_raft_commit_seconds";
constexpr auto leaderless_name = "grape_raft_leaderless_seconds";
constexpr auto port = "21733";
constexpr std::size_t nodes_wanted = 3;

/// A cluster of `grapectl dev` in one folder, ended with this.
class dev_cluster {
public:
  explicit dev_cluster(const std::string& folder)
    : folder_(folder) {}

  ~dev_cluster() { (void)run({"down"}); }
  dev_cluster(const dev_cluster&) = delete;
  dev_cluster& operator=(const dev_cluster&) = delete;

  /// Starts whoever does not run. Errors: io_error.
  status up() {
    const auto told = run({"up", "-n", std::to_string(nodes_wanted), "--port", port});
    for (const auto& line : told) {
      std::istringstream words{line};
      std::string name;
      std::string url;
      if (words >> name >> url; url.starts_with("http://"))
        if (const auto where = read_url(url))
          nodes[name] = *where;
    }
    return nodes.size() == nodes_wanted
               ? status{}
               : status{errc::io_error, "`grapectl dev up` did not start a cluster"};
  }

  void kill(const std::string& node) { (void)run({"kill", node}); }

  /// Asks one node once. Errors: as of http_node.
  outcome<std::string> ask(const std::string& node, std::string_view method,
                           const std::string& path, std::string_view body = {}) const {
    auto asked = http_node::at(nodes.at(node));
    return asked ? asked->ask(method, path, body) : outcome<std::string>{asked.error()};
  }

  std::map<std::string, http_address> nodes;

private:
  std::vector<std::string> run(std::vector<std::string> words) const {
    std::error_code ignored;
    const auto beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / "grapectl";
    words.insert(words.begin(), {"dev", "--dir", folder_});
    std::vector<std::string> said;
    if (auto program = child_process::start(beside.string(), words))
      while (auto line = (*program)->receive())
        said.push_back(*std::move(line));
    return said;
  }

  std::string folder_;
};

std::string upsert(std::size_t id) {
  return R"({"points":[{"id":)" + std::to_string(id) + R"(,"vector":[1,2,3,4]}]})";
}

outcome<std::string> write(const dev_cluster& in, const std::string& node, std::size_t id) {
  return in.ask(node, "PUT", std::string{collection} + "/points?wait=true", upsert(id));
}

/// Who leads the only shard; asks until somebody says so.
outcome<std::string> leader_of(const dev_cluster& in) {
  const stopwatch clock;
  while (clock.wall() < 30)
    for (const auto& [name, where] : in.nodes)
      if (const auto told = in.ask(name, "GET", std::string{collection} + "/cluster");
          told && told->find(R"("role":"leader")") != std::string::npos)
        return name;
  return status{errc::timed_out, "nobody leads the shard"};
}

outcome<bucket_counts> histogram_of(const dev_cluster& in, const std::string& node,
                                    const std::string& name) {
  auto text = in.ask(node, "GET", "/metrics");
  if (!text)
    return std::move(text).error();
  return histogram_in(*text, name);
}

status measure_writes(const dev_cluster& in, double seconds, raft_cluster_figures& into) {
  const auto leader = leader_of(in);
  if (!leader)
    return leader.error();
  auto client = http_node::at(in.nodes.at(*leader));
  auto before = histogram_of(in, *leader, commit_name);
  if (!client || !before)
    return client ? before.error() : client.error();
  const stopwatch whole;
  for (std::size_t id = 0; whole.wall() < seconds; ++id) {
    const stopwatch one;
    if (auto done = client->ask("PUT", std::string{collection} + "/points?wait=true", upsert(id));
        !done)
      return done.error();
    into.write_s.push_back(one.wall());
  }
  auto after = histogram_of(in, *leader, commit_name);
  if (!after)
    return after.error();
  after->subtract(*before);
  into.commit = *std::move(after);
  return {};
}

status measure_kill(dev_cluster& in, raft_cluster_figures& into) {
  const auto leader = leader_of(in);
  if (!leader)
    return leader.error();
  std::map<std::string, bucket_counts> survivors;
  for (const auto& [name, where] : in.nodes)
    if (name != *leader)
      if (auto before = histogram_of(in, name, leaderless_name))
        survivors[name] = *std::move(before);
  if (survivors.size() + 1 != in.nodes.size())
    return {errc::internal, "a node does not tell its metrics"};
  in.kill(*leader);
  const stopwatch clock;
  auto done = write(in, survivors.begin()->first, 1);
  while (!done && clock.wall() < 30)
    done = write(in, survivors.begin()->first, 1);
  if (!done)
    return done.error();
  into.failover_s.push_back(clock.wall());
  for (const auto& [name, before] : survivors) {
    auto after = histogram_of(in, name, leaderless_name);
    if (!after)
      return after.error();
    after->subtract(before);
    into.leaderless.add(*after);
  }
  return in.up();
}

} // namespace

outcome<raft_cluster_figures> measure_raft_cluster(const raft_cluster_options& options) {
  raft_cluster_figures figures;
  dev_cluster cluster{options.folder};
  auto done = cluster.up();
  if (done.ok())
    if (auto made = cluster.ask(cluster.nodes.begin()->first, "PUT", collection,
                                R"({"vectors":{"size":4,"distance":"Dot"},"shard_number":1,)"
                                R"("replication_factor":3})");
        !made)
      done = made.error();
  if (done.ok())
    done = measure_writes(cluster, options.seconds, figures);
  for (std::uint32_t i = 0; i < options.kills && done.ok(); ++i) {
    std::cerr << "the leader is killed, " << i + 1 << " of " << options.kills << '\n';
    done = measure_kill(cluster, figures);
  }
  if (!done.ok())
    return done;
  return figures;
}

} // namespace grape::bench
