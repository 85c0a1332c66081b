#pragma once

#include "actors/errors.hpp"

#include <caf/typed_response_promise.hpp>

#include <memory>
#include <utility>

namespace grape::actors {

/// An answer that this actor owes to whoever asked. CAF tells nobody when an actor falls with
/// promises in its hands, and the asker would wait for its timeout: this one is fulfilled with a
/// fixed status when its last copy goes, wherever that is kept (a queue, a response handler).
template <class T>
class owed {
public:
  owed() = default;

  /// Called in the handler of the request that is to be answered later.
  template <class Self>
  owed(Self* self, status when_lost)
    : debt_(std::make_shared<debt>(self->template make_response_promise<T>(),
                                   std::move(when_lost))) {
  }

  /// What the handler returns.
  operator caf::result<T>() const { return debt_->promise; }

  /// The first answer counts.
  void deliver(T answer) const {
    if (!std::exchange(debt_->paid, true))
      debt_->promise.deliver(std::move(answer));
  }

  void refuse(const caf::error& why) const {
    if (!std::exchange(debt_->paid, true))
      debt_->promise.deliver(why);
  }

  void refuse(const status& why) const { refuse(to_error(why)); }

  /// From now on a loss means something else: the question went further.
  void lost_means(status when_lost) const { debt_->when_lost = std::move(when_lost); }

private:
  struct debt {
    debt(caf::typed_response_promise<T> to, status loss)
      : promise(std::move(to))
      , when_lost(std::move(loss)) {
    }

    ~debt() {
      if (!paid)
        promise.deliver(to_error(when_lost));
    }

    debt(const debt&) = delete;
    debt& operator=(const debt&) = delete;

    caf::typed_response_promise<T> promise;
    status when_lost;
    bool paid = false;
  };

  std::shared_ptr<debt> debt_;
};

/// The actor that should answer fell; nothing was changed.
inline status fell() {
  return {errc::unavailable, "the part of the node that answers is being renewed"};
}

/// The actor that should answer fell; what was asked may have taken effect.
inline status fell_writing() {
  return {errc::commit_unknown, "the answer to this write was lost; it may have taken effect"};
}

} // namespace grape::actors
