#include "tests/stress/hosts.hpp"

#include "tests/support/loopback_socket.hpp"

#include <future>

namespace grape::stress {

hosts::hosts(std::string folder, std::uint32_t nodes, bool hooks)
  : folder_(std::move(folder))
  , hooks_(hooks)
  , count_(nodes) {
  if (nodes > 1)
    peer_ports_ = testing::free_ports(nodes);
}

hosts::~hosts() {
  close();
}

// Everything that can be small is, so that files are cut, synced and begun anew all the time.
node_config hosts::config_of(std::uint32_t number) const {
  node_config made;
  const auto name = [](std::size_t of) { return "n" + std::to_string(of); };
  made.node = {name(number), folder_ + "/" + name(number), hooks_};
  made.http.port = 0;
  made.storage.cache_mb = 1;
  made.storage.write_buffer_mb = 1;
  made.storage.log_segment_mb = 1;
  made.storage.sync_interval_s = 1;
  made.storage.sync_interval_mb = 1;
  made.search.threads = 2;
  made.search.wait_ms_max = 600'000; // Slow programs are not overloaded ones.
  made.index.threads = 2;
  for (std::size_t i = 0; i < peer_ports_.size(); ++i)
    made.cluster.founders.push_back({name(i + 1), "127.0.0.1:" + std::to_string(peer_ports_[i])});
  if (!peer_ports_.empty())
    made.peer.port = peer_ports_[number - 1];
  return made;
}

status hosts::open() {
  std::vector<std::future<outcome<std::unique_ptr<actors::node>>>> starting;
  const auto note = [this](const std::string& said) {
    const std::lock_guard guard{mutex_};
    notes_.push_back(said);
  };
  const auto failed = [note](const status& why) { note("a node failed: " + to_string(why)); };
  for (std::uint32_t number = 1; number <= count_; ++number)
    starting.push_back(std::async(std::launch::async, [config = config_of(number), failed, note] {
      return actors::node::start(config, failed, note);
    }));
  status all;
  for (auto& each : starting) {
    auto started = each.get();
    if (started)
      nodes_.push_back(std::move(*started));
    else if (all.ok())
      all = started.error();
  }
  return all;
}

void hosts::close() {
  std::vector<std::future<void>> ending;
  for (auto& node : nodes_)
    ending.push_back(std::async(std::launch::async, [&node] { node = nullptr; }));
  ending.clear(); // Waits.
  nodes_.clear();
}

std::vector<gateway_port*> hosts::ports() const {
  std::vector<gateway_port*> all;
  for (const auto& node : nodes_)
    all.push_back(&node->port());
  return all;
}

std::vector<gateway_port*> hosts::ports_on_callers() const {
  std::vector<gateway_port*> all;
  for (const auto& node : nodes_)
    all.push_back(&node->port_on_callers());
  return all;
}

std::vector<std::string> hosts::notes() const {
  const std::lock_guard guard{mutex_};
  return notes_;
}

} // namespace grape::stress
