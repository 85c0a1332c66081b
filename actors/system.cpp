#include "actors/system.hpp"

#include "net/tls_files.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/manager.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace grape::actors {

system_config::system_config(std::size_t threads, const peer_settings& peer) {
  using namespace std::chrono_literals;
  load<caf::io::middleman>();
  if (uses_tls(peer)) {
    load<caf::openssl::manager>();
    openssl_certificate = peer.tls_cert;
    openssl_key = peer.tls_key;
    openssl_cafile = peer.tls_ca;
  }
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

status check_peer(const peer_settings& peer) {
  if (!uses_tls(peer))
    return {};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  if (auto good = check_tls_files({peer.tls_cert, peer.tls_key, peer.tls_ca}, now_s); !good.ok())
    return good;
  return require_tls_1_3();
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
