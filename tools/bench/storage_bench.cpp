#include "tools/bench/storage_bench.hpp"

#include "core/codec/frame.hpp"
#include "core/codec/request_codec.hpp"
#include "core/shard/command.hpp"
#include "tools/bench/http_queries.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/storage_bed.hpp"
#include "tools/bench/storage_report.hpp"
#include "tools/bench/word_sample.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <random>

namespace grape::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t batch = 100; // Points per entry, where an entry has many.

std::vector<point> points_of(const word_sample& sample) {
  std::vector<point> made;
  for (std::size_t i = 0; i < sample.words.size(); ++i)
    made.push_back({point_id{i}, {{"", sample.vectors[i]}}, payload_of(sample, i)});
  return made;
}

/// Log entries that write all points, in order.
std::vector<std::string> commands_of(std::span<const point> points, std::size_t per_entry) {
  std::vector<std::string> made;
  while (!points.empty()) {
    const auto part = points.first(std::min(per_entry, points.size()));
    upsert_points upsert;
    upsert.points.assign(part.begin(), part.end());
    made.push_back(shard::encode(shard::write_points{schema_version{1}, {upsert}}));
    points = points.subspan(part.size());
  }
  return made;
}

/// Writes for at most `seconds`, beginning again when all points are written.
status write_for(double seconds, std::span<const point> points, storage_bed& to,
                 write_figures& figures) {
  const auto commands = commands_of(points, figures.points_per_entry);
  const std::span all{commands};
  const stopwatch clock;
  for (std::size_t at = 0; clock.wall() < seconds; at = at >= all.size() ? 0 : at) {
    const auto part = all.subspan(at, std::min(figures.entries_per_sync, all.size() - at));
    if (auto written = to.write(part); !written.ok())
      return written;
    at += part.size();
    figures.points += part.size() * figures.points_per_entry;
  }
  figures.seconds = clock.wall();
  return {};
}

size_figures sizes_of(const word_sample& sample, std::span<const point> points) {
  size_figures made;
  made.points = points.size();
  for (std::size_t from = 0; from < points.size(); from += batch) {
    const auto to = std::min(from + batch, points.size());
    made.json_bytes += upsert_body(sample, from, to).size();
    std::string payloads;
    for (const auto& point : points.subspan(from, to - from)) {
      made.payload_bytes += payload::to_json(point.payload).size();
      made.packed_bytes += codec::packed(point).size();
      payloads += codec::packed(point.payload);
    }
    made.payload_packed_bytes += payloads.size();
    made.payload_lz4_bytes += codec::encode_frame(payloads, codec::compression::lz4).size();
  }
  return made;
}

/// Draws places 0 .. count - 1: all alike, or as words are used (the n-th with weight 1 / n), in
/// no order of place.
class place_chooser {
public:
  place_chooser(std::size_t count, bool as_used, std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < count; ++i) {
      places_.push_back(i);
      reach_.push_back((i == 0 ? 0 : reach_.back())
                       + (as_used ? 1.0 / static_cast<double>(i + 1) : 1.0));
    }
    std::shuffle(places_.begin(), places_.end(), random_);
  }

  std::size_t next() {
    const auto drawn = std::uniform_real_distribution<double>{0, reach_.back()}(random_);
    const auto at = std::upper_bound(reach_.begin(), reach_.end(), drawn) - reach_.begin();
    return places_[std::min(static_cast<std::size_t>(at), places_.size() - 1)];
  }

private:
  std::mt19937_64 random_;
  std::vector<std::size_t> places_;
  std::vector<double> reach_; // Sums of weights.
};

/// A quarter of the time warms the cache and is not counted.
status read_for(double seconds, std::uint64_t points, bool as_used, std::uint64_t seed,
                storage::point_store& from, read_figures& figures) {
  place_chooser chooser{points, as_used, seed};
  const auto reader = from.read();
  const auto read_until = [&](double end, const stopwatch& clock) -> status {
    while (clock.wall() < end) {
      const point_id id{chooser.next()};
      const auto payload = reader.payload(id);
      const auto vectors = reader.vectors(id);
      if (!payload || !vectors)
        return payload ? vectors.error() : payload.error();
      ++figures.points;
    }
    return {};
  };
  if (auto warm = read_until(seconds / 4, {}); !warm.ok())
    return warm;
  figures.points = 0;
  const auto before = from.below().stats();
  const stopwatch clock;
  if (auto done = read_until(seconds, clock); !done.ok())
    return done;
  figures.seconds = clock.wall();
  const auto after = from.below().stats();
  const auto hits = static_cast<double>(after.cache_hits - before.cache_hits);
  const auto misses = static_cast<double>(after.cache_misses - before.cache_misses);
  figures.cache_hits = hits + misses > 0 ? hits / (hits + misses) : 0;
  return {};
}

class storage_bench {
public:
  storage_bench(const storage_bench_options& options, std::string folder,
                const word_sample& sample)
    : options_(options)
    , sample_(sample)
    , points_(points_of(sample)) {
    result_.folder = std::move(folder);
  }

  status run() {
    for (const auto step : {&storage_bench::write, &storage_bench::load, &storage_bench::read})
      if (auto done = (this->*step)(); !done.ok())
        return done;
    return report(options_, result_);
  }

private:
  std::string place(const std::string& name) const { return result_.folder + "/" + name; }

  status write();
  status load();
  status read();

  const storage_bench_options& options_;
  const word_sample& sample_;
  std::vector<point> points_;
  storage_bench_result result_;
};

status storage_bench::write() {
  for (const auto& [name, synced, points, entries] :
       {std::tuple{"1 writer, 1 point each", true, 1, 1},
        {"64 writers, 1 point each", true, 1, 64},
        {"1 writer, 100 points each", true, 100, 1},
        {"1 writer, 1 point each", false, 1, 1},
        {"1 writer, 100 points each", false, 100, 1}}) {
    write_figures figures{.name = name,
                          .synced = synced,
                          .points_per_entry = static_cast<std::size_t>(points),
                          .entries_per_sync = static_cast<std::size_t>(entries)};
    std::cerr << "writing: " << name << (synced ? ", synced\n" : "\n");
    const auto number = std::to_string(result_.writes.size());
    auto bed = storage_bed::open(
      {.folder = place("write-" + number),
       .fsync = synced ? storage::fsync_policy::always : storage::fsync_policy::never});
    if (!bed)
      return std::move(bed).error();
    if (auto done = write_for(options_.seconds, points_, **bed, figures); !done.ok())
      return done;
    result_.writes.push_back(std::move(figures));
  }
  return {};
}

/// Every point once, then compacted: what reads and sizes are taken from.
status storage_bench::load() {
  std::cerr << "loading\n";
  auto bed = storage_bed::open({.folder = place("read"), .fsync = storage::fsync_policy::never});
  if (!bed)
    return std::move(bed).error();
  for (const auto& command : commands_of(points_, batch))
    if (auto written = (*bed)->write({&command, 1}); !written.ok())
      return written;
  if (auto settled = (*bed)->settle(); !settled.ok())
    return settled;
  result_.sizes = sizes_of(sample_, points_);
  result_.sizes.store_bytes = (*bed)->store_bytes();
  return {};
}

status storage_bench::read() {
  constexpr auto node_default = std::uint64_t{node_defaults.cache_mb} << 20;
  const auto small = result_.sizes.store_bytes * options_.cache_percent / 100;
  for (const auto& [as_used, cache_bytes] :
       {std::pair{false, small}, {true, small}, {true, node_default}}) {
    read_figures figures;
    figures.name = as_used ? "as words are used (1/n)" : "every point alike";
    figures.cache_bytes = cache_bytes;
    std::cerr << "reading: " << figures.name << '\n';
    auto points = storage_bed::open_points(place("read"), cache_bytes);
    if (!points)
      return std::move(points).error();
    if (auto done = read_for(options_.seconds, result_.sizes.points, as_used, options_.seed,
                             **points, figures);
        !done.ok())
      return done;
    result_.reads.push_back(std::move(figures));
  }
  return {};
}

} // namespace

status run_storage_bench(const storage_bench_options& options) {
  const auto sample = read_word_sample(
    options.sample.empty() ? default_sample_folder() : options.sample);
  if (!sample)
    return sample.error();
  std::error_code error;
  const auto above = options.folder.empty() ? fs::temp_directory_path(error).string()
                                            : options.folder;
  const auto folder = above + "/grape-bench-storage-" + std::to_string(getpid());
  const auto done = storage_bench{options, folder, *sample}.run();
  fs::remove_all(folder, error);
  return done;
}

} // namespace grape::bench
