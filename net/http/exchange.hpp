#pragma once

#include "core/outcome.hpp"
#include "net/http/api.hpp"
#include "net/http/json_writer.hpp"
#include "net/http/message.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace grape::http {

/// One request on its way to its one answer. Shared by the handler and the reply it waits for;
/// whoever answers first wins, and if everybody forgets, its end answers 500.
class exchange {
public:
  exchange(std::shared_ptr<const api_options> options, verb method, std::string_view endpoint,
           respond_fn respond);
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  ~exchange();

  /// The collection that the path names, for whoever observes. Before anything is answered.
  void is_about(std::string collection) { collection_ = std::move(collection); }

  /// 200 with `{"result": ..., "status": "ok", "time": ...}`. `result` writes exactly one value;
  /// `extras` may write further members.
  void succeed(const std::function<void(json_writer&)>& result,
               const std::function<void(json_writer&)>& extras = {});

  /// 202: it will be done.
  void accept();

  void refuse(const status& why);

  /// As `refuse`, with `result` beside the reason: some of what was asked was done.
  void fail_partly(const status& why, const std::function<void(json_writer&)>& result);

  /// Of somebody whose key or token is not good: plain text, as the status says it.
  void turn_away(const status& why);

  /// There is nothing to answer after all.
  void forget() { answered_ = true; }

  /// An answer without envelope.
  void send(response whole);

private:
  double seconds() const;

  std::shared_ptr<const api_options> options_;
  verb method_;
  std::string_view endpoint_;
  std::string collection_;
  double started_s_;
  respond_fn respond_;
  std::atomic<bool> answered_{false};
};

} // namespace grape::http
