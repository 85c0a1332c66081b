#pragma once

#include "actors/house.hpp"
#include "core/outcome.hpp"
#include "net/gateway_port.hpp"

#include <memory>
#include <utility>

namespace grape::actors {

/// A callback that is called exactly once: by whoever has the answer, or, if everybody who could
/// have had it is gone, by its own destruction with a fixed status.
template <class T>
class answer_once {
public:
  answer_once(reply_to<T> reply, status when_lost)
    : reply_(std::move(reply))
    , when_lost_(std::move(when_lost)) {
  }

  answer_once(const answer_once&) = delete;
  answer_once& operator=(const answer_once&) = delete;

  ~answer_once() {
    if (reply_)
      reply_(outcome<T>{std::move(when_lost_)});
  }

  void operator()(outcome<T> answer) {
    if (const auto reply = std::exchange(reply_, nullptr))
      reply(std::move(answer));
  }

private:
  reply_to<T> reply_;
  status when_lost_;
};

template <class T>
std::shared_ptr<answer_once<T>> once(reply_to<T> reply, status when_lost) {
  return std::make_shared<answer_once<T>>(std::move(reply), std::move(when_lost));
}

/// What a reader is told if nobody is left to answer.
inline status lost_read(const house& home) {
  if (home.closing)
    return {errc::closed, "the node is closing"};
  return {errc::unavailable, "the part of the node that answers is being renewed"};
}

/// The same for whoever wanted a change: decided when it is asked, so that a node which is closing
/// already can say that surely nothing was applied.
inline status lost_write(const house& home) {
  if (home.closing)
    return {errc::closed, "the node is closing"};
  return {errc::commit_unknown, "the answer to this write was lost; it may have taken effect"};
}

} // namespace grape::actors
