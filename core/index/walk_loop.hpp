#pragma once

// The walk over a sealed graph, written once. Each walk_*.cpp includes it after the primitives and
// the steps of its instruction set. Everything has internal linkage, see there; nothing of the
// standard library that leaves inline functions behind may be used here.
//
// How it gets its speed: several nodes are expanded per step; codes and link lists are prefetched
// as soon as they are known to be needed; a step's candidates are sorted and merged into the pool
// once; the pool's keys are integers (distance << 32 | row << 1 | expanded), so that one
// comparison orders them; what would branch on data that no processor can predict (seen or not,
// nearer or not) is done in registers or by arithmetic.

#include "core/index/walk_keys.hpp"
#include "core/index/walk_rows.hpp"

#include <cstring>

namespace grape::index {
namespace {

constexpr std::int64_t expanded = 1;

inline bool bit_of(const std::uint64_t* words, std::uint32_t at) noexcept {
  return (words[at / 64] >> (at % 64) & 1) != 0;
}

/// Greedily through the upper levels; ends at a row near the query.
template <class Rows>
std::uint32_t descend_by(const walk_request& request) noexcept {
  const auto& graph = request.graph;
  const auto& vectors = request.vectors;
  auto* found = request.memory.found;
  auto* distances = request.memory.distances;
  const Rows rows{vectors};
  auto current = graph.entry;
  auto nearest = rows.distance(current);
  for (auto level = graph.level_max; level > 0; --level)
    for (bool moved = true; moved;) {
      moved = false;
      const auto* list =
        graph.upper + graph.upper_at[current] + std::size_t{level - 1} * graph.width;
      std::size_t count = 0;
      for (; count < graph.width && list[count] != no_link; ++count) {
        found[count] = list[count];
        prefetch_bytes(vectors.first + list[count] * vectors.stride, vectors.stride);
      }
      if (count == 0)
        break;
      if (!request.limit.spend(request.limit.context, count))
        return current;
      rows.distances(found, count, distances);
      for (std::size_t i = 0; i < count; ++i)
        if (distances[i] < nearest) {
          nearest = distances[i];
          current = found[i];
          moved = true;
        }
    }
  return current;
}

/// Which rows count, and where their links lie.
enum class walk_kind { all, passing, growing };

template <class Rows, walk_kind Kind>
class walker {
  static constexpr bool Filtered = Kind == walk_kind::passing;

public:
  explicit walker(const walk_request& request) noexcept
    : request_(request)
    , graph_(request.graph)
    , rows_{request.vectors}
    , row_bytes_(request.vectors.reach != 0 ? request.vectors.reach : request.vectors.stride)
    , list_bytes_(std::size_t{request.graph.width0} * sizeof(std::uint32_t)) {
  }

  std::size_t run() noexcept {
    std::memset(memory().visited, 0, (std::size_t{graph_.rows} + 63) / 64 * 8);
    begin();
    while (!stopped_ && step()) {
    }
    return size_;
  }

private:
  const walk_memory& memory() const noexcept { return request_.memory; }

  void spend(std::size_t visits) noexcept {
    if (!request_.limit.spend(request_.limit.context, visits))
      stopped_ = true;
  }

  void prefetch_row(std::uint32_t row) const noexcept {
    prefetch_bytes(request_.vectors.first + row * request_.vectors.stride, row_bytes_);
  }

  void prefetch_list(std::uint32_t row) const noexcept {
    if constexpr (Kind == walk_kind::growing) {
      const auto& lists = request_.growing;
      prefetch(lists.first_lock + row * lists.lock_stride);
      prefetch_bytes(lists.first + row * lists.stride, list_bytes_);
    } else {
      prefetch_bytes(list0(row), list_bytes_);
    }
  }

  const std::uint32_t* list0(std::uint32_t row) const noexcept {
    return graph_.links0 + std::size_t{row} * graph_.width0;
  }

  /// The list of a row, if need be a copy of it, until it is asked for another.
  const std::uint32_t* links_of(std::uint32_t row) const noexcept {
    if constexpr (Kind != walk_kind::growing)
      return list0(row);
    request_.growing.copy(request_.growing.context, row, memory().bridges);
    return memory().bridges;
  }

  void begin() noexcept {
    mark(memory().visited, request_.start);
    memory().found[0] = request_.start;
    waiting_ = 1;
    if constexpr (Filtered) {
      for (std::size_t i = 0; i < request_.filter.seed_count; ++i)
        if (const auto seed = request_.filter.seeds[i]; !mark(memory().visited, seed)) {
          prefetch_row(seed);
          memory().found[waiting_++] = seed;
        }
      spend(waiting_);
    }
  }

  bool passes(std::uint32_t row) const noexcept {
    const auto& filter = request_.filter;
    if (filter.live != nullptr && !bit_of(filter.live, row))
      return false;
    return filter.allowed == nullptr || bit_of(filter.allowed, filter.slot_of_row[row]);
  }

  /// Appends the neighbours of `row` not seen before to `found`. Returns how many that then holds,
  /// like all that append.
  std::size_t expand(std::uint32_t row, std::size_t count) noexcept {
    const auto* list = links_of(row);
    if constexpr (Filtered)
      return expand_passing(list, count);
    auto* found = memory().found + count;
    return count + take_unseen(list, graph_.width0, memory().visited, found,
                               [this](std::uint32_t near) { prefetch_row(near); });
  }

  /// Only passing rows get into the pool. Neighbours that do not pass serve as bridges to their
  /// own neighbours, until about one list's worth of rows has been found (as in ACORN).
  std::size_t expand_passing(const std::uint32_t* list, std::size_t count) noexcept {
    auto* bridges = memory().bridges;
    std::size_t bridge_count = 0;
    const auto enough = count + graph_.width0;
    for (std::size_t i = 0; i < graph_.width0 && list[i] != no_link; ++i) {
      if (mark(memory().visited, list[i]))
        continue;
      if (passes(list[i])) {
        prefetch_row(list[i]);
        memory().found[count++] = list[i];
      } else {
        prefetch_list(list[i]);
        bridges[bridge_count++] = list[i];
      }
    }
    for (std::size_t b = 0; b < bridge_count && count < enough; ++b)
      count = cross_bridge(list0(bridges[b]), count);
    spend(bridge_count);
    return count;
  }

  /// Appends the passing neighbours of one bridge, and goes no farther.
  std::size_t cross_bridge(const std::uint32_t* list, std::size_t count) noexcept {
    for (std::size_t i = 0; i < graph_.width0 && list[i] != no_link; ++i)
      if (!bit_of(memory().visited, list[i]) && passes(list[i])) {
        mark(memory().visited, list[i]);
        prefetch_row(list[i]);
        memory().found[count++] = list[i];
      }
    return count;
  }

  /// One step of the pipeline: what the last step found is measured, for its codes have arrived
  /// meanwhile; the next few nodes of the pool are expanded; only then do the measured ones get
  /// into the pool. False when there is nothing left to do.
  bool step() noexcept {
    const auto chosen = choose();
    if (chosen == 0 && waiting_ == 0)
      return false;
    const auto good = measure();
    waiting_ = expand_chosen(chosen);
    absorb(good);
    spend(waiting_);
    return true;
  }

  /// Marks the next few nodes of the pool as expanded and asks for their link lists.
  std::size_t choose() noexcept {
    auto* pool = memory().pool;
    std::size_t chosen = 0;
    auto at = next_;
    for (; at < size_ && chosen < nodes_per_step; ++at) {
      if ((pool[at] & expanded) != 0)
        continue;
      pool[at] |= expanded;
      chosen_[chosen] = row_of_key(pool[at]);
      prefetch_list(chosen_[chosen++]);
    }
    next_ = at;
    return chosen;
  }

  /// Measures the waiting rows. Returns how many keys in `fresh` are good enough for the pool.
  std::size_t measure() noexcept {
    rows_.distances(memory().found, waiting_, memory().distances);
    const auto worst = size_ == request_.ef ? memory().pool[size_ - 1] : farthest;
    return keys_below(worst, memory().distances, memory().found, waiting_, memory().fresh);
  }

  std::size_t expand_chosen(std::size_t chosen) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < chosen; ++i)
      count = expand(chosen_[i], count);
    return count;
  }

  /// Puts the first `good` of the fresh keys into the pool.
  void absorb(std::size_t good) noexcept {
    for (std::size_t first = 0; first < good; first += keys_per_block) {
      const auto block = good - first < keys_per_block ? good - first : keys_per_block;
      sort_keys(memory().fresh + first, block, memory().sorted);
      const auto first_new = insert(memory().sorted, block);
      if (first_new < next_)
        next_ = first_new;
    }
  }

  /// How many of `good` sorted keys are among the first ef when they are merged with the pool.
  std::size_t count_kept(const std::int64_t* fresh, std::size_t good) const noexcept {
    const std::size_t ef = request_.ef;
    const auto room = ef - size_;
    const auto most = good < ef ? good : ef;
    auto kept = most < room ? most : room;
    // The i-th further one stays if it is nearer than what it would drive out.
    for (auto i = kept; i < most; ++i)
      kept += fresh[i] < memory().pool[ef - 1 - i] ? 1 : 0;
    return kept;
  }

  /// Merges sorted keys from the back, dropping what falls off the end. Returns the lowest
  /// position that is new.
  std::size_t insert(const std::int64_t* fresh, std::size_t good) noexcept {
    auto* pool = memory().pool;
    auto new_left = count_kept(fresh, good);
    auto to = size_ + new_left < request_.ef ? size_ + new_left : request_.ef;
    auto old_left = to - new_left;
    size_ = to;
    while (new_left > 0) {
      const auto key = fresh[new_left - 1];
      while (old_left > 0 && pool[old_left - 1] > key)
        pool[--to] = pool[--old_left];
      pool[--to] = key;
      --new_left;
    }
    return to;
  }

  const walk_request& request_;
  const graph_view& graph_;
  Rows rows_;
  std::size_t row_bytes_;
  std::size_t list_bytes_;
  std::size_t size_ = 0;
  std::size_t next_ = 0; ///< Everything before it in the pool has been expanded.
  std::size_t waiting_ = 0; ///< So many rows in `found` have not been measured yet.
  std::uint32_t chosen_[nodes_per_step] = {};
  bool stopped_ = false;
};

template <class Rows>
struct rows_type {};

/// Calls run(type) with the type of rows that measures `codec`.
template <class Run>
auto with_rows(row_codec codec, Run run) noexcept {
  switch (codec) {
    case row_codec::float_dot: return run(rows_type<float_rows<dot_product, -1>>{});
    case row_codec::float_euclid: return run(rows_type<float_rows<squared_difference, 1>>{});
    case row_codec::float_manhattan: return run(rows_type<float_rows<absolute_difference, 1>>{});
    case row_codec::code_dot: return run(rows_type<dot_rows<byte_dots, false>>{});
    case row_codec::code_euclid: return run(rows_type<dot_rows<byte_dots, true>>{});
    case row_codec::code_manhattan: return run(rows_type<code_manhattan_rows>{});
    case row_codec::code_pair_dot: return run(rows_type<pair_dot_rows>{});
    case row_codec::code_pair_euclid: return run(rows_type<pair_euclid_rows>{});
    case row_codec::nibble_dot: return run(rows_type<dot_rows<nibble_dots, false>>{});
    case row_codec::nibble_euclid: return run(rows_type<dot_rows<nibble_dots, true>>{});
    case row_codec::bits: return run(rows_type<bit_rows>{});
    case row_codec::half_dot: return run(rows_type<half_rows<halves_dot_query, -1>>{});
    case row_codec::half_euclid: return run(rows_type<half_rows<halves_squared_difference, 1>>{});
    case row_codec::half_manhattan:
      return run(rows_type<half_rows<halves_absolute_difference, 1>>{});
    case row_codec::float16_dot:
      return run(rows_type<narrow_rows<float16_components, dot_term>>{});
    case row_codec::float16_euclid:
      return run(rows_type<narrow_rows<float16_components, square_term>>{});
    case row_codec::float16_manhattan:
      return run(rows_type<narrow_rows<float16_components, absolute_term>>{});
    case row_codec::uint8_dot: return run(rows_type<narrow_rows<uint8_components, dot_term>>{});
    case row_codec::uint8_euclid:
      return run(rows_type<narrow_rows<uint8_components, square_term>>{});
    case row_codec::uint8_manhattan:
      return run(rows_type<narrow_rows<uint8_components, absolute_term>>{});
    case row_codec::uint8_cosine: return run(rows_type<cosine_rows>{});
    case row_codec::product: return run(rows_type<table_rows>{});
  }
  return run(rows_type<table_rows>{});
}

/// Rows that graphs are built over.
template <class Rows>
constexpr bool in_growing_graphs = false;
template <>
constexpr bool in_growing_graphs<float_rows<dot_product, -1>> = true;
template <>
constexpr bool in_growing_graphs<float_rows<squared_difference, 1>> = true;
template <>
constexpr bool in_growing_graphs<float_rows<absolute_difference, 1>> = true;
template <>
constexpr bool in_growing_graphs<code_manhattan_rows> = true;
template <>
constexpr bool in_growing_graphs<pair_dot_rows> = true;
template <>
constexpr bool in_growing_graphs<pair_euclid_rows> = true;

inline std::uint32_t descend(const walk_request& request) noexcept {
  return with_rows(request.vectors.codec, [&]<class Rows>(rows_type<Rows>) {
    return descend_by<Rows>(request);
  });
}

inline std::size_t walk(const walk_request& request) noexcept {
  return with_rows(request.vectors.codec, [&]<class Rows>(rows_type<Rows>) {
    if constexpr (in_growing_graphs<Rows>)
      if (request.grows)
        return walker<Rows, walk_kind::growing>{request}.run();
    return request.filtered ? walker<Rows, walk_kind::passing>{request}.run()
                            : walker<Rows, walk_kind::all>{request}.run();
  });
}

inline void scan(const scan_request& request) noexcept {
  const auto& vectors = request.vectors;
  if (request.scattered)
    for (std::size_t i = 0; i < request.count; ++i)
      prefetch_bytes(vectors.first + request.rows[i] * vectors.stride, vectors.stride);
  with_rows(vectors.codec, [&]<class Rows>(rows_type<Rows>) {
    Rows{vectors}.distances(request.rows, request.count, request.distances);
  });
}

} // namespace
} // namespace grape::index
