#include "actors/system.hpp"

#include "net/tls_files.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/manager.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace grape::actors {

namespace {

using namespace std::chrono_literals;

// An unlimited throughput lets one busy mailbox starve all others.
constexpr std::size_t throughput = 10;
constexpr std::size_t throughput_max = 1'000;

// Without heartbeats a cut link is never noticed; a large message must get through between two.
constexpr caf::timespan heartbeat_interval{500ms};
constexpr caf::timespan heartbeat_interval_max{10s};
constexpr caf::timespan connection_timeout{2s};

constexpr const char* throughput_key = "scheduler.max-throughput";
constexpr const char* heartbeat_key = "middleman.heartbeat-interval";
constexpr const char* timeout_key = "middleman.connection-timeout";

status lacks(std::string_view what, std::string_view more = {}) {
  std::string why{"the actor system was not prepared for Grape (grape::prepare on its "
                  "configuration, before it is made): "};
  why.append(what).append(more);
  return {errc::bad_config, std::move(why)};
}

status check_heartbeats(const caf::actor_system_config& config) {
  const auto interval = caf::get_or(config, heartbeat_key, caf::timespan{0});
  const auto timeout = caf::get_or(config, timeout_key, caf::timespan{0});
  if (interval <= caf::timespan{0} || interval > heartbeat_interval_max)
    return lacks(heartbeat_key, " must be above 0 and at most 10 s");
  if (timeout < connection_timeout || timeout < 3 * interval)
    return lacks(timeout_key, " must be at least 2 s, and at least 3 heartbeats");
  return {};
}

status check_tls(const caf::actor_system& system, const peer_settings& peer) {
  const auto& config = system.config();
  if (!system.has_openssl_manager())
    return lacks("it has no OpenSSL module, but the node is to speak TLS");
  if (config.openssl_certificate != peer.tls_cert || config.openssl_key != peer.tls_key
      || config.openssl_cafile != peer.tls_ca)
    return lacks("its TLS files are other ones than those the node was given");
  return {};
}

} // namespace

system_config::system_config(std::size_t threads, const peer_settings& peer) {
  prepare(*this, peer);
  if (threads == 0)
    threads = std::max<std::size_t>(std::thread::hardware_concurrency(), 2);
  set("scheduler.policy", caf::atom("sharing")); // Halves the latency of a hop.
  set("scheduler.max-threads", threads);
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

void prepare(caf::actor_system_config& config, const peer_settings& peer) {
  config.load<caf::io::middleman>();
  if (uses_tls(peer)) {
    config.load<caf::openssl::manager>();
    config.openssl_certificate = peer.tls_cert;
    config.openssl_key = peer.tls_key;
    config.openssl_cafile = peer.tls_ca;
  }
  config.add_message_types<caf::id_block::grape>();
  config.add_error_category(caf::atom("grape"),
                            [](std::uint8_t code, caf::atom_value, const caf::message& context) {
                              status shown{static_cast<errc>(code), {}};
                              if (!context.empty() && context.match_element<std::string>(0))
                                shown.detail = context.get_as<std::string>(0);
                              return to_string(shown);
                            });
  config.set(throughput_key, throughput);
  config.set(heartbeat_key, heartbeat_interval);
  config.set(timeout_key, connection_timeout);
}

status check_prepared(const caf::actor_system& system, const peer_settings& peer, bool is_member) {
  const auto& config = system.config();
  if (!system.types().make_value("grape::actors::link_frame"))
    return lacks("it does not know Grape's message types");
  const status probe{errc::closed, "as a test"};
  if (system.render(to_error(probe)) != to_string(probe))
    return lacks("it does not know Grape's errors");
  if (caf::get_or(config, throughput_key, throughput_max + 1) > throughput_max)
    return lacks(throughput_key, " must be at most 1,000");
  if (!is_member)
    return {};
  if (!system.has_middleman())
    return lacks("it has no middleman");
  if (caf::get_or(config, "middleman.enable-automatic-connections", false))
    return lacks("middleman.enable-automatic-connections opens a port that anybody may use");
  if (auto good = check_heartbeats(config); !good.ok() || !uses_tls(peer))
    return good;
  return check_tls(system, peer);
}

} // namespace grape::actors
