#include "core/index/code_scan.hpp"

#include "core/index/row_access.hpp"
#include "core/vector/top_k.hpp"

#include <array>

namespace grape::index {

namespace {

constexpr std::size_t batch = 64;

/// Measures rows in batches by their codes and keeps the best.
class code_scan {
public:
  code_scan(const walk_vectors& vectors, isa with, std::size_t count, bool scattered, budget& limit)
    : with_(with)
    , limit_(limit)
    , best_(count) {
    request_.vectors = vectors;
    request_.rows = rows_.data();
    request_.distances = distances_.data();
    request_.scattered = scattered;
  }

  /// False when the budget is used up; `row` may then be left out.
  bool take(std::uint32_t row) {
    rows_[request_.count++] = row;
    return request_.count < batch || flush();
  }

  std::vector<scored_row> finish() {
    flush();
    return best_.take();
  }

private:
  bool flush() {
    const auto goes_on = limit_.spend(request_.count);
    if (request_.count > 0)
      run_scan(with_, request_);
    for (std::size_t i = 0; i < request_.count; ++i)
      if (!(distances_[i] > best_.bound()))
        best_.offer({distances_[i], row{rows_[i]}});
    request_.count = 0;
    return goes_on;
  }

  isa with_;
  budget& limit_;
  top_k<scored_row> best_;
  scan_request request_;
  std::array<std::uint32_t, batch + 3> rows_{};
  std::array<float, batch + 3> distances_{};
};

} // namespace

std::vector<std::uint32_t> nearest_by_code(const segment_content& content, isa with,
                                           const code_query& query, std::size_t count,
                                           const row_filter& filter, budget& limit) {
  code_scan scan(codes_for_walk(content, query), with, count, filters(filter), limit);
  for_each_passing(filter, content.rows(), [&](std::uint32_t row) { return scan.take(row); });
  std::vector<std::uint32_t> rows;
  for (const auto& one : scan.finish())
    rows.push_back(one.where.value);
  return rows;
}

} // namespace grape::index
