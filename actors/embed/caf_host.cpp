#include "grape/caf_host.hpp"

#include "actors/system.hpp"

namespace grape {

void prepare(caf::actor_system_config& config) {
  actors::prepare(config);
}

void prepare(caf::actor_system_config& config, const cluster_options& member) {
  peer_settings peer;
  peer.tls_cert = member.tls_cert;
  peer.tls_key = member.tls_key;
  peer.tls_ca = member.tls_ca;
  actors::prepare(config, peer);
}

} // namespace grape
