#pragma once

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace grape::actors {

/// The requests of one actor that have no answer yet, for those that come by the thousand. A timer
/// of CAF's stays in its clock until it runs out, answered or not: at ten thousand requests a
/// second and a minute of patience that is half a gigabyte, and each of them wakes the clock's
/// thread. Here a request costs an entry while it is open, and `look` ends what is overdue.
class patience {
public:
  /// Asks; exactly one of `then(Answer&)` and `otherwise(caf::error&)` is called, the latter with
  /// sec::request_timeout at the first `look` after `within`.
  template <class Answer, class Self, class Handle, class Message, class Then, class Otherwise>
  void ask(Self* self, const Handle& whom, std::chrono::milliseconds within, Message&& message,
           Then then, Otherwise otherwise) {
    const auto handle
      = self->request(whom, without_timer(), std::forward<Message>(message));
    const auto number = handle.id().integer_value();
    open_.emplace(number, waiting{handle.id(), self->clock().now() + within});
    handle.then(
      [this, number, then = std::move(then)](Answer& answer) mutable {
        open_.erase(number);
        then(answer);
      },
      [this, number, otherwise = std::move(otherwise)](caf::error& why) mutable {
        open_.erase(number);
        otherwise(why);
      });
  }

  /// Called at each of TICKER's beats.
  template <class Self>
  void look(Self* self) {
    const auto now = self->clock().now();
    for (const auto& [number, one] : open_)
      if (one.until <= now)
        self->eq_impl(one.id, self->ctrl(), self->context(),
                      caf::make_error(caf::sec::request_timeout));
  }

  std::size_t open() const noexcept { return open_.size(); }

private:
  struct waiting {
    caf::message_id id;
    caf::actor_clock::time_point until;
  };

  /// An invalid duration sets no timer in CAF 0.17.6.
  static caf::duration without_timer() { return {}; }

  std::unordered_map<std::uint64_t, waiting> open_;
};

} // namespace grape::actors
