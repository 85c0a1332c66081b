#include "tools/bench/http_bare.hpp"

#include "core/index/vector_index.hpp"
#include "net/http/decode_read.hpp"
#include "net/http/encode_points.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/thread_executor.hpp"

#include <functional>

namespace grape::bench {

namespace {

outcome<index::vector_view> build_index(const word_sample& sample) {
  index::vector_index_options options;
  options.dimension = word_sample::dimension;
  options.distance = metric::cosine;
  options.policy.indexing_threshold_bytes = 1;
  index::vector_index made{options};
  for (std::size_t i = 0; i < sample.vectors.size(); ++i)
    made.put(slot{static_cast<std::uint32_t>(i)}, point_id{i}, i + 1, sample.vectors[i]);
  thread_executor threads;
  const std::atomic<bool> stop = false;
  while (const auto job = made.plan()) {
    auto built = index::vector_index::run(*job, threads, stop, nullptr);
    if (!built)
      return std::move(built).error();
    made.install(*job, std::move(*built));
  }
  return made.view();
}

/// Processor time of one call, in microseconds. `call(i)` is made with i = 0, 1, 2, ...
double cost_us(double seconds, const std::function<void(std::size_t)>& call) {
  constexpr std::size_t between_looks = 50;
  std::size_t calls = 0;
  const stopwatch clock;
  while (clock.wall() < seconds)
    for (std::size_t i = 0; i < between_looks; ++i)
      call(calls++);
  return 1e6 * clock.cpu() / static_cast<double>(calls);
}

query_reply reply_of(const std::vector<index::scored_slot>& hits) {
  query_reply made;
  for (const auto& hit : hits) {
    scored_record record;
    record.point.id = point_id{hit.where.value};
    record.point.version = hit.where.value / 500;
    record.score = -hit.distance;
    made.points.push_back(std::move(record));
  }
  return made;
}

} // namespace

outcome<bare_costs> measure_bare(const word_sample& sample, const query_style& how,
                                 double seconds) {
  const auto view = build_index(sample);
  if (!view)
    return view.error();
  status failed;
  std::vector<index::scored_slot> hits;
  const auto search = [&](std::size_t i) {
    budget unlimited;
    index::vector_search wanted;
    wanted.query = sample.queries[i % sample.queries.size()];
    wanted.k = how.limit;
    wanted.ef = how.ef;
    wanted.exact = how.exact;
    auto found = view->search(wanted, unlimited);
    if (found)
      hits = std::move(*found);
    else
      failed = found.error();
  };
  cost_us(seconds / 4, search); // Warm.
  bare_costs made;
  made.search_us = cost_us(seconds, search);

  std::vector<std::string> bodies;
  for (const auto& query : sample.queries)
    bodies.push_back(query_body(query, how));
  made.json_in_us = cost_us(seconds / 2, [&](std::size_t i) {
    if (const auto read = http::decode_query(bodies[i % bodies.size()]); !read)
      failed = read.error();
  });

  const auto reply = reply_of(hits);
  std::size_t bytes = 0;
  made.json_out_us = cost_us(seconds / 2, [&](std::size_t) {
    http::json_writer out;
    http::write_query_reply(out, reply);
    bytes += std::move(out).take().size();
  });
  if (!failed.ok())
    return failed;
  if (bytes == 0)
    return status{errc::internal, "an answer without a byte"};
  return made;
}

} // namespace grape::bench
