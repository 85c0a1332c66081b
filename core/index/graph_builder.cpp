#include "core/index/graph_builder.hpp"

#include "core/check.hpp"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>

// hnswlib draws a level with every insertion, from one generator without a lock: a data race when
// several threads insert. Here levels are drawn beforehand and passed in; its draw is switched off.
template <>
inline int hnswlib::HierarchicalNSW<float>::getRandomLevel(double) {
  return 0;
}

namespace grape::index {

namespace {

using native_graph = hnswlib::HierarchicalNSW<float>;

constexpr std::uint32_t m_max = 2'000; // hnswlib counts links in 16 bits.
constexpr std::size_t chunk = 16;      // Rows that a thread takes at a time: milliseconds.

class record_space final : public hnswlib::SpaceInterface<float> {
public:
  explicit record_space(const graph_material& material) : material_(material) {
  }

  std::size_t get_data_size() override { return material_.record_bytes; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return material_.distance; }
  void* get_dist_func_param() override { return const_cast<std::size_t*>(&material_.length); }

private:
  const graph_material& material_;
};

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

/// Fills a native graph from several threads; the first failure stops all.
class insertion {
public:
  insertion(native_graph& into, const graph_material& material,
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
        into_.addPoint(record.data(), row, levels_[row]);
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

  native_graph& into_;
  const graph_material& material_;
  const std::vector<std::uint8_t>& levels_;
  const std::vector<std::uint32_t> order_;
  const std::atomic<bool>& stop_;
  build_progress* progress_;
  std::atomic<bool> failed_ = false;
  std::mutex failure_lock_;
  std::optional<status> failure_;
};

void import_list(native_graph& into, const std::uint32_t* list, std::uint32_t width,
                 hnswlib::linklistsizeint* to) {
  const auto count = static_cast<std::uint16_t>(std::find(list, list + width, no_link) - list);
  into.setListCount(to, count);
  std::memcpy(to + 1, list, count * sizeof *list);
}

/// Makes an empty native graph one of the material's base: what hnswlib's addPoint does with a row,
/// but for the search for its links. The native graph frees what is allocated here.
void import_base(native_graph& into, const graph_material& material) {
  const auto& base = *material.base;
  for (std::uint32_t row = 0; row < base.rows; ++row) {
    std::memset(into.data_level0_memory_ + row * into.size_data_per_element_, 0,
                into.size_data_per_element_);
    into.setExternalLabel(row, row);
    material.write_record(row, into.getDataByInternalId(row));
    import_list(into, base.list0(row), base.width0(), into.get_linklist0(row));
    if (const auto level = base.levels[row]; level > 0) {
      auto* lists = static_cast<char*>(std::calloc(level, into.size_links_per_element_));
      if (lists == nullptr)
        throw std::bad_alloc{};
      into.linkLists_[row] = lists;
      into.element_levels_[row] = level;
      for (std::uint32_t each = 1; each <= level; ++each)
        import_list(into, &base.upper[base.upper_at[row] + (each - 1) * base.m], base.m,
                    into.get_linklist(row, static_cast<int>(each)));
    }
    into.label_lookup_[row] = row;
    into.cur_element_count = row + 1;
  }
  into.enterpoint_node_ = base.entry;
  into.maxlevel_ = static_cast<int>(base.level_max);
}

void copy_list(const native_graph& from, hnswlib::linklistsizeint* list, std::uint32_t width,
               std::uint32_t* to) {
  const std::uint32_t count = from.getListCount(list);
  GRAPE_CHECK(count <= width);
  std::memcpy(to, list + 1, count * sizeof *to);
  std::fill(to + count, to + width, no_link);
}

/// Copies the links out, rows numbered as they were inserted.
graph exported(const native_graph& from, std::uint32_t m) {
  graph to;
  to.rows = static_cast<std::uint32_t>(from.cur_element_count);
  to.m = m;
  to.entry = from.enterpoint_node_;
  to.level_max = static_cast<std::uint32_t>(from.maxlevel_);
  to.levels.resize(to.rows);
  to.links0 = hot_array<std::uint32_t>(std::size_t{to.rows} * to.width0());
  for (std::uint32_t row = 0; row < to.rows; ++row) {
    to.levels[row] = static_cast<std::uint8_t>(from.element_levels_[row]);
    copy_list(from, from.get_linklist0(row), to.width0(), to.list0(row));
    for (int level = 1; level <= from.element_levels_[row]; ++level) {
      to.upper.resize(to.upper.size() + m);
      copy_list(from, from.get_linklist(row, level), m, &to.upper[to.upper.size() - m]);
    }
  }
  index_upper_levels(to);
  return to;
}

} // namespace

outcome<built_graph> build_graph(const graph_material& material, const graph_options& options,
                                 executor& with, const std::atomic<bool>& stop,
                                 build_progress* progress) {
  try {
    const auto m = std::clamp(options.m, 2u, m_max);
    GRAPE_CHECK(material.base == nullptr
                || (material.base->m == m && material.base->rows <= material.rows));
    const auto levels = levels_of(material, m, options.seed);
    record_space space(material);
    // hnswlib prefetches one link behind the end of a list: room for m + 1 keeps that in bounds.
    auto native = std::make_unique<native_graph>(&space, material.rows, m + 1,
                                                 options.ef_construct, options.seed);
    native->M_ = native->maxM_ = m;
    native->maxM0_ = 2 * std::size_t{m};
    if (material.base != nullptr) {
      import_base(*native, material);
      if (progress != nullptr)
        progress->rows_done += material.base->rows;
    }
    insertion work(*native, material, levels, stop, progress);
    if (auto done = work.run(with); !done.ok())
      return done;
    auto links = exported(*native, m);
    std::vector<std::uint32_t> source(links.rows);
    for (std::uint32_t row = 0; row < links.rows; ++row)
      source[row] = static_cast<std::uint32_t>(native->getExternalLabel(row));
    native.reset();
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
