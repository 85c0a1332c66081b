#include "tools/bench/ingest_upload.hpp"

#include "net/http/json_writer.hpp"
#include "tools/bench/stopwatch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace grape::bench {

namespace {

std::string body_of(const matrix<float>& rows, std::size_t from, std::size_t to) {
  http::json_writer out;
  out.reserve((to - from) * (rows.width * 13 + 40));
  out.open_object().key("points").open_array();
  for (auto i = from; i < to; ++i) {
    out.open_object().key("id").whole(i).key("vector").open_array();
    for (std::size_t j = 0; j < rows.width; ++j)
      out.number(rows.row(i)[j]);
    out.close_array().close_object();
  }
  out.close_array().close_object();
  return std::move(out).take();
}

/// Several connections that take the next request in turn.
class upload_run {
public:
  upload_run(const http_address& to, const upload_plan& plan)
    : to_(to)
    , plan_(plan) {
    result_.acknowledged.resize(plan.requests.size());
  }

  outcome<upload_result> run(std::size_t connections) {
    const stopwatch clock;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < connections; ++i)
      threads.emplace_back([this] {
        if (auto done = send_all(); !done.ok()) {
          const std::lock_guard lock(mutex_);
          failure_ = std::move(done);
          next_ = plan_.requests.size();
        }
      });
    for (auto& thread : threads)
      thread.join();
    result_.seconds = clock.wall();
    if (!failure_.ok())
      return failure_;
    return std::move(result_);
  }

private:
  status send_all() {
    auto connection = http_connection::open(to_);
    if (!connection)
      return std::move(connection).error();
    for (auto i = next_++; i < plan_.requests.size(); i = next_++)
      if (auto sent = send(*connection, i); !sent.ok())
        return sent;
    return {};
  }

  status send(http_connection& over, std::size_t number) {
    for (;;) {
      const auto answer = over.ask(plan_.requests[number]);
      if (!answer)
        return answer.error();
      if (answer->status != 200 && answer->status != 503)
        return {errc::internal, std::to_string(answer->status) + " " + answer->body.substr(0, 300)};
      if (answer->closes)
        if (auto again = http_connection::open(to_))
          over = std::move(*again);
      {
        const std::lock_guard lock(mutex_);
        if (answer->status == 200) {
          result_.acknowledged[number] = true;
          return {};
        }
        ++result_.retries;
      }
      // Sooner than Retry-After says, which counts in seconds: the rate is what is measured.
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }

  const http_address& to_;
  const upload_plan& plan_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_; // Protects what follows.
  upload_result result_;
  status failure_;
};

} // namespace

upload_plan plan_upload(const http_address& to, const std::string& collection,
                        const matrix<float>& rows, std::size_t batch, bool wait) {
  upload_plan made{.requests = {}, .batch = batch, .rows = rows.rows()};
  const auto path = "/collections/" + collection + "/points?wait=" + (wait ? "true" : "false");
  for (std::size_t from = 0; from < rows.rows(); from += batch)
    made.requests.push_back(
        render_request(to, "PUT", path, body_of(rows, from, std::min(from + batch, rows.rows()))));
  return made;
}

outcome<upload_result> upload(const http_address& to, const upload_plan& plan,
                              std::size_t connections) {
  return upload_run{to, plan}.run(connections);
}

} // namespace grape::bench
