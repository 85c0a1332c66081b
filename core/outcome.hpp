#pragma once

#include "core/check.hpp"
#include "core/status.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace grape {

/// A value of type T, or the status that explains why there is none. Never holds an ok status.
template <class T>
class [[nodiscard]] outcome {
  static_assert(!std::is_same_v<std::remove_cv_t<T>, status>, "return a plain status instead");

public:
  using value_type = T;

  outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {
  }

  outcome(status error) : state_(std::in_place_index<1>, std::move(error)) {
    GRAPE_CHECK(!std::get<1>(state_).ok());
  }

  outcome(errc code, std::string detail) : outcome(status{code, std::move(detail)}) {
  }

  bool ok() const noexcept { return state_.index() == 0; }

  explicit operator bool() const noexcept { return ok(); }

  T& value() & {
    GRAPE_CHECK(ok());
    return *std::get_if<0>(&state_);
  }

  const T& value() const& {
    GRAPE_CHECK(ok());
    return *std::get_if<0>(&state_);
  }

  T&& value() && {
    GRAPE_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const status& error() const& {
    GRAPE_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }

  status error() && {
    GRAPE_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

private:
  std::variant<T, status> state_;
};

} // namespace grape
