#include "actors/system.hpp"

#include <caf/io/all.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace grape::actors {

system_config::system_config(std::size_t threads) {
  using namespace std::chrono_literals;
  load<caf::io::middleman>();
  add_message_types<caf::id_block::grape>();
  prepare(*this);
  if (threads == 0)
    threads = std::max<std::size_t>(std::thread::hardware_concurrency(), 2);
  // Sharing halves the latency of a hop; an unlimited throughput lets one busy mailbox starve all
  // others; without heartbeats a cut link is never noticed.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-throughput", std::size_t{10});
  set("scheduler.max-threads", threads);
  set("middleman.heartbeat-interval", caf::timespan{500ms});
  set("middleman.connection-timeout", caf::timespan{2s});
}

void prepare(caf::actor_system_config& config) {
  config.add_error_category(caf::atom("grape"),
                            [](std::uint8_t code, caf::atom_value, const caf::message& context) {
                              status shown{static_cast<errc>(code), {}};
                              if (!context.empty() && context.match_element<std::string>(0))
                                shown.detail = context.get_as<std::string>(0);
                              return to_string(shown);
                            });
}

} // namespace grape::actors
