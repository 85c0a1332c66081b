#include "tools/bench/code_bench.hpp"

#include "core/index/code_planner.hpp"
#include "core/index/hot_array.hpp"
#include "core/index/row_access.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/top_k.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/thread_executor.hpp"
#include "tools/bench/truth.hpp"
#include "tools/bench/vector_files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <numeric>

namespace grape::bench {

namespace {

struct ranked {
  float distance = 0;
  std::uint32_t where = 0;
};

/// One way to look at all rows.
class scanner {
public:
  virtual ~scanner() = default;
  virtual std::string name() const = 0;
  virtual double bytes_per_row() const = 0;
  virtual std::size_t rescored(std::size_t k) const = 0;
  virtual void prepare(const float* query) = 0;

  /// Distances of `count` rows from `first`. `to` has room for three more.
  virtual void measure(std::uint32_t first, std::size_t count, float* to) = 0;
};

/// By a quantizer's codes, or by the floats if there is none.
class code_scanner final : public scanner {
public:
  code_scanner(const data_set& data, const code_bench_options& options, coding code)
    : data_(data)
    , with_(options.with) {
    const auto& base = data.base;
    request_.vectors.codec = index::codec_of(options.kind, code);
    request_.rows = rows_.data();
    quantizer_ = learn_quantizer(code, options.kind, base.width, base.rows(),
                                 [&](std::size_t i) { return base.row(i); });
    if (!quantizer_) {
      floats_ = index::hot_array<float>(base.values.size());
      std::copy(base.values.begin(), base.values.end(), floats_.data());
      request_.vectors.first = reinterpret_cast<const std::uint8_t*>(floats_.data());
      request_.vectors.stride = base.width * sizeof(float);
      request_.vectors.length = base.width;
      return;
    }
    request_.vectors.stride = quantizer_->stride();
    request_.vectors.length = quantizer_->code_length();
    codes_ = index::hot_array<std::uint8_t>(base.rows() * quantizer_->stride());
    for (std::size_t i = 0; i < base.rows(); ++i)
      quantizer_->encode_stored(base.row(i), &codes_[i * quantizer_->stride()]);
    request_.vectors.first = codes_.data();
  }

  std::string name() const override {
    return std::string(to_string(quantizer_ ? quantizer_->code() : coding::floats));
  }
  double bytes_per_row() const override { return static_cast<double>(request_.vectors.stride); }
  std::size_t rescored(std::size_t k) const override {
    return index::rescored_for(quantizer_ ? quantizer_->code() : coding::floats, k);
  }

  void prepare(const float* query) override {
    request_.vectors.query = query;
    if (!quantizer_)
      return;
    prepared_ = quantizer_->prepare(query);
    request_.vectors.query = prepared_.data();
    request_.vectors.dot_offset = prepared_.dot_offset;
    request_.vectors.dot_factor = prepared_.dot_factor;
  }

  void measure(std::uint32_t first, std::size_t count, float* to) override {
    std::iota(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count), first);
    request_.count = count;
    request_.distances = to;
    index::run_scan(with_, request_);
  }

private:
  const data_set& data_;
  isa with_;
  std::shared_ptr<const quantizer> quantizer_;
  index::hot_array<float> floats_;
  index::hot_array<std::uint8_t> codes_;
  code_query prepared_;
  index::scan_request request_;
  std::array<std::uint32_t, 67> rows_{};
};

/// Bare bits of rows and query, by how many of them differ: the smallest and fastest there is.
class sign_scanner final : public scanner {
public:
  sign_scanner(const data_set& data, const code_bench_options& options)
    : kernels_(kernels_of(options.with))
    , quantizer_(learn_quantizer(coding::bits, options.kind, data.base.width, data.base.rows(),
                                 [&](std::size_t i) { return data.base.row(i); }))
    , stride_(quantizer_->code_length() * 8)
    , bits_(data.base.rows() * stride_)
    , code_(quantizer_->stride()) {
    for (std::size_t i = 0; i < data.base.rows(); ++i) {
      quantizer_->encode_stored(data.base.row(i), code_.data());
      std::copy_n(code_.begin(), stride_, &bits_[i * stride_]);
    }
  }

  std::string name() const override { return "bits differing"; }
  double bytes_per_row() const override { return static_cast<double>(stride_); }
  std::size_t rescored(std::size_t k) const override {
    return index::rescored_for(coding::bits, k);
  }
  void prepare(const float* query) override { quantizer_->encode_stored(query, code_.data()); }

  void measure(std::uint32_t first, std::size_t count, float* to) override {
    kernels_.bits_different_rows(code_.data(), &bits_[first * stride_], stride_, stride_ / 8, count,
                                 counts_.data());
    std::transform(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(count), to,
                   [](std::int32_t bits) { return static_cast<float>(bits); });
  }

private:
  const kernel_table& kernels_;
  std::shared_ptr<const quantizer> quantizer_;
  std::size_t stride_;
  index::hot_array<std::uint8_t> bits_;
  std::vector<std::uint8_t> code_;
  std::array<std::int32_t, 64> counts_{};
};

/// The rows nearest by the scanner's distance.
std::vector<ranked> nearest(scanner& by, std::size_t rows, std::size_t count) {
  top_k<ranked> best(std::min(count, rows));
  std::array<float, 67> distances{};
  for (std::uint32_t first = 0; first < rows; first += 64) {
    const auto width = std::min<std::size_t>(64, rows - first);
    by.measure(first, width, distances.data());
    for (std::size_t i = 0; i < width; ++i)
      if (distances[i] <= best.bound())
        best.offer({distances[i], first + static_cast<std::uint32_t>(i)});
  }
  return best.take();
}

/// How many of the nearest by code must be measured to meet 95 % of the true neighbours.
std::size_t rescored_needed(scanner& by, const data_set& data, std::size_t k) {
  std::vector<std::size_t> ranks;
  std::vector<float> distances(data.base.rows() + 3);
  for (std::size_t query = 0; query < data.queries.rows(); ++query) {
    by.prepare(data.queries.row(query));
    for (std::uint32_t first = 0; first < data.base.rows(); first += 64)
      by.measure(first, std::min<std::size_t>(64, data.base.rows() - first), &distances[first]);
    for (std::size_t i = 0; i < k; ++i) {
      const auto own = distances[static_cast<std::size_t>(data.truth.row(query)[i])];
      ranks.push_back(static_cast<std::size_t>(std::count_if(distances.begin(), distances.end() - 3,
                                                             [&](float x) { return x <= own; })));
    }
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks[(ranks.size() * 95 + 99) / 100 - 1];
}

double recall_of_scan(scanner& by, const data_set& data, const code_bench_options& options) {
  const distance_function exact(options.kind, data.base.width);
  std::vector<std::uint32_t> found;
  for (std::size_t query = 0; query < data.queries.rows(); ++query) {
    const auto* vector = data.queries.row(query);
    by.prepare(vector);
    top_k<ranked> best(options.k);
    for (const auto& one : nearest(by, data.base.rows(), by.rescored(options.k)))
      best.offer({exact(vector, data.base.row(one.where)), one.where});
    for (const auto& one : best.take())
      found.push_back(one.where);
  }
  return recall_of(data, found, options.k);
}

/// Processor time of measuring all rows for all queries, with nothing kept.
double ns_per_row(scanner& by, const data_set& data) {
  std::array<float, 67> distances{};
  double seconds = 0;
  volatile float kept = 0; // So that nothing is left out.
  for (std::size_t query = 0; query < data.queries.rows(); ++query) {
    by.prepare(data.queries.row(query));
    const stopwatch watch;
    for (std::uint32_t first = 0; first < data.base.rows(); first += 64) {
      by.measure(first, std::min<std::size_t>(64, data.base.rows() - first), distances.data());
      kept = distances[0];
    }
    seconds += watch.cpu();
  }
  static_cast<void>(kept);
  return seconds * 1e9 / static_cast<double>(data.base.rows() * data.queries.rows());
}

outcome<data_set> data_of(const code_bench_options& options) {
  auto data = options.data.empty() ? outcome<data_set>(synthetic(
                  options.rows, options.queries, options.dimension, options.kind, options.seed))
                                   : read_data_set(options.data, options.queries, false);
  if (!data)
    return data;
  thread_executor threads;
  data->truth = exact_neighbours(data->base, data->queries, options.kind, options.k, threads);
  return data;
}

} // namespace

status run_code_bench(const code_bench_options& options) {
  auto data = data_of(options);
  if (!data)
    return data.error();
  std::vector<std::unique_ptr<scanner>> scanners;
  for (const auto code : {coding::floats, coding::bfloat16, coding::int8, coding::int4,
                          coding::product, coding::bits})
    if (supports(options.kind, code))
      scanners.push_back(std::make_unique<code_scanner>(*data, options, code));
  if (supports(options.kind, coding::bits))
    scanners.push_back(std::make_unique<sign_scanner>(*data, options));
  std::vector<std::vector<double>> times(scanners.size());
  std::vector<std::vector<double>> ratios(scanners.size());
  for (int repetition = 0; repetition < options.repetitions; ++repetition)
    for (std::size_t i = 0; i < scanners.size(); ++i) {
      times[i].push_back(ns_per_row(*scanners[i], *data));
      ratios[i].push_back(times[0].back() / times[i].back());
    }
  std::cout << hardware_line() << '\n'
            << data->base.rows() << " x " << data->base.width << ", " << to_string(options.kind)
            << ", " << data->queries.rows() << " queries, k " << options.k << ", seed "
            << options.seed << ", " << to_string(options.with)
            << ", one thread, processor time, medians of " << options.repetitions
            << " interleaved repetitions\n\n"
            << "code             bytes/row   smaller   ns/row   faster   rescored   recall@"
            << options.k << "   for 0.95\n";
  const auto plain = scanners.front()->bytes_per_row();
  for (std::size_t i = 0; i < scanners.size(); ++i) {
    char line[160];
    std::snprintf(line, sizeof line, "%-15s %10.0f %8.1fx %8.2f %7.1fx %10zu %11.4f %10zu\n",
                  scanners[i]->name().c_str(), scanners[i]->bytes_per_row(),
                  plain / scanners[i]->bytes_per_row(), *median(times[i]), *median(ratios[i]),
                  scanners[i]->rescored(options.k), recall_of_scan(*scanners[i], *data, options),
                  rescored_needed(*scanners[i], *data, options.k));
    std::cout << line;
  }
  return {};
}

} // namespace grape::bench
