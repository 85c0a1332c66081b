#pragma once

#include "net/gateway_port.hpp"
#include "net/http/access.hpp"
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

/// An answer as it left.
struct observation {
  verb method;
  std::string_view endpoint;   ///< The route's template; "" where no route matched.
  std::string_view collection; ///< As the path named it, decoded; "" where it did not.
  unsigned status = 0;
  double seconds = 0;
};

/// What the JSON API is told by the node.
struct api_options {
  /// Seconds on any steady clock; for `time` in every answer. Must not be empty.
  std::function<double()> now_s;

  /// Told once about every answer. May be empty; called from any thread.
  std::function<void(const observation&)> observe;

  collection_defaults collections{};

  /// Limit of a read that names none.
  std::uint32_t read_timeout_ms = 60'000;

  /// Who is let in; without keys everybody.
  access_keys keys{};

  /// Seconds since 1970, for the time of tokens. Must not be empty if `keys` accept tokens.
  std::function<std::uint64_t()> unix_s{};
};

struct call;
struct route;

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

  /// What becomes of the body of this request, of which the rest is there: who is not let in need
  /// not send it.
  body_plan plan_body(const request& asked) const;

private:
  void serve(const route& found, std::shared_ptr<call> from) const;

  gateway_port* house_;
  std::shared_ptr<const api_options> options_;
};

} // namespace grape::http
