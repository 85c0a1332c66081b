#include "net/http/exchange.hpp"

#include "net/http/refusal.hpp"

namespace grape::http {

exchange::exchange(std::shared_ptr<const api_options> options, verb method,
                   std::string_view endpoint, respond_fn respond)
  : options_(std::move(options))
  , method_(method)
  , endpoint_(endpoint)
  , started_s_(options_->now_s())
  , respond_(std::move(respond)) {
}

exchange::~exchange() {
  if (!answered_)
    refuse({errc::internal, "the request was dropped without an answer"});
}

void exchange::succeed(const std::function<void(json_writer&)>& result,
                       const std::function<void(json_writer&)>& extras) {
  json_writer out;
  out.open_object().key("result");
  result(out);
  out.key("status").text("ok");
  if (extras)
    extras(out);
  out.key("time").number(seconds()).close_object();
  response whole;
  whole.body = std::move(out).take();
  send(std::move(whole));
}

void exchange::accept() {
  json_writer out;
  out.open_object().key("status").text("accepted").key("time").number(seconds()).close_object();
  response whole;
  whole.status = 202;
  whole.body = std::move(out).take();
  send(std::move(whole));
}

void exchange::refuse(const status& why) {
  send(refusal(why, seconds()));
}

void exchange::fail_partly(const status& why, const std::function<void(json_writer&)>& result) {
  auto whole = refusal(why, seconds());
  json_writer out;
  out.open_object().key("result");
  result(out);
  out.key("status").open_object().key("error").text(why.detail).close_object();
  out.key("time").number(seconds()).close_object();
  whole.body = std::move(out).take();
  send(std::move(whole));
}

void exchange::turn_away(const status& why) {
  response out;
  out.status = why.code == errc::forbidden ? 403 : 401;
  out.content_type = "text/plain; charset=utf-8";
  out.body = why.detail;
  send(std::move(out));
}

void exchange::send(response whole) {
  if (answered_.exchange(true))
    return;
  if (options_->observe)
    options_->observe({method_, endpoint_, collection_, whole.status, seconds()});
  respond_(std::move(whole));
}

double exchange::seconds() const {
  return options_->now_s() - started_s_;
}

} // namespace grape::http
