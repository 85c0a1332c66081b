#pragma once

#include "actors/gateway.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace grape::actors {

/// What the CAF clients of one node share, and may pile up together. Thread-safe.
class client_room {
public:
  static constexpr std::size_t clients_max = 256;

  explicit client_room(const std::shared_ptr<house>& of)
    : bytes_max_(of->config.http.body_bytes_in_flight_max)
    , port_(of) {}

  /// Where their questions go.
  gateway_port& port() noexcept { return port_; }

  /// One client's place; it goes with the object.
  class place {
  public:
    explicit place(std::shared_ptr<client_room> of)
      : room_(std::move(of)) {}

    ~place() {
      room_->bytes_ -= bytes_;
      --room_->clients_;
    }

    place(const place&) = delete;
    place& operator=(const place&) = delete;

    client_room& room() noexcept { return *room_; }

    /// This client holds so many bytes here now. False: all together hold more than they may.
    bool holds(std::size_t bytes) noexcept {
      const auto before = std::exchange(bytes_, bytes);
      const auto now = room_->bytes_ += bytes - before; // Modulo 2^64, as is its inverse.
      return bytes <= before || now <= room_->bytes_max_;
    }

  private:
    std::shared_ptr<client_room> room_;
    std::size_t bytes_ = 0;
  };

  /// Null: there are as many clients as there may be.
  static std::shared_ptr<place> enter(const std::shared_ptr<client_room>& room) {
    if (++room->clients_ <= clients_max)
      return std::make_shared<place>(room);
    --room->clients_;
    return nullptr;
  }

private:
  const std::size_t bytes_max_;
  gateway port_;
  std::atomic<std::size_t> clients_{0};
  std::atomic<std::size_t> bytes_{0};
};

} // namespace grape::actors
