#include "tools/bench/http_load.hpp"

#include "core/check.hpp"
#include "tools/bench/stopwatch.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace grape::bench {

namespace {

constexpr double grace_s = 2;
constexpr double wait_s_max = 0.25; // Somebody may have had enough meanwhile.

/// One connection and what is under way on it.
struct lane {
  http_connection connection;
  double due_s = 0;
  bool busy = false;
};

class load_run {
public:
  explicit load_run(const load_plan& plan)
    : plan_(plan)
    , random_(plan.seed)
    , poller_(epoll_create1(EPOLL_CLOEXEC)) {
    GRAPE_CHECK(!plan.requests.empty() && plan.connections > 0 && poller_ >= 0);
  }

  load_run(const load_run&) = delete;
  load_run& operator=(const load_run&) = delete;

  ~load_run() { close(poller_); }

  outcome<load_result> run();

private:
  status connect();
  status watch(std::size_t number);
  status renew(std::size_t number);
  status send_due(double now);
  status take(std::size_t number, double now);
  status wait(double now);
  void plan_next();
  bool open_loop() const { return plan_.rate > 0; }

  load_plan plan_;
  std::mt19937_64 random_;
  int poller_;
  std::vector<lane> lanes_;
  std::vector<std::size_t> idle_;
  std::size_t sent_ = 0;
  double next_due_s_ = 0; // Beyond plan_.seconds: nothing more comes due.
  load_result result_;
  stopwatch clock_;
};

status load_run::connect() {
  for (std::size_t i = 0; i < plan_.connections; ++i) {
    auto made = http_connection::open(plan_.to);
    if (!made)
      return std::move(made).error();
    lanes_.push_back({.connection = std::move(*made)});
    if (auto watched = watch(i); !watched.ok())
      return watched;
    idle_.push_back(i);
  }
  return {};
}

status load_run::watch(std::size_t number) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = number;
  return epoll_ctl(poller_, EPOLL_CTL_ADD, lanes_[number].connection.descriptor(), &event) == 0
           ? status{}
           : status{errc::io_error, "epoll refuses a socket"};
}

/// A new connection in the place of a broken one; the old socket leaves the poller as it closes.
status load_run::renew(std::size_t number) {
  auto made = http_connection::open(plan_.to);
  if (!made)
    return std::move(made).error();
  lanes_[number].connection = std::move(*made);
  return watch(number);
}

void load_run::plan_next() {
  const auto chance = std::uniform_real_distribution<double>{1e-12, 1.0}(random_);
  next_due_s_ += -std::log(chance) / plan_.rate;
}

status load_run::send_due(double now) {
  if (!open_loop())
    next_due_s_ = now;
  while (!idle_.empty() && next_due_s_ <= now && next_due_s_ < plan_.seconds) {
    const auto number = idle_.back();
    idle_.pop_back();
    auto& lane = lanes_[number];
    lane.due_s = next_due_s_;
    lane.busy = true;
    if (open_loop())
      plan_next();
    if (!lane.connection.send(plan_.requests[sent_++ % plan_.requests.size()]).ok())
      if (auto taken = take(number, now); !taken.ok())
        return taken;
  }
  return {};
}

status load_run::take(std::size_t number, double now) {
  auto& lane = lanes_[number];
  auto got = lane.connection.receive();
  if (got && !*got)
    return {};
  if (!lane.busy)
    return renew(number); // Closed while idle.
  lane.busy = false;
  load_sample sample{.due_s = static_cast<float>(lane.due_s),
                     .latency_s = static_cast<float>(now - lane.due_s)};
  const auto broken = !got || (*got)->closes;
  if (got) {
    sample.status = static_cast<std::uint16_t>((*got)->status);
    sample.retry_after = (*got)->retry_after_s.has_value();
  }
  result_.samples.push_back(sample);
  idle_.push_back(number);
  return broken ? renew(number) : status{};
}

status load_run::wait(double now) {
  const auto until = idle_.empty() || next_due_s_ >= plan_.seconds
                       ? plan_.seconds + grace_s
                       : next_due_s_;
  const auto left = std::clamp(until - now, 0.0, wait_s_max);
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(left);
  timeout.tv_nsec = static_cast<long>((left - std::floor(left)) * 1e9);
  std::array<epoll_event, 64> events{};
  const auto ready = epoll_pwait2(poller_, events.data(), events.size(), &timeout, nullptr);
  const auto arrived = clock_.wall();
  for (int i = 0; i < ready; ++i)
    if (auto taken = take(events[static_cast<std::size_t>(i)].data.u64, arrived); !taken.ok())
      return taken;
  return {};
}

outcome<load_result> load_run::run() {
  if (auto connected = connect(); !connected.ok())
    return connected;
  prctl(PR_SET_TIMERSLACK, 1); // Else a wait may end 50 us late.
  clock_ = stopwatch{};
  if (open_loop())
    plan_next();
  for (;;) {
    const auto now = clock_.wall();
    if (plan_.enough != nullptr && *plan_.enough)
      plan_.seconds = std::min(plan_.seconds, now);
    if (auto sent = send_due(now); !sent.ok())
      return sent;
    const auto nothing_due = open_loop() ? next_due_s_ >= plan_.seconds : now >= plan_.seconds;
    if ((nothing_due && idle_.size() == lanes_.size()) || now >= plan_.seconds + grace_s)
      break;
    if (auto waited = wait(now); !waited.ok())
      return waited;
  }
  result_.seconds = plan_.seconds;
  result_.generator_cpu_s = clock_.cpu();
  result_.unanswered = lanes_.size() - idle_.size();
  for (; open_loop() && next_due_s_ < plan_.seconds; plan_next())
    ++result_.unanswered;
  return std::move(result_);
}

} // namespace

outcome<load_result> run_load(const load_plan& plan) {
  return load_run{plan}.run();
}

} // namespace grape::bench
