#include "net/http/server_session.hpp"

#include "net/http/cors.hpp"
#include "net/http/server_answer.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace grape::http {

namespace {

using boost::system::error_code;
using boost::beast::http::error;

constexpr std::size_t read_step = 16'384;
constexpr std::size_t stall_step = 65'536;
constexpr std::size_t body_step = 65'536;
constexpr std::size_t file_step = 262'144;
constexpr std::chrono::milliseconds surplus_time{1'000};
constexpr std::chrono::milliseconds linger_time{1'000};

// The right to answer one request, once, from any thread. It holds the connection weakly: whoever
// keeps it for ever keeps nothing alive.
class ticket {
public:
  ticket(std::weak_ptr<session> to, std::uint64_t number) : to_(std::move(to)), number_(number) {
  }

  ~ticket() {
    if (!used_.load())
      deliver(forgotten_answer());
  }

  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;

  void answer(response with) {
    if (!used_.exchange(true))
      deliver(std::move(with));
  }

private:
  void deliver(response with) {
    if (const auto connection = to_.lock())
      connection->arrive(number_, std::move(with));
  }

  std::weak_ptr<session> to_;
  std::uint64_t number_;
  std::atomic<bool> used_{false};
};

std::string_view text_of(const boost::asio::const_buffer& bytes) noexcept {
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

session::session(std::shared_ptr<server_state> of, int socket, bool surplus)
  : connection(std::move(of), socket)
  , surplus_(surplus)
  , buffer_(state_.options.header_bytes_max + stall_step) {
}

session::~session() {
  finish();
}

void session::start() {
  const auto key = state_.sessions.new_key();
  if (begin_life(key) && state_.sessions.add(key, shared_from_this()) && !watch())
    abort();
}

task<void> session::live() {
  for (bool kept = true; kept;)
    kept = co_await serve_one();
}

task<bool> session::serve_one() {
  if (buffer_.size() > 0) { // A client that does not wait for its answers waits for other clients.
    const bool go_on = co_await next_turn();
    if (!go_on)
      co_return false;
  }
  auto next = co_await read_head();
  if (next == step::go_on)
    next = co_await read_body();
  if (next == step::go_on)
    next = unpack_body();
  if (next == step::go_on)
    next = co_await ask();
  if (next == step::hang_up)
    co_return false;

  co_await finish_answer();
  const bool keep
    = next == step::go_on && parser_->keep_alive() && !surplus_ && !state_.draining.load();
  print_answer_head(head_, answer_, keep, parser_->is_http_1_1());
  const bool written = co_await write_answer();
  finish();
  if (written && !keep)
    co_await linger();
  co_return written && keep;
}

task<session::step> session::read_head() {
  const auto& options = state_.options;
  ++number_;
  parser_.emplace(options.header_bytes_max, options.body_bytes_max);
  allow(surplus_ ? surplus_time : state_.draining.load() ? drain_grace : options.idle_timeout);
  std::size_t taken = 0;
  while (true) {
    if (buffer_.size() > 0) {
      begin();
      error_code why;
      const boost::asio::const_buffer unread = buffer_.cdata();
      const auto used = parser_->put(unread, why);
      buffer_.consume(used);
      taken += used;
      const bool unfinished = why == error::need_more;
      const auto held = taken + (unfinished ? buffer_.size() : 0);
      if (why == error::header_limit || held > options.header_bytes_max)
        co_return refuse_header();
      if (why && !unfinished)
        co_return refuse_garbage(why);
      if (parser_->is_header_done())
        break;
    }
    const bool more = co_await read_more();
    if (!more)
      co_return step::hang_up;
  }
  origin_ = options.enable_cors ? parser_->taken().origin : std::string{};
  coding_ = best_coding(parser_->taken().accepted_codings);
  if (surplus_ && !is_probe())
    co_return refuse_load("too many connections");
  co_return step::go_on;
}

task<session::step> session::read_body() {
  if (parser_->is_done())
    co_return step::go_on;
  auto plan = state_.options.plan_body ? state_.options.plan_body(parser_->taken()) : body_plan{};
  if (plan.refused) {
    answer_ = *std::move(plan.refused);
    co_return step::refuse;
  }
  std::optional<std::uint64_t> length;
  if (const auto told = parser_->content_length())
    length = *told;
  allow(state_.options.stall_timeout);
  auto next = step::go_on;
  if (plan.to_file && !state_.options.uploads.folder.empty()) {
    next = co_await read_to_file(length);
    co_return next;
  }
  if (length && *length > state_.options.body_bytes_max)
    co_return refuse_body(*length);
  const bool go_on = co_await tell_to_continue();
  if (!go_on)
    co_return step::hang_up;
  if (length)
    next = co_await read_sized(*length);
  else
    next = co_await read_chunked();
  co_return next;
}

// False: the client cannot be reached any more.
task<bool> session::tell_to_continue() {
  if (!parser_->expects_continue() || !parser_->is_http_1_1() || buffer_.size() > 0)
    co_return true;
  co_return co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
}

// Bytes go from the socket to their place; the string grows with what has really come, so that a
// promised length alone costs nothing.
task<session::step> session::read_sized(std::uint64_t length) {
  auto& body = parser_->taken().body;
  const auto whole = static_cast<std::size_t>(length);
  std::size_t have = std::min(whole, buffer_.size());
  body.assign(text_of(buffer_.cdata()).substr(0, have));
  buffer_.consume(have);
  std::size_t step_end = have + stall_step;
  while (have < whole) {
    if (have == body.size())
      body.resize(std::min(whole, std::max(have * 2, body_step)));
    if (!charge(body.size()))
      co_return refuse_load("too many bytes of requests in flight");
    const auto read = co_await receive({body.data() + have, body.size() - have});
    if (read == 0)
      co_return step::hang_up;
    have += read;
    if (have >= step_end) {
      step_end = have + stall_step;
      allow(state_.options.stall_timeout);
    }
  }
  co_return step::go_on;
}

task<session::step> session::read_chunked() {
  const auto& body = parser_->taken().body;
  parser_->eager(true);
  std::size_t step_end = stall_step;
  while (!parser_->is_done()) {
    error_code why = error::need_more;
    if (buffer_.size() > 0) {
      const boost::asio::const_buffer unread = buffer_.cdata();
      const auto used = parser_->put(unread, why);
      buffer_.consume(used);
    }
    if (why == error::body_limit)
      co_return refuse_body({});
    if (why && why != error::need_more)
      co_return refuse_garbage(why);
    if (parser_->is_done())
      break;
    if (!charge(body.capacity()))
      co_return refuse_load("too many bytes of requests in flight");
    if (body.size() >= step_end) {
      step_end = body.size() + stall_step;
      allow(state_.options.stall_timeout);
    }
    const bool more = co_await read_more();
    if (!more)
      co_return step::hang_up;
  }
  co_return step::go_on;
}

task<bool> session::read_more() {
  const auto room = std::min(read_step, buffer_.max_size() - buffer_.size());
  const boost::asio::mutable_buffer space = buffer_.prepare(room);
  const auto read = co_await receive({static_cast<char*>(space.data()), space.size()});
  buffer_.commit(read);
  co_return read > 0;
}

task<session::step> session::ask() {
  if (auto preflight = state_.options.enable_cors ? preflight_answer(parser_->taken())
                                                  : std::nullopt) {
    answer_ = *std::move(preflight);
    co_return step::go_on;
  }
  if (state_.in_flight.fetch_add(1) >= state_.options.in_flight_max && !is_probe()) {
    --state_.in_flight;
    ++state_.overloaded;
    answer_ = overloaded_answer("too many requests in flight", state_.options.retry_after_s);
    co_return step::go_on;
  }
  exempt_ = 2 * state_.answer_bytes.load() >= state_.options.answer_bytes_in_flight_max
            && is_probe();
  has_slot_ = true;
  deadline_ = clock::time_point::max();
  hand_over();
  const bool come = co_await wait_for{*this, answered};
  const std::lock_guard guard{answer_mutex_};
  expected_ = 0;
  answer_ = std::move(arrived_);
  co_return come ? step::go_on : step::hang_up;
}

void session::hand_over() {
  const auto right = std::make_shared<ticket>(weak_from_this(), number_);
  {
    const std::lock_guard guard{answer_mutex_};
    expected_ = number_;
  }
  try {
    state_.handler(std::move(parser_->taken()),
                   [right](response with) { right->answer(std::move(with)); });
  } catch (...) {
    // A handler's fault is one request's loss: the dropped ticket answers 500.
  }
}

void session::arrive(std::uint64_t number, response answer) {
  {
    const std::lock_guard guard{answer_mutex_};
    if (expected_ != number)
      return;
    expected_ = 0;
    arrived_ = std::move(answer);
  }
  tell(answered);
}

task<bool> session::write_answer() {
  allow(state_.options.stall_timeout);
  ++state_.answered;
  if (answer_.status == 503)
    state_.sockets.press();
  if (answer_.file && !parser_->is_head())
    co_return co_await write_file();
  co_return co_await write_all(head_, parser_->is_head() ? std::string_view{} : answer_.body);
}

// Piece by piece: what is in memory does not depend on the size of the file. A file that cannot be
// read to its end ends the connection, so that the client does not take the rest for whole.
task<bool> session::write_file() {
  const auto& file = *answer_.file;
  std::string piece(file_step, '\0');
  bool go_on = co_await write_all(head_, {});
  for (std::uint64_t at = 0; go_on && at < file.size();) {
    const auto got = file.read(at, piece);
    if (got == 0)
      co_return false;
    at += got;
    allow(state_.options.stall_timeout);
    go_on = co_await write_all(std::string_view{piece}.substr(0, got), {});
  }
  co_return go_on;
}

// Closing with unread bytes makes the kernel send a reset, which may overtake the answer at the
// client: so let it read first, for a while.
task<void> session::linger() {
  end_writing();
  allow(linger_time);
  lingering_ = true;
  for (bool more = true; more;) {
    buffer_.clear();
    more = co_await read_more();
  }
}

void session::begin() {
  if (begun_.exchange(true))
    return;
  ++state_.active;
  allow(surplus_ ? surplus_time : state_.options.header_timeout);
}

void session::finish() {
  state_.body_bytes -= std::exchange(charged_, 0);
  if (has_slot_.exchange(false))
    --state_.in_flight;
  answer_ = {};
  state_.answer_bytes -= held_.exchange(0);
  writing_since_ = clock::time_point::max();
  if (begun_.exchange(false)) {
    --state_.active;
    state_.tell_if_draining();
  }
}

session::step session::refuse_garbage(const error_code& why) {
  ++state_.malformed;
  answer_ = malformed_answer(400, "Bad request: not HTTP: " + why.message());
  return step::refuse;
}

session::step session::refuse_header() {
  ++state_.malformed;
  answer_ = malformed_answer(431, "Bad request: header fields are larger than allowed (limit: "
                                    + std::to_string(state_.options.header_bytes_max)
                                    + " bytes).");
  return step::refuse;
}

session::step session::refuse_body(std::optional<std::uint64_t> length) {
  ++state_.malformed;
  answer_ = malformed_answer(400, too_large_text(length, state_.options.body_bytes_max));
  return step::refuse;
}

session::step session::refuse_load(std::string_view why) {
  ++state_.overloaded;
  answer_ = overloaded_answer(why, state_.options.retry_after_s);
  return step::refuse;
}

void session::expire(clock::time_point now) {
  const bool begun = begun_.load();
  const bool draining = state_.draining.load();
  auto until = deadline_.load();
  if (draining && !begun)
    until = std::min(until, state_.grace_end.load());
  if ((now < until && !reads_too_slowly(now)) || is_aborted())
    return;
  if (!lingering_.load() && (begun || !draining))
    ++state_.timed_out;
  abort();
}

void session::abort() {
  const bool is_under_way = has_slot_.load();
  if (cut() && is_under_way)
    ++state_.cut_off;
}

} // namespace grape::http
