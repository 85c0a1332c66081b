#include "actors/remote/dialler.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/middleman_actor.hpp>

#include <charconv>

namespace grape::actors {

endpoint parse_endpoint(const std::string& address) {
  endpoint made;
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return made;
  made.host = address.substr(0, colon);
  if (made.host.size() > 2 && made.host.front() == '[' && made.host.back() == ']')
    made.host = made.host.substr(1, made.host.size() - 2);
  (void)std::from_chars(address.data() + colon + 1, address.data() + address.size(), made.port);
  return made;
}

caf::io::middleman_actor make_own_middleman(caf::actor_system& system, bool by_tls) {
  const auto connections = caf::actor_cast<caf::actor>(
      system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP")));
  return by_tls ? caf::openssl::make_middleman_actor(system, connections)
                : caf::io::make_middleman_actor(system, connections);
}

caf::io::middleman_actor shared_middleman(caf::actor_system& system, bool by_tls) {
  return by_tls ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
}

dialler::~dialler() {
  if (middleman_)
    caf::anon_send_exit(middleman_, caf::exit_reason::user_shutdown);
}

void dialler::begin(std::uint64_t now_ms, found_fn found) {
  found_ = std::move(found);
  probe_ = std::make_unique<tcp_probe>(to_.host, to_.port);
  probe_until_ms_ = now_ms + probe_ms_max;
}

std::optional<std::uint64_t> dialler::wake_ms(std::uint64_t now_ms) const noexcept {
  return probe_ ? std::optional{now_ms + probe_look_ms} : std::nullopt;
}

void dialler::done(outcome<caf::strong_actor_ptr> door) {
  if (const auto found = std::exchange(found_, nullptr))
    found(std::move(door));
}

} // namespace grape::actors
