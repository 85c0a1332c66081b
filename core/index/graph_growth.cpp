#include "core/index/graph_growth.hpp"

#include "core/check.hpp"
#include "core/index/hot_array.hpp"
#include "core/index/neighbour_choice.hpp"
#include "core/index/row_access.hpp"
#include "core/index/walk_scratch.hpp"

// Under names of its own: a host program may use hnswlib as it is, beside Grape.
#define hnswlib grape_hnswlib
#define cpuid grape_hnswlib_cpuid
#define xgetbv grape_hnswlib_xgetbv
#define AVXCapable grape_hnswlib_has_avx
#define AVX512Capable grape_hnswlib_has_avx512
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <queue>

namespace {

using hnsw = hnswlib::HierarchicalNSW<float>;
using candidate_list = std::vector<std::pair<float, hnswlib::tableint>>;
using candidate_queue
    = std::priority_queue<candidate_list::value_type, candidate_list, hnsw::CompareByFirst>;

} // namespace

// hnswlib draws a level with every insertion, from one generator without a lock: a data race when
// several threads insert. Here levels are drawn beforehand and passed in; its draw is switched off.
template <>
inline int hnsw::getRandomLevel(double) {
  return 0;
}

// The two steps in which insertions spend their time are done here; see below.
template <>
candidate_queue hnsw::searchBaseLayer(hnswlib::tableint start, const void* record, int level);
template <>
hnswlib::tableint hnsw::mutuallyConnectNewElement(const void* record, hnswlib::tableint row,
                                                  candidate_queue& found, int level, bool update);

namespace grape::index {

namespace {

constexpr std::size_t cache_line = 64;

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t to) noexcept {
  return (bytes + to - 1) / to * to;
}

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

/// What hnswlib passes from the search to the linking, without its heap's order.
struct opened_queue : candidate_queue {
  static candidate_list& of(candidate_queue& queue) { return queue.*&opened_queue::c; }
};

float distance_of_key(std::int64_t key) noexcept {
  auto bits = static_cast<std::int32_t>(key >> 32);
  bits ^= (bits >> 31) & 0x7fff'ffff;
  return std::bit_cast<float>(bits);
}

void copy_links(const std::uint32_t* list, std::uint32_t width, std::uint32_t count,
                std::uint32_t* to) {
  GRAPE_CHECK(count <= width);
  std::memcpy(to, list, count * sizeof *to);
  std::fill(to + count, to + width, no_link);
}

} // namespace

/// hnswlib's graph with rows that begin at cache lines, in huge pages. It never is one that hnswlib
/// made itself.
class graph_growth::native_graph final : public hnsw {
public:
  native_graph(const graph_material& material, std::uint32_t m, const graph_options& options)
    : native_graph(record_space(material), material, m, options) {
  }

  ~native_graph() { data_level0_memory_ = nullptr; } // It is not hnswlib's to free.

  candidate_queue search(std::uint32_t start, const void* record, int level);
  std::uint32_t connect(std::uint32_t row, candidate_queue& found, int level);
  void import_base(const graph_material& material);
  graph exported() const;

private:
  struct level_lists {
    native_graph* of;
    int level;
    std::uint32_t width;
  };

  native_graph(record_space space, const graph_material& material, std::uint32_t m,
               const graph_options& options);

  static void copy_list(void* context, std::uint32_t row, std::uint32_t* list);
  static bool spend_freely(void*, std::uint64_t) { return true; }

  std::uint32_t width_of(int level) const noexcept {
    return static_cast<std::uint32_t>(level == 0 ? maxM0_ : maxM_);
  }
  float between(std::uint32_t a, std::uint32_t b) const {
    return fstdistfunc_(getDataByInternalId(a), getDataByInternalId(b), dist_func_param_);
  }

  void prefetch_record(std::uint32_t row) const noexcept {
    for (std::size_t at = 0; at < data_size_; at += cache_line)
      __builtin_prefetch(getDataByInternalId(row) + at);
  }
  void prefetch_links(std::uint32_t row, int level) const noexcept;
  void link_back(std::uint32_t from, std::uint32_t to, float distance, int level,
                 std::vector<neighbour>& links);
  void import_list(std::uint32_t row, int level, const std::uint32_t* from);
  void write_list(std::uint32_t row, int level, const std::vector<neighbour>& links);

  hot_array<char> elements_;
  walk_vectors vectors_;
  std::vector<std::uint16_t> settled_; ///< So many links at the front of a row's list on level 0
                                       ///< were chosen together, nearest first.
  walk_scratch_pool scratches_;
};

graph_growth::native_graph::native_graph(record_space space, const graph_material& material,
                                         std::uint32_t m, const graph_options& options)
  : hnsw(&space, material.rows, m, options.ef_construct, options.seed)
  , settled_(material.rows) {
  std::free(data_level0_memory_);
  data_level0_memory_ = nullptr;
  label_offset_ = rounded_up(size_links_level0_, sizeof(hnswlib::labeltype));
  offsetData_ = rounded_up(label_offset_ + sizeof(hnswlib::labeltype), cache_line);
  size_data_per_element_ = rounded_up(offsetData_ + data_size_, cache_line);
  elements_ = hot_array<char>(max_elements_ * size_data_per_element_);
  data_level0_memory_ = elements_.data();
  vectors_.codec = material.codec;
  vectors_.first = reinterpret_cast<const std::uint8_t*>(data_level0_memory_ + offsetData_);
  vectors_.stride = size_data_per_element_;
  vectors_.reach = data_size_;
  vectors_.length = material.length;
}

void graph_growth::native_graph::copy_list(void* context, std::uint32_t row, std::uint32_t* list) {
  const auto& lists = *static_cast<const level_lists*>(context);
  const std::lock_guard lock(lists.of->link_list_locks_[row]);
  auto* from = lists.of->get_linklist_at_level(row, lists.level);
  const std::size_t count = lists.of->getListCount(from);
  std::memcpy(list, from + 1, count * sizeof *list);
  std::fill(list + count, list + lists.width, no_link);
}

/// The nearest rows on a level, in hnswlib's heap: farthest first, which is one.
candidate_queue graph_growth::native_graph::search(std::uint32_t start, const void* record,
                                                   int level) {
  level_lists lists{this, level, width_of(level)};
  walk_scratch_pool::lease scratch(scratches_);
  walk_request request;
  request.graph.rows = static_cast<std::uint32_t>(max_elements_);
  request.graph.width0 = lists.width;
  request.vectors = vectors_;
  request.vectors.query = record;
  request.limit.spend = spend_freely;
  request.growing = {.copy = copy_list,
                     .context = &lists,
                     .first = reinterpret_cast<const std::uint8_t*>(data_level0_memory_),
                     .stride = size_data_per_element_,
                     .first_lock = reinterpret_cast<const std::uint8_t*>(link_list_locks_.data()),
                     .lock_stride = sizeof(std::mutex)};
  request.start = start;
  request.ef = static_cast<std::uint32_t>(ef_construction_);
  request.memory = scratch->fit(request.graph, request.ef, 0);
  request.grows = true;
  const auto size = run_walk(best_isa(), request);
  candidate_queue found;
  auto& list = opened_queue::of(found);
  list.resize(size);
  for (std::size_t i = 0; i < size; ++i)
    list[size - 1 - i] = {distance_of_key(scratch->pool()[i]), row_of_key(scratch->pool()[i])};
  return found;
}

void graph_growth::native_graph::prefetch_links(std::uint32_t row, int level) const noexcept {
  __builtin_prefetch(&link_list_locks_[row], 1);
  if (level == 0)
    for (std::size_t at = 0; at < size_links_level0_; at += cache_line)
      __builtin_prefetch(data_level0_memory_ + row * size_data_per_element_ + at, 1);
}

/// Needs the row's lock.
void graph_growth::native_graph::write_list(std::uint32_t row, int level,
                                            const std::vector<neighbour>& links) {
  auto* list = get_linklist_at_level(row, level);
  for (std::size_t i = 0; i < links.size(); ++i)
    list[1 + i] = links[i].row;
  setListCount(list, static_cast<unsigned short>(links.size()));
}

/// Chooses links for a row, whose lock hnswlib holds, and links those back. Returns the nearest.
std::uint32_t graph_growth::native_graph::connect(std::uint32_t row, candidate_queue& found,
                                                  int level) {
  const auto measure = [this](std::uint32_t a, std::uint32_t b) { return between(a, b); };
  auto& heap = opened_queue::of(found);
  std::vector<neighbour> chosen;
  chosen.reserve(heap.size());
  std::for_each(heap.rbegin(), heap.rend(), [&](const auto& one) {
    chosen.push_back({one.first, one.second, false});
  });
  heap.clear();
  const auto choosing = chosen.size() >= M_; // As hnswlib has it: fewer are not chosen from.
  if (choosing)
    keep_diverse(chosen, M_, measure);
  for (const auto& one : chosen)
    prefetch_links(one.row, level);
  write_list(row, level, chosen);
  if (level == 0 && choosing)
    settled_[row] = static_cast<std::uint16_t>(chosen.size());
  std::vector<neighbour> links;
  for (const auto& one : chosen)
    link_back(one.row, row, one.distance, level, links);
  return chosen.front().row;
}

/// `links` is memory to use.
void graph_growth::native_graph::link_back(std::uint32_t from, std::uint32_t to, float distance,
                                           int level, std::vector<neighbour>& links) {
  const std::lock_guard lock(link_list_locks_[from]);
  auto* list = get_linklist_at_level(from, level);
  const std::size_t count = getListCount(list);
  const std::size_t width = width_of(level);
  if (count < width) {
    list[1 + count] = to;
    setListCount(list, static_cast<unsigned short>(count + 1));
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    prefetch_record(list[1 + i]);
  const std::size_t settled = level == 0 ? settled_[from] : 0;
  links.clear();
  for (std::size_t i = 0; i < count; ++i)
    links.push_back({between(list[1 + i], from), list[1 + i], i < settled});
  links.push_back({distance, to, false});
  const auto nearer
      = [](const neighbour& a, const neighbour& b) { return a.distance < b.distance; };
  const auto behind = links.begin() + static_cast<std::ptrdiff_t>(settled);
  std::sort(behind, links.end(), nearer);
  std::inplace_merge(links.begin(), behind, links.end(), nearer);
  keep_diverse(links, width, [this](std::uint32_t a, std::uint32_t b) { return between(a, b); });
  write_list(from, level, links);
  if (level == 0)
    settled_[from] = static_cast<std::uint16_t>(links.size());
}

void graph_growth::native_graph::import_list(std::uint32_t row, int level,
                                             const std::uint32_t* from) {
  auto* to = get_linklist_at_level(row, level);
  const auto count
      = static_cast<std::uint16_t>(std::find(from, from + width_of(level), no_link) - from);
  setListCount(to, count);
  std::memcpy(to + 1, from, count * sizeof *from);
}

/// What hnswlib's addPoint does with a row, but for the search for its links.
void graph_growth::native_graph::import_base(const graph_material& material) {
  const auto& base = *material.base;
  for (std::uint32_t row = 0; row < base.rows; ++row) {
    setExternalLabel(row, row);
    material.write_record(row, getDataByInternalId(row));
    import_list(row, 0, base.list0(row));
    if (const auto level = base.levels[row]; level > 0) {
      auto* lists = static_cast<char*>(std::calloc(level, size_links_per_element_));
      if (lists == nullptr)
        throw std::bad_alloc{};
      linkLists_[row] = lists; // hnswlib frees it.
      element_levels_[row] = level;
      for (std::uint32_t each = 1; each <= level; ++each)
        import_list(row, static_cast<int>(each),
                    &base.upper[base.upper_at[row] + (each - 1) * base.m]);
    }
    label_lookup_[row] = row;
    cur_element_count = row + 1;
  }
  enterpoint_node_ = base.entry;
  maxlevel_ = static_cast<int>(base.level_max);
}

graph graph_growth::native_graph::exported() const {
  graph to;
  to.rows = static_cast<std::uint32_t>(cur_element_count);
  to.m = static_cast<std::uint32_t>(maxM_);
  to.entry = enterpoint_node_;
  to.level_max = static_cast<std::uint32_t>(maxlevel_);
  to.levels.resize(to.rows);
  to.links0 = hot_array<std::uint32_t>(std::size_t{to.rows} * to.width0());
  for (std::uint32_t row = 0; row < to.rows; ++row) {
    to.levels[row] = static_cast<std::uint8_t>(element_levels_[row]);
    for (int level = 0; level <= element_levels_[row]; ++level) {
      if (level > 0)
        to.upper.resize(to.upper.size() + to.m);
      auto* list = get_linklist_at_level(row, level);
      copy_links(list + 1, width_of(level), getListCount(list),
                 level == 0 ? to.list0(row) : &to.upper[to.upper.size() - to.m]);
    }
  }
  index_upper_levels(to);
  return to;
}

graph_growth::graph_growth(const graph_material& material, std::uint32_t m,
                           const graph_options& options)
  : material_(material)
  , native_(std::make_unique<native_graph>(material, m, options)) {}

graph_growth::~graph_growth() = default;

void graph_growth::import_base() { native_->import_base(material_); }

void graph_growth::insert(std::uint32_t row, const void* record, std::uint8_t level) {
  native_->addPoint(record, row, level);
}

graph graph_growth::exported() const { return native_->exported(); }

std::vector<std::uint32_t> graph_growth::inserted_rows() const {
  std::vector<std::uint32_t> rows(native_->cur_element_count);
  for (std::uint32_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::uint32_t>(native_->getExternalLabel(i));
  return rows;
}

} // namespace grape::index

using own_graph = grape::index::graph_growth::native_graph;

template <>
candidate_queue hnsw::searchBaseLayer(hnswlib::tableint start, const void* record, int level) {
  return static_cast<own_graph*>(this)->search(start, record, level);
}

template <>
hnswlib::tableint hnsw::mutuallyConnectNewElement(const void*, hnswlib::tableint row,
                                                  candidate_queue& found, int level, bool) {
  return static_cast<own_graph*>(this)->connect(row, found, level);
}
