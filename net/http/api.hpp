#pragma once

#include "net/gateway_port.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace grape::http {

/// What a new collection has whose creation names none. Both at least 1.
struct collection_defaults {
  std::uint32_t shard_number = 1;
  std::uint32_t replication_factor = 1;
};

/// What the JSON API is told by the node.
struct api_options {
  /// Seconds on any steady clock; for `time` in every answer. Must not be empty.
  std::function<double()> now_s;

  /// Told once about every answer: `endpoint` is the route's template, e.g.
  /// "/collections/{collection_name}/points/query", or "" where no route matched. May be empty;
  /// called from any thread.
  std::function<void(verb method, std::string_view endpoint, unsigned status, double seconds)>
    observe;

  collection_defaults collections{};

  /// Limit of a read that names none.
  std::uint32_t read_timeout_ms = 60'000;
};

/// Qdrant's REST API, and Grape's own below /grape/v1, over the gateway: decodes a request, asks
/// the house once, encodes the answer. It decides nothing, keeps nothing and never waits; it takes
/// as long as the house does, which may work on the thread that asks.
class api {
public:
  /// `house` must outlive this and every answer still under way.
  api(gateway_port& house, api_options options);

  /// Answers every request exactly once, refusals included. Thread-safe; returns when the house
  /// does.
  void handle(request asked, respond_fn respond) const;

private:
  gateway_port* house_;
  std::shared_ptr<const api_options> options_;
};

} // namespace grape::http
