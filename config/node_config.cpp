#include "config/node_config.hpp"

#include <algorithm>
#include <chrono>

namespace grape {

http::server_options server_options_of(const http_settings& from) {
  http::server_options to;
  to.bind = from.bind;
  to.port = from.port;
  to.io_threads = from.io_threads;
  to.connections_max = from.connections_max;
  to.in_flight_max = from.in_flight_max;
  to.header_bytes_max = from.header_bytes_max;
  to.body_bytes_max = from.body_bytes_max;
  to.body_bytes_in_flight_max = from.body_bytes_in_flight_max;
  to.uploads.bytes_max = from.upload_bytes_max;
  to.answer_bytes_in_flight_max = from.answer_bytes_in_flight_max;
  to.enable_cors = from.enable_cors;
  to.idle_timeout = std::chrono::seconds{from.idle_timeout_s};
  return to;
}

bool uses_tls(const peer_settings& of) noexcept {
  return !of.tls_cert.empty();
}

bool is_clustered(const cluster_settings& of) noexcept {
  return of.founders.size() > 1 || !of.join.empty();
}

std::vector<founder> founders_in_order(const cluster_settings& of) {
  auto all = of.founders;
  std::sort(all.begin(), all.end(),
            [](const founder& left, const founder& right) { return left.id < right.id; });
  return all;
}

std::string advertised_address(const node_config& of) {
  if (!of.peer.advertise.empty())
    return of.peer.advertise;
  const auto& founders = of.cluster.founders;
  const auto own = std::find_if(founders.begin(), founders.end(),
                                [&of](const auto& each) { return each.id == of.node.id; });
  return own != founders.end() ? own->address : of.peer.bind + ":" + std::to_string(of.peer.port);
}

std::string advertised_http_address(const node_config& of) {
  if (!of.http.advertise.empty())
    return of.http.advertise;
  const bool is_v6 = of.http.bind.find(':') != std::string::npos;
  auto host = is_v6 ? "[" + of.http.bind + "]" : of.http.bind;
  if (of.http.bind == "0.0.0.0" || of.http.bind == "::")
    if (const auto peer = advertised_address(of); is_clustered(of.cluster))
      host = peer.substr(0, peer.rfind(':'));
  return host + ":" + std::to_string(of.http.port);
}

} // namespace grape
