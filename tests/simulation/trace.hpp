#pragma once

#include "core/raft/output.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/event_queue.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace grape::simulation {

constexpr std::uint32_t no_node = ~std::uint32_t{0};

/// One thing that happened. A field that an event does not use is zero or empty.
struct record {
  instant at = 0;
  std::string_view event;        ///< "deliver", "crash", ...; a literal.
  std::uint32_t node = no_node;  ///< Numbered from 0; replica ids are one higher.
  std::uint32_t other = no_node; ///< Of a message: the sender.
  std::string_view what;         ///< The kind of message, of partition, ...; a literal.
  instant since = 0;             ///< Of a message: when it was sent.
  std::uint64_t index = 0;
  std::uint64_t count = 0;

  // The node afterwards; not said while it is down.
  bool up = false;
  raft::role role{};
  std::uint64_t term = 0;
  std::uint64_t commit = 0;
  std::uint64_t applied = 0;
  std::uint64_t last = 0;
};

/// One line of JSON without its end.
std::string to_json(const record& of);

std::string_view to_string(raft::role role) noexcept;
std::string_view to_string(raft::message_kind kind) noexcept;

/// Where everything that happens goes: always into a digest, and to a sink if there is one.
class trace {
public:
  explicit trace(std::function<void(const record&)> sink)
    : sink_(std::move(sink)) {}

  void add(const record& next) {
    digest_ = mixed(digest_, next.at);
    digest_ = mixed(digest_, std::uint64_t{next.node} << 32 | next.other);
    digest_ = mixed(digest_, next.since ^ next.index << 20 ^ next.count << 44);
    digest_ = mixed(digest_, next.term ^ next.commit << 24 ^ next.last << 48);
    digest_ = mixed(digest_, next.event.size() << 8 ^ next.what.size());
    if (sink_)
      sink_(next);
  }

  std::uint64_t digest() const noexcept { return digest_; }

private:
  std::function<void(const record&)> sink_;
  std::uint64_t digest_ = 0;
};

} // namespace grape::simulation
