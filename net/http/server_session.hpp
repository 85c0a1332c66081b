#pragma once

#include "net/http/server_lane.hpp"
#include "net/http/server_request.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace grape::http {

/// One connection: reads a request, asks the handler, writes the answer, again and again. Lives on
/// its lane's thread; ends by closing its socket, whoever does that.
class session : public std::enable_shared_from_this<session> {
public:
  using clock = std::chrono::steady_clock;

  /// `surplus`: a connection over the limit, kept only for one probe or to be told so.
  session(std::shared_ptr<lane> home, socket_stream stream, bool surplus);
  ~session();

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// The whole life of the connection.
  task<void> run();

  /// Closes the connection if its deadline is over.
  void expire(clock::time_point now);

  /// While draining: a connection between two requests has until `until` to begin another.
  void hurry(clock::time_point until);

  /// Closes the connection now.
  void abort();

  /// The answer to request `number`; ignored if that is not the one waited for.
  void arrive(std::uint64_t number, response answer);

private:
  enum class step : std::uint8_t { go_on, refuse, hang_up };

  task<bool> serve_one();
  task<step> read_head();
  task<step> read_body();
  task<step> read_sized(std::uint64_t length);
  task<step> read_chunked();
  task<bool> read_more();
  task<step> ask();
  task<bool> write_answer();
  task<void> linger();

  void hand_over();
  void begin();
  void finish();
  step refuse_garbage(const boost::system::error_code& why);
  step refuse_header();
  step refuse_body(std::optional<std::uint64_t> length);
  step refuse_load(std::string_view why);
  bool is_probe() const;
  bool charge(std::uint64_t body_bytes);
  void allow(std::chrono::milliseconds time) { deadline_ = clock::now() + time; }

  std::shared_ptr<lane> lane_;
  server_state& state_;
  socket_stream stream_;
  lane_timer answer_arrived_;
  boost::beast::flat_buffer buffer_;
  std::optional<request_parser> parser_;
  std::string head_;
  response answer_;
  clock::time_point deadline_ = clock::time_point::max();
  std::uint64_t number_ = 0;  ///< Of the request in hand.
  std::uint64_t charged_ = 0; ///< Bytes of its body counted in the state.
  bool surplus_;
  bool begun_ = false;    ///< A request is in hand: counted in `active`.
  bool waiting_ = false;  ///< For the handler.
  bool has_slot_ = false; ///< Counted in `in_flight`.
  bool lingering_ = false;
  bool aborted_ = false;
};

} // namespace grape::http
