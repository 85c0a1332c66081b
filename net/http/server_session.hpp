#pragma once

#include "net/http/content_coding.hpp"
#include "net/http/server_connection.hpp"
#include "net/http/server_request.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace grape::http {

class upload;

/// One connection: reads a request, asks the handler, writes the answer, again and again. The
/// session table holds it until it has ended.
class session final : public connection, public std::enable_shared_from_this<session> {
public:
  /// Takes `socket` over. `surplus`: a connection over the limit, kept only for one probe or to be
  /// told so.
  session(std::shared_ptr<server_state> of, int socket, bool surplus);
  ~session() override;

  /// Enters the table and is watched from then on. Nothing happens if the table is closed.
  void start();

  /// Closes the connection if its deadline is over. Any thread, like all that follow.
  void expire(clock::time_point now);

  /// Closes the connection now.
  void abort();

  /// The answer to request `number`; ignored if that is not the one waited for.
  void arrive(std::uint64_t number, response answer);

private:
  enum class step : std::uint8_t { go_on, refuse, hang_up };

  task<void> live() override;
  task<bool> serve_one();
  task<step> read_head();
  task<step> read_body();
  task<bool> tell_to_continue();
  task<step> read_sized(std::uint64_t length);
  task<step> read_chunked();
  task<bool> read_more();

  // A body that goes to the disk (server_upload.cpp).
  task<step> read_to_file(std::optional<std::uint64_t> length);
  task<step> upload_sized(upload& into, std::uint64_t length);
  task<step> upload_chunked(upload& into);
  step refuse_upload(const status& why);

  step unpack_body();
  task<step> ask();
  task<void> finish_answer();
  bool hold_answer();
  bool reads_too_slowly(clock::time_point now) const;
  task<bool> write_answer();
  task<bool> write_file();
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

  const bool surplus_;
  std::atomic<bool> begun_{false};    ///< A request is in hand: counted in `active`.
  std::atomic<bool> has_slot_{false}; ///< Counted in `in_flight`.
  std::atomic<bool> lingering_{false};
  std::atomic<std::uint64_t> held_{0}; ///< Bytes of its answer counted in the state.
  std::atomic<clock::time_point> writing_since_{clock::time_point::max()};

  std::mutex answer_mutex_;    // Protects what follows.
  std::uint64_t expected_ = 0; // The request whose answer is waited for; 0: none.
  response arrived_;

  // What follows belongs to the thread that goes on.
  boost::beast::flat_buffer buffer_;
  std::optional<request_parser> parser_;
  std::string head_;
  response answer_;
  std::uint64_t number_ = 0;  ///< Of the request in hand.
  std::uint64_t charged_ = 0; ///< Bytes of its body counted in the state.
  std::string origin_;        ///< Of the page that asks.
  bool exempt_ = false;       ///< A probe, asked while answers take much of their room.
  content_coding coding_ = content_coding::identity; ///< That the client likes best.
};

} // namespace grape::http
