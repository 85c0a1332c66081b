#pragma once

#include "config/node_config.hpp"
#include "core/metrics/node_metrics.hpp"
#include "core/outcome.hpp"
#include "net/gateway_port.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
} // namespace caf

namespace grape::actors {

/// A whole node in this process: actor system, actors, data directory. No CAF in this header.
class node {
public:
  /// Called once, from any thread, if the root floor fails: the node answers nothing any more and
  /// should be destroyed (not from inside this call).
  using failed_fn = std::function<void(status)>;

  /// Called with each sentence of `notes` as it comes, from any thread.
  using noted_fn = std::function<void(const std::string&)>;

  /// Opens the data directory and returns when every shard serves. `given_up` is asked several
  /// times a second while a node asks to be admitted to a cluster, on the calling thread; empty:
  /// nobody gives up. Errors: those of data_directory::open, bad_config (files of [peer] tls_*),
  /// cancelled (`given_up` said so), and whatever the root floor failed with.
  static outcome<std::unique_ptr<node>> start(const node_config& config, failed_fn failed,
                                              noted_fn noted = {},
                                              std::function<bool()> given_up = {});

  /// The same on the actor system of a host, which must outlive the node and goes on after it.
  /// Errors: also bad_config where `prepare` (system.hpp) was not called on its configuration.
  static outcome<std::unique_ptr<node>> start_on(caf::actor_system& host,
                                                 const node_config& config, failed_fn failed,
                                                 noted_fn noted = {});

  /// As `stop` with 10 seconds.
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Where to ask. Lives as long as the node; after `stop` it answers `closed`.
  gateway_port& port() noexcept;

  /// The same for threads that may be worked on: reads are searched by whoever asks, so that no
  /// other thread has to be woken, as long as no more than `search_threads` do so at once. They
  /// must call `work` after they asked, until it is false.
  gateway_port& port_on_callers() noexcept;

  /// Searches that run at once.
  std::size_t search_threads() const noexcept;

  /// Where the door counts its answers; lives as long as the node.
  metrics::node_metrics& metrics() noexcept;

  /// Where files that come with requests may lie; a start empties it.
  std::string folder_of_uploads() const;

  /// Sentences about what the start had to repair or give up.
  std::vector<std::string> notes() const;

  /// After the root floor failed: the cluster admitted this node by another number. It is to be
  /// destroyed and started once more.
  bool starts_again() const noexcept;

  /// Ends all actors in order, waits at most `within` for them, then kills. A second call does
  /// nothing. Whoever still waits for an answer gets one. If all ended in order, `ended` is called
  /// then: everything is on the disk, and what follows, closing the connections with other nodes,
  /// may last as long as one of them hangs. On the system of a host CAF keeps these connections:
  /// `stop` waits for the actors only, and if one is not gone `within`, the data directory stays
  /// locked until it is.
  void stop(std::chrono::milliseconds within, const std::function<void()>& ended = {});

private:
  struct parts;

  static outcome<std::unique_ptr<node>> begin(std::unique_ptr<parts> own,
                                              const node_config& config, failed_fn failed,
                                              noted_fn noted, std::function<bool()> given_up);

  explicit node(std::unique_ptr<parts> from);

  std::unique_ptr<parts> parts_;
};

} // namespace grape::actors
