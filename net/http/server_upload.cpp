// A body that goes to the disk as it comes.

#include "net/http/refusal.hpp"
#include "net/http/server_session.hpp"
#include "net/http/upload.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace grape::http {

namespace {

constexpr std::size_t piece_bytes = 65'536;

/// Each of these in the time that a body may stall: whoever sends slower than some 35 KB/s would
/// keep his place for ever.
constexpr std::uint64_t pace_bytes = std::uint64_t{1} << 20;

/// Counts one upload while it lives.
class upload_place {
public:
  explicit upload_place(server_state& of)
    : of_(of)
    , is_free_(of.uploads.fetch_add(1) < of.options.uploads.at_once_max) {}

  ~upload_place() { --of_.uploads; }

  upload_place(const upload_place&) = delete;
  upload_place& operator=(const upload_place&) = delete;

  bool is_free() const noexcept { return is_free_; }

private:
  server_state& of_;
  bool is_free_;
};

} // namespace

task<session::step> session::read_to_file(std::optional<std::uint64_t> length) {
  const upload_place place{state_};
  if (!place.is_free())
    co_return refuse_load("too many uploads are under way");
  auto& taken = parser_->taken();
  auto into = upload::begin(state_.options.uploads, taken.content_type, length);
  if (!into)
    co_return refuse_upload(into.error());
  const bool go_on = co_await tell_to_continue();
  if (!go_on)
    co_return step::hang_up;
  auto next = step::go_on;
  if (length)
    next = co_await upload_sized(*into, *length);
  else
    next = co_await upload_chunked(*into);
  if (next != step::go_on)
    co_return next;
  auto whole = std::move(*into).finish();
  if (!whole)
    co_return refuse_upload(whole.error());
  taken.received = std::move(*whole);
  co_return step::go_on;
}

task<session::step> session::upload_sized(upload& into, std::uint64_t length) {
  std::string piece;
  std::uint64_t have = 0;
  std::uint64_t paced = pace_bytes;
  while (have < length) {
    const auto left = std::min<std::uint64_t>(length - have, piece_bytes);
    piece.resize(static_cast<std::size_t>(left));
    const auto held = std::min(buffer_.size(), piece.size());
    std::size_t read = held;
    if (held > 0) {
      const boost::asio::const_buffer unread = buffer_.cdata();
      piece.assign(static_cast<const char*>(unread.data()), held);
      buffer_.consume(held);
    } else {
      read = co_await receive({piece.data(), piece.size()});
    }
    if (read == 0)
      co_return step::hang_up;
    have += read;
    if (auto taken = into.take({piece.data(), read}); !taken.ok())
      co_return refuse_upload(taken);
    if (have >= paced) {
      paced = have + pace_bytes;
      allow(state_.options.stall_timeout);
    }
  }
  co_return step::go_on;
}

task<session::step> session::upload_chunked(upload& into) {
  using boost::beast::http::error;
  auto& body = parser_->taken().body;
  parser_->eager(true);
  parser_->lift_body_limit();
  std::uint64_t have = 0;
  std::uint64_t paced = pace_bytes;
  while (!parser_->is_done()) {
    boost::system::error_code why = error::need_more;
    if (buffer_.size() > 0) {
      const boost::asio::const_buffer unread = buffer_.cdata();
      const auto used = parser_->put(unread, why);
      buffer_.consume(used);
    }
    if (why && why != error::need_more)
      co_return refuse_garbage(why);
    have += body.size();
    if (auto taken = into.take(body); !taken.ok())
      co_return refuse_upload(taken);
    body.clear();
    if (have >= paced) {
      paced = have + pace_bytes;
      allow(state_.options.stall_timeout);
    }
    if (parser_->is_done())
      break;
    const bool more = co_await read_more();
    if (!more)
      co_return step::hang_up;
  }
  co_return step::go_on;
}

session::step session::refuse_upload(const status& why) {
  if (why.code == errc::malformed || why.code == errc::too_large)
    ++state_.malformed;
  answer_ = refusal(why, 0);
  return step::refuse;
}

} // namespace grape::http
