#pragma once

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "net/tcp_probe.hpp"

#include <caf/io/middleman_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace grape::actors {

/// host:port, taken apart.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// Needs `address` as the configuration allows it; port 0 if it is not host:port.
endpoint parse_endpoint(const std::string& address);

/// One way to one DOOR. CAF connects by a blocking call, one at a time for each middleman actor: so
/// each peer has one of its own, and it is asked only when somebody listens at the address. Used by
/// its actor alone.
class dialler {
public:
  /// Called in the actor: the door found, or why there is none.
  using found_fn = std::function<void(outcome<caf::strong_actor_ptr>)>;

  dialler(endpoint to, bool by_tls)
    : to_(std::move(to))
    , by_tls_(by_tls) {}

  /// Gives the middleman actor up; one that hangs in a call ends later.
  ~dialler();

  dialler(const dialler&) = delete;
  dialler& operator=(const dialler&) = delete;

  bool is_busy() const noexcept { return probe_ || is_connecting_; }

  /// Needs `!is_busy()`. `found` is called exactly once, unless the actor ends before.
  void begin(std::uint64_t now_ms, found_fn found);

  /// When to call `look` while nothing else happens.
  std::optional<std::uint64_t> wake_ms(std::uint64_t now_ms) const noexcept;

  template <class Self>
  void look(Self* self, std::uint64_t now_ms);

private:
  template <class Self>
  void connect(Self* self);

  void done(outcome<caf::strong_actor_ptr> door);

  endpoint to_;
  bool by_tls_;
  std::unique_ptr<tcp_probe> probe_;
  std::uint64_t probe_until_ms_ = 0;
  bool is_connecting_ = false;
  found_fn found_;
  caf::io::middleman_actor middleman_;
};

/// A middleman actor on a thread of its own, over the connections that all share.
caf::io::middleman_actor make_own_middleman(caf::actor_system& system, bool by_tls);

/// The one that all share: for listening.
caf::io::middleman_actor shared_middleman(caf::actor_system& system, bool by_tls);

/// So long a probe may take, in milliseconds.
inline constexpr std::uint64_t probe_ms_max = 2'000;
inline constexpr std::uint64_t probe_look_ms = 10;

/// CAF's blocking call ends by itself, at the latest after about two minutes; until then another
/// attempt would only queue behind it.
inline constexpr std::chrono::seconds connect_timeout{150};

template <class Self>
void dialler::look(Self* self, std::uint64_t now_ms) {
  if (!probe_)
    return;
  const auto seen = probe_->look();
  if (seen.ok() && *seen == tcp_probe::answer::pending && now_ms < probe_until_ms_)
    return;
  const auto is_silent = seen.ok() && *seen == tcp_probe::answer::pending;
  probe_ = nullptr;
  if (!seen.ok())
    done(seen.error());
  else if (is_silent)
    done(status{errc::unavailable, "nobody answers there"});
  else
    connect(self);
}

template <class Self>
void dialler::connect(Self* self) {
  if (!middleman_)
    middleman_ = make_own_middleman(self->system(), by_tls_);
  is_connecting_ = true;
  self->request(middleman_, connect_timeout, caf::connect_atom_v, to_.host, to_.port)
      .then(
          [this](const caf::node_id&, const caf::strong_actor_ptr& door,
                 const std::set<std::string>&) {
            is_connecting_ = false;
            if (door)
              done(door);
            else
              done(status{errc::unavailable, "somebody listens there, but is no node"});
          },
          [this](const caf::error& why) {
            is_connecting_ = false;
            done(status{errc::unavailable, describe(why)});
          });
}

} // namespace grape::actors
