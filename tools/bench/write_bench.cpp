#include "tools/bench/write_bench.hpp"

#include "tools/bench/curve.hpp"
#include "tools/bench/disk_syncs.hpp"
#include "tools/bench/http_process.hpp"
#include "tools/bench/write_requests.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace grape::bench {

namespace {

constexpr double disk_s = 1;
constexpr double warm_up_s = 1;

/// One of the two, ready to be loaded with values of one size.
struct loaded_target {
  http_address where;
  std::vector<process_meter> meters;
  std::vector<std::string> requests;

  double cpu_s() const {
    double sum = 0;
    for (const auto& meter : meters)
      sum += meter.cpu_s();
    return sum;
  }
};

outcome<loaded_target> prepare(const write_target& target) {
  loaded_target made;
  auto where = read_url(target.url);
  if (!where)
    return std::move(where).error();
  made.where = std::move(*where);
  for (const auto process : target.processes) {
    const auto meter = process_meter::of(process);
    if (!meter)
      return meter.error();
    made.meters.push_back(*meter);
  }
  return made;
}

class write_bench {
public:
  write_bench(const write_bench_options& options, loaded_target grape,
              std::optional<loaded_target> etcd)
    : options_(options)
    , grape_(std::move(grape))
    , etcd_(std::move(etcd)) {}

  status run();

private:
  status warm_up();
  status measure_size(std::size_t value_bytes);
  status measure_round(std::span<write_way> ways);
  status measure(const loaded_target& target, std::size_t connections, write_figures& into) const;
  status measure_disk();
  status measure_open_loop(std::span<const write_way> ways);

  const write_bench_options& options_;
  loaded_target grape_;
  std::optional<loaded_target> etcd_;
  write_bench_result result_;
};

status write_bench::measure(const loaded_target& target, std::size_t connections,
                            write_figures& into) const {
  const auto before = target.cpu_s();
  const auto done =
      run_load({target.where, target.requests, 0, options_.seconds, connections, options_.seed});
  if (!done)
    return done.error();
  const auto spent = target.cpu_s() - before;
  into.rounds.push_back(figures_of(*done));
  const auto accepted = into.rounds.back().accepted.count;
  if (accepted == 0 || accepted != done->samples.size())
    return {errc::internal, std::to_string(done->samples.size() - accepted)
                                + " of the writes were refused, " + std::to_string(accepted)
                                + " were accepted"};
  if (!target.meters.empty())
    into.cpu_us.push_back(1e6 * spent / static_cast<double>(accepted));
  return {};
}

/// Every key exists before anything is measured.
status write_bench::warm_up() {
  for (const auto* target : {&grape_, etcd_ ? &*etcd_ : nullptr})
    if (target != nullptr)
      if (const auto done =
              run_load({target->where, target->requests, 0, warm_up_s, 16, options_.seed});
          !done)
        return done.error();
  return {};
}

status write_bench::measure_disk() {
  const auto syncs = measure_disk_syncs(options_.folder, disk_s);
  if (!syncs)
    return syncs.error();
  result_.disk_syncs_per_s.push_back(static_cast<double>(syncs->size()) / disk_s);
  result_.disk_sync_p99_ms.push_back(1e3 * (*syncs)[syncs->size() * 99 / 100]);
  double load = 0;
  getloadavg(&load, 1);
  result_.machine_load.push_back(load);
  return {};
}

status write_bench::measure_round(std::span<write_way> ways) {
  for (auto& way : ways) {
    if (etcd_)
      if (auto done = measure(*etcd_, way.connections, way.etcd); !done.ok())
        return {done.code, "etcd: " + done.detail};
    if (auto done = measure(grape_, way.connections, way.grape); !done.ok())
      return {done.code, "Grape: " + done.detail};
  }
  return {};
}

/// Where Grape took most.
status write_bench::measure_open_loop(std::span<const write_way> ways) {
  const auto& most = *std::max_element(ways.begin(), ways.end(), [](const auto& a, const auto& b) {
    return *median(rates(a.grape)) < *median(rates(b.grape));
  });
  const auto rate = options_.open_share * *median(rates(most.grape));
  std::cerr << most.value_bytes << " bytes, open loop\n";
  const auto done = run_load(
      {grape_.where, grape_.requests, rate, 2 * options_.seconds, most.connections, options_.seed});
  if (!done)
    return done.error();
  result_.open.push_back({most.value_bytes, most.connections, figures_of(*done)});
  return {};
}

status write_bench::measure_size(std::size_t value_bytes) {
  grape_.requests = grape_writes(grape_.where, options_.collection, value_bytes, options_.seed);
  if (etcd_)
    etcd_->requests = etcd_writes(etcd_->where, value_bytes, options_.seed);
  if (auto done = warm_up(); !done.ok())
    return done;
  const auto first = result_.ways.size();
  for (const auto connections : options_.connections)
    result_.ways.push_back({value_bytes, connections, {}, {}});
  for (std::size_t round = 0; round < options_.rounds; ++round) {
    std::cerr << value_bytes << " bytes, round " << round + 1 << " of " << options_.rounds << '\n';
    if (auto done = measure_disk(); !done.ok())
      return done;
    if (auto done = measure_round(std::span{result_.ways}.subspan(first)); !done.ok())
      return done;
  }
  return options_.open_share > 0 ? measure_open_loop(std::span{result_.ways}.subspan(first))
                                 : status{};
}

status write_bench::run() {
  for (const auto value_bytes : options_.value_bytes)
    if (auto done = measure_size(value_bytes); !done.ok())
      return done;
  return report(options_, result_);
}

} // namespace

status run_write_bench(const write_bench_options& options) {
  auto grape = prepare(options.grape);
  if (!grape)
    return std::move(grape).error();
  std::optional<loaded_target> etcd;
  if (!options.etcd.url.empty()) {
    auto made = prepare(options.etcd);
    if (!made)
      return std::move(made).error();
    etcd = std::move(*made);
  }
  return write_bench{options, std::move(*grape), std::move(etcd)}.run();
}

} // namespace grape::bench
