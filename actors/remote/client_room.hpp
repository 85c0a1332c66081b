#pragma once

#include "actors/gateway.hpp"
#include "core/client/places.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace grape::actors {

/// What the CAF clients of one node share, and may pile up together. Thread-safe.
class client_room {
public:
  explicit client_room(const std::shared_ptr<house>& of)
    : bytes_max_(of->config.http.body_bytes_in_flight_max)
    , port_(of) {}

  /// Where their questions go.
  gateway_port& port() noexcept { return port_; }

  /// One client's place; it goes with the object.
  class place {
  public:
    place(std::shared_ptr<client_room> of, client::place_number number)
      : room_(std::move(of))
      , number_(number) {}

    ~place() {
      room_->bytes_ -= bytes_;
      const std::lock_guard guard{room_->mutex_};
      room_->places_.leave(number_);
    }

    place(const place&) = delete;
    place& operator=(const place&) = delete;

    client_room& room() noexcept { return *room_; }

    /// The client said something that makes sense. False: too late.
    bool attach(std::uint64_t now_ms) {
      const std::lock_guard guard{room_->mutex_};
      return room_->places_.attach(number_, now_ms);
    }

    /// False: its client did not come in time, or another one has its place.
    bool is_kept(std::uint64_t now_ms) {
      const std::lock_guard guard{room_->mutex_};
      return room_->places_.is_kept(number_, now_ms);
    }

    /// This client holds so many bytes here now. False: all together hold more than they may.
    bool holds(std::size_t bytes) noexcept {
      const auto before = std::exchange(bytes_, bytes);
      const auto now = room_->bytes_ += bytes - before; // Modulo 2^64, as is its inverse.
      return bytes <= before || now <= room_->bytes_max_;
    }

  private:
    std::shared_ptr<client_room> room_;
    client::place_number number_;
    std::size_t bytes_ = 0;
  };

  /// For a client of `sender`. Errors: overloaded.
  static outcome<std::shared_ptr<place>> enter(const std::shared_ptr<client_room>& room,
                                               const std::string& sender, std::uint64_t now_ms) {
    const std::lock_guard guard{room->mutex_};
    const auto number = room->places_.enter(sender, now_ms);
    if (!number)
      return number.error();
    return std::make_shared<place>(room, *number);
  }

private:
  const std::size_t bytes_max_;
  gateway port_;
  std::mutex mutex_; // Protects the places.
  client::places places_{client::places_options{}};
  std::atomic<std::size_t> bytes_{0};
};

} // namespace grape::actors
