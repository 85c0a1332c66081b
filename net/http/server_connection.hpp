#pragma once

#include "net/http/server_state.hpp"
#include "net/http/server_task.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace grape::http {

/// A socket and the task that serves it. It belongs to no thread: whoever has news for it goes on
/// with its task, one thread at a time, as far as that news takes it. Only the server's own threads
/// read; an answer is written by the thread that has it.
class connection {
public:
  using clock = server_state::clock;

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// News from the poller, on one of the server's own threads outside of any handler.
  void ready(const readiness& told);

protected:
  // What has come and was not looked at yet.
  using news = std::uint32_t;
  static constexpr news running = 1; ///< A thread goes on with it, and sees what others add.
  static constexpr news readable = 2;
  static constexpr news writable = 4;
  static constexpr news answered = 8;
  static constexpr news aborted = 16; ///< Never taken back.
  static constexpr news ended = 32;   ///< The client sends no more. Never taken back.
  static constexpr news turn = 64;    ///< To go on after others.

  /// `co_await` it: false if the connection was aborted.
  struct wait_for {
    connection& of;
    news what;

    bool await_ready() const noexcept { return of.may_go_on(what); }
    void await_suspend(std::coroutine_handle<> waiter) const noexcept;
    bool await_resume() const noexcept;
  };

  /// Takes `socket` over.
  connection(std::shared_ptr<server_state> of, int socket);
  virtual ~connection();

  /// The whole life of the connection. It leaves the session table when this ends.
  virtual task<void> live() = 0;

  /// Begins to live, up to where it waits for the first byte. False: that was all, out of memory.
  bool begin_life(std::uint64_t key);

  /// From now on it hears of its socket, under its key. False: impossible.
  bool watch();

  /// Goes on with it on this thread, unless another one does or there is nothing to do.
  void tell(news more) { wake(more, thread_kind::foreign); }

  bool is_aborted() const noexcept { return (news_.load() & aborted) != 0; }

  /// Ends every wait, now and later, and both directions of the socket. False: it was so already.
  bool cut();

  /// Goes on on one of the server's own threads, after whatever waits for those. False: aborted.
  wait_for next_turn() noexcept;

  /// Waits for bytes; 0: there will be no more. Whoever sends without end lets others go first now
  /// and then.
  task<std::size_t> receive(std::span<char> into);

  /// False: the client cannot be reached any more.
  task<bool> write_all(std::string_view first, std::string_view second);

  /// No more will be written.
  void end_writing() noexcept;

  void allow(std::chrono::milliseconds time) { deadline_ = clock::now() + time; }

  const std::shared_ptr<server_state> shared_;
  server_state& state_;
  std::atomic<clock::time_point> deadline_{clock::time_point::max()};

private:
  enum class thread_kind : std::uint8_t { own, foreign };

  static constexpr news own_only = readable | turn;

  void wake(news more, thread_kind by);
  void go_on();
  bool may_go_on(news what) const noexcept;

  const int socket_;
  std::uint64_t key_ = 0;
  std::atomic<news> news_{0};

  // What follows belongs to the thread that goes on.
  std::optional<task<void>> life_;
  std::coroutine_handle<> next_; ///< Whoever waits, or goes on.
  news awaited_ = 0;             ///< What ends the wait; 0: nobody waits.
  bool on_own_thread_ = false;   ///< And others need not go first.
  std::size_t turn_bytes_ = 0;   ///< Read since it last waited.
  bool watches_writing_ = false;
};

} // namespace grape::http
