#include "core/index/graph_builder.hpp"

#include "core/check.hpp"
#include "core/index/graph_growth.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>

namespace grape::index {

namespace {

constexpr std::uint32_t m_max = 2'000; // hnswlib counts links in 16 bits.
constexpr std::size_t chunk = 16;      // Rows that a thread takes at a time: milliseconds.

/// splitmix64: a stream of well mixed numbers from any seed.
std::uint64_t next_random(std::uint64_t& state) noexcept {
  state += 0x9e37'79b9'7f4a'7c15u;
  auto x = state;
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11ebu;
  return x ^ (x >> 31);
}

/// Levels fall off so that each has 1/m of the rows of the one below.
std::vector<std::uint8_t> draw_levels(std::uint32_t rows, std::uint32_t m, std::uint64_t seed) {
  const auto scale = 1 / std::log(static_cast<double>(m));
  std::vector<std::uint8_t> levels(rows);
  for (auto& level : levels) {
    const auto uniform = (static_cast<double>(next_random(seed) >> 11) + 1) * 0x1p-53;
    level = static_cast<std::uint8_t>(
      std::min(-std::log(uniform) * scale, static_cast<double>(level_limit)));
  }
  return levels;
}

/// Those of rows that have a place in `base` stay, and nobody is higher than its entry.
std::vector<std::uint8_t> levels_of(const graph_material& material, std::uint32_t m,
                                    std::uint64_t seed) {
  auto levels = draw_levels(material.rows, m, seed);
  if (const auto* base = material.base) {
    for (auto& level : levels)
      level = std::min(level, static_cast<std::uint8_t>(base->level_max));
    std::copy(base->levels.begin(), base->levels.end(), levels.begin());
  }
  return levels;
}

/// The rows that are in no graph yet. The very first is the highest, so that the entry point never
/// moves again: hnswlib reads it without a lock while other threads insert.
std::vector<std::uint32_t> insertion_order(const graph_material& material,
                                           const std::vector<std::uint8_t>& levels) {
  const auto first = material.base != nullptr ? material.base->rows : 0;
  std::vector<std::uint32_t> order(levels.size() - first);
  std::iota(order.begin(), order.end(), first);
  if (material.base != nullptr)
    return order;
  const auto highest = std::max_element(levels.begin(), levels.end()) - levels.begin();
  std::rotate(order.begin(), order.begin() + highest, order.begin() + highest + 1);
  return order;
}

/// Fills a graph from several threads; the first failure stops all.
class insertion {
public:
  insertion(graph_growth& into, const graph_material& material,
            const std::vector<std::uint8_t>& levels, const std::atomic<bool>& stop,
            build_progress* progress)
    : into_(into)
    , material_(material)
    , levels_(levels)
    , order_(insertion_order(material, levels))
    , stop_(stop)
    , progress_(progress) {
  }

  status run(executor& with) {
    const std::size_t alone = material_.base == nullptr ? 1 : 0;
    insert(0, alone);
    const auto rest = order_.size() - alone;
    with.run((rest + chunk - 1) / chunk, [this, alone](std::size_t i) {
      const auto first = alone + i * chunk;
      insert(first, std::min(first + chunk, order_.size()));
    });
    if (failure_)
      return *failure_;
    return stop_ ? status{errc::cancelled, "the build of a graph was stopped"} : status{};
  }

private:
  /// Those of the order's places first .. last - 1.
  void insert(std::size_t first, std::size_t last) {
    try {
      std::vector<char> record(material_.record_bytes);
      for (auto at = first; at < last && !failed_ && !stop_; ++at) {
        const auto row = order_[at];
        material_.write_record(row, record.data());
        into_.insert(row, record.data(), levels_[row]);
        if (progress_ != nullptr)
          progress_->rows_done.fetch_add(1, std::memory_order_relaxed);
      }
    } catch (const std::exception& error) {
      fail({errc::no_space, std::string("building a graph: ") + error.what()});
    }
  }

  void fail(status why) {
    const std::lock_guard lock(failure_lock_);
    failed_ = true;
    failure_ = std::move(why);
  }

  graph_growth& into_;
  const graph_material& material_;
  const std::vector<std::uint8_t>& levels_;
  const std::vector<std::uint32_t> order_;
  const std::atomic<bool>& stop_;
  build_progress* progress_;
  std::atomic<bool> failed_ = false;
  std::mutex failure_lock_;
  std::optional<status> failure_;
};

} // namespace

outcome<built_graph> build_graph(const graph_material& material, const graph_options& options,
                                 executor& with, const std::atomic<bool>& stop,
                                 build_progress* progress) {
  try {
    const auto m = std::clamp(options.m, 2u, m_max);
    GRAPE_CHECK(material.base == nullptr
                || (material.base->m == m && material.base->rows <= material.rows));
    const auto levels = levels_of(material, m, options.seed);
    auto growing = std::make_unique<graph_growth>(material, m, options);
    if (material.base != nullptr) {
      growing->import_base();
      if (progress != nullptr)
        progress->rows_done += material.base->rows;
    }
    insertion work(*growing, material, levels, stop, progress);
    if (auto done = work.run(with); !done.ok())
      return done;
    auto links = growing->exported();
    const auto source = growing->inserted_rows();
    growing.reset();
    connect_unreached(links);
    auto order = walk_order(links);
    auto ordered = renumbered(links, order);
    for (auto& row : order)
      row = source[row];
    return built_graph{std::move(ordered), std::move(order)};
  } catch (const std::exception& error) {
    return status{errc::no_space, std::string("building a graph: ") + error.what()};
  }
}

} // namespace grape::index
