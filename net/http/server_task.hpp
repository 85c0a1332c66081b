#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace grape::http {

/// What every task of one chain shares: who goes on when the innermost one has ended.
struct task_promise {
  std::coroutine_handle<> caller;          ///< Null while the caller has not been suspended.
  std::coroutine_handle<>* next = nullptr; ///< Where to name whoever goes on.
  std::exception_ptr failed;

  struct ending {
    bool await_ready() const noexcept { return false; }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      const task_promise& of = ended.promise();
      if (of.caller)
        *of.next = of.caller;
    }

    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  ending final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failed = std::current_exception(); }
};

template <class T>
struct task_result : task_promise {
  std::optional<T> value;

  void return_value(T made) { value.emplace(std::move(made)); }
  T take() { return std::move(*value); }
};

template <>
struct task_result<void> : task_promise {
  void return_void() const noexcept {}
  void take() const noexcept {}
};

/// A function that may wait. It begins when it is awaited, on the thread of its caller; when it
/// has to wait, that thread returns to whoever resumed the outermost task. Whoever ends a wait
/// resumes the handle that waits and then, as long as one is named in the place that `begin` was
/// given, that one: no task resumes another, so that the stack never grows. Not thread-safe.
template <class T>
class [[nodiscard]] task {
public:
  struct promise_type : task_result<T> {
    task get_return_object() { return task{handle::from_promise(*this)}; }
  };

  using handle = std::coroutine_handle<promise_type>;

  task(task&& from) noexcept : own_(std::exchange(from.own_, nullptr)) {
  }

  ~task() {
    if (own_)
      own_.destroy();
  }

  task& operator=(task&&) = delete;

  /// For the outermost task: where whoever goes on is named. The first is this task itself.
  void begin(std::coroutine_handle<>& next) {
    own_.promise().next = &next;
    next = own_;
  }

  bool done() const { return own_.done(); }

  bool await_ready() const noexcept { return false; }

  /// False: it has ended without waiting.
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> caller) {
    task_promise& mine = own_.promise();
    mine.next = static_cast<task_promise&>(caller.promise()).next;
    own_.resume();
    if (own_.done())
      return false;
    mine.caller = caller;
    return true;
  }

  T await_resume() {
    if (own_.promise().failed)
      std::rethrow_exception(own_.promise().failed);
    return own_.promise().take();
  }

private:
  explicit task(handle own) noexcept : own_(own) {
  }

  handle own_;
};

} // namespace grape::http
