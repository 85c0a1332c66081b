// What a session makes of bodies on their way: codings, leave for pages, and how many may wait.

#include "net/http/cors.hpp"
#include "net/http/server_answer.hpp"
#include "net/http/server_session.hpp"

namespace grape::http {

namespace {

constexpr std::size_t compressed_min = 1'024;   // Less is not worth it.
constexpr std::size_t compressed_here = 65'536; // More is work for the server's own threads.

} // namespace

/// The body as whoever sent it meant it.
session::step session::unpack_body() {
  auto& asked = parser_->taken();
  if (asked.content_coding.empty() || (asked.body.empty() && !asked.received))
    return step::go_on;
  const auto coding = coding_named(asked.content_coding);
  const auto is_plain = coding == content_coding::identity;
  if (!coding || (asked.received && !is_plain)) { // What goes to the disk goes there as it is.
    ++state_.malformed;
    answer_ = malformed_answer(
        415, "Bad request: the Content-Encoding is none of gzip, deflate and identity");
    return step::refuse;
  }
  if (is_plain)
    return step::go_on;
  const auto packed = asked.body.capacity();
  auto whole = decompressed(asked.body, state_.options.body_bytes_max,
                            [this, packed](std::size_t bytes) { return charge(packed + bytes); });
  if (!whole && whole.error().code == errc::too_large)
    return refuse_body({});
  if (!whole && whole.error().code == errc::overloaded)
    return refuse_load(whole.error().detail);
  if (!whole) {
    ++state_.malformed;
    answer_ = malformed_answer(400, "Bad request: " + whole.error().detail);
    return step::refuse;
  }
  asked.body = *std::move(whole);
  asked.content_coding.clear();
  return step::go_on;
}

/// What every answer gets on its way: the leave for pages to read it, and a smaller body.
task<void> session::finish_answer() {
  allow_origin(origin_, answer_);
  if (!hold_answer())
    allow_origin(origin_, answer_);
  if (coding_ == content_coding::identity || answer_.file || answer_.body.size() < compressed_min)
    co_return;
  if (answer_.body.size() > compressed_here)
    static_cast<void>(co_await next_turn());
  answer_.body = compressed(answer_.body, coding_);
  if (const auto rest = answer_.body.capacity(); rest < held_) {
    state_.answer_bytes -= held_ - rest;
    held_ = rest;
  }
  answer_.more_fields.append("\r\ncontent-encoding: ").append(to_string(coding_));
  if (origin_.empty())
    answer_.more_fields.append("\r\nvary: accept-encoding");
}

/// False: it was too much for all together, and is another answer now.
bool session::hold_answer() {
  const auto bytes = answer_.body.capacity();
  if (bytes <= compressed_here)
    return true;
  const auto before = state_.answer_bytes.fetch_add(bytes);
  held_ = bytes;
  writing_since_ = clock::now();
  if (exempt_ || before == 0 || before + bytes <= state_.options.answer_bytes_in_flight_max)
    return true;
  ++state_.overloaded;
  answer_ = overloaded_answer("too many bytes of answers wait for their readers",
                              state_.options.retry_after_s);
  state_.answer_bytes -= held_.exchange(0);
  return false;
}

/// While answers take much of the room that there is for them, nobody may hold one for long.
bool session::reads_too_slowly(clock::time_point now) const {
  const auto& options = state_.options;
  const auto held = held_.load();
  const auto since = writing_since_.load();
  if (held == 0 || since == clock::time_point::max()
      || 2 * state_.answer_bytes.load() < options.answer_bytes_in_flight_max)
    return false;
  const std::chrono::milliseconds at_that_rate{held * 1'000 / options.answer_rate_min};
  return now - since > options.stall_timeout + at_that_rate;
}

bool session::is_probe() const {
  return state_.options.is_probe && state_.options.is_probe(parser_->taken());
}

bool session::charge(std::uint64_t body_bytes) {
  const auto more = body_bytes - charged_;
  if (more == 0)
    return true;
  charged_ = body_bytes;
  return state_.body_bytes.fetch_add(more) + more <= state_.options.body_bytes_in_flight_max;
}

} // namespace grape::http
