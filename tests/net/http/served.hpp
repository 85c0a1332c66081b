#pragma once

#include "net/http/server.hpp"
#include "tests/net/http/raw_client.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace grape::test {

/// A server on a free loopback port.
inline std::unique_ptr<http::server> serve(http::handler_fn handler,
                                           http::server_options options = {}) {
  options.port = 0;
  auto started = http::server::start(std::move(options), std::move(handler));
  REQUIRE(started.ok());
  return std::move(started).value();
}

/// Answers at once with what it understood: "get /path?query key=K body".
inline void echo(http::request asked, const http::respond_fn& respond) {
  static constexpr const char* names[] = {"get", "put", "post", "patch", "del", "other"};
  http::response answer;
  answer.content_type = "text/plain";
  answer.body = names[static_cast<std::size_t>(asked.method)];
  answer.body += " " + asked.path;
  if (!asked.query.empty())
    answer.body += "?" + asked.query;
  if (!asked.api_key.empty())
    answer.body += " key=" + asked.api_key;
  if (!asked.body.empty())
    answer.body += " " + asked.body;
  respond(std::move(answer));
}

/// A handler that keeps every request until the test answers it.
class desk {
public:
  http::handler_fn handler() {
    return [this](http::request asked, http::respond_fn respond) {
      const std::lock_guard hold{mutex_};
      waiting_.emplace_back(std::move(asked), std::move(respond));
      came_.notify_all();
    };
  }

  /// The oldest request not yet taken, waiting for it if need be.
  std::pair<http::request, http::respond_fn> take() {
    std::unique_lock hold{mutex_};
    const bool there = came_.wait_for(hold, std::chrono::seconds{10},
                                      [this] { return !waiting_.empty(); });
    REQUIRE(there);
    auto first = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return first;
  }

private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::pair<http::request, http::respond_fn>> waiting_;
};

inline http::response plain(std::string body) {
  http::response answer;
  answer.content_type = "text/plain";
  answer.body = std::move(body);
  return answer;
}

inline std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

inline std::string post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace grape::test
