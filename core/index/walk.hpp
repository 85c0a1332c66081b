#pragma once

#include <cstddef>
#include <cstdint>

namespace grape::index {

/// What stands in a link list behind its last link.
constexpr std::uint32_t no_link = 0xffff'ffff;

/// Rows are at most 31 bits wide: the pool packs a mark beside them.
constexpr std::uint32_t rows_max = 0x7fff'ffff;

/// How the walk reads rows and measures them.
enum class row_codec : std::uint8_t {
  float_dot,
  float_euclid,
  float_manhattan,
  code_dot,
  code_euclid,
  code_manhattan,
  code_pair_dot,    ///< The query is such a code itself, like a row of code_manhattan.
  code_pair_euclid,
  nibble_dot,
  nibble_euclid,
  bits,
  half_dot,
  half_euclid,
  half_manhattan,
  float16_dot,
  float16_euclid,
  float16_manhattan,
  uint8_dot,
  uint8_euclid,
  uint8_manhattan,
  uint8_cosine,
  product,
};

/// A graph in plain arrays; every link has been verified to lead to an existing row and level.
struct graph_view {
  std::uint32_t rows = 0;
  std::uint32_t entry = 0;      ///< A row that reaches up to level_max.
  std::uint32_t level_max = 0;
  std::uint32_t width0 = 0;     ///< Length of a link list on level 0.
  std::uint32_t width = 0;      ///< Length of one on a level above.
  const std::uint32_t* links0 = nullptr;
  const std::uint32_t* upper = nullptr;    ///< Lists of the levels above, row by row.
  const std::uint32_t* upper_at = nullptr; ///< By row: where its level-1 list begins in `upper`.
};

/// The vectors a walk looks at, and the query in the same form.
struct walk_vectors {
  row_codec codec = row_codec::float_dot;
  const std::uint8_t* first = nullptr; ///< Of row 0.
  std::size_t stride = 0;              ///< Bytes from row to row.
  std::size_t reach = 0;  ///< How many of them are read; 0: all.
  std::size_t length = 0; ///< How much is compared: floats, or see quantizer::code_length.
  const void* query = nullptr;
  std::int32_t dot_offset = 0; ///< See code_query.
  float dot_factor = 0;
};

/// See row_filter.
struct walk_filter {
  const std::uint64_t* live = nullptr;
  const std::uint32_t* slot_of_row = nullptr;
  const std::uint64_t* allowed = nullptr;
  const std::uint32_t* seeds = nullptr; ///< Passing rows to begin from as well.
  std::size_t seed_count = 0;
};

/// Told how many rows were found, before they are measured: seeds, by each list of the upper
/// levels, by bridges, and by each step. False ends the walk, with the rows that were measured
/// until then. A plain function pointer, because the walk is compiled once per instruction set and
/// must not share inline code with the rest.
struct walk_limit {
  bool (*spend)(void* context, std::uint64_t visits) = nullptr;
  void* context = nullptr;
};

/// Lists of a level that others change meanwhile: they are copied one by one, under a lock each.
struct growing_lists {
  /// Writes a list, and no_link behind it up to width0.
  void (*copy)(void* context, std::uint32_t row, std::uint32_t* list) = nullptr;
  void* context = nullptr;
  const std::uint8_t* first = nullptr; ///< Of row 0, and so on: what `copy` will read.
  std::size_t stride = 0;
  const std::uint8_t* first_lock = nullptr;
  std::size_t lock_stride = 0;
};

/// Memory of one walk, reused by the next. Sizes: see walk_scratch::fit.
struct walk_memory {
  std::uint64_t* visited = nullptr; ///< A bit per row.
  std::int64_t* pool = nullptr;     ///< ef keys.
  std::int64_t* fresh = nullptr;    ///< Keys of one step.
  std::int64_t* sorted = nullptr;   ///< Some of those in order.
  std::uint32_t* found = nullptr;   ///< Rows of one step.
  float* distances = nullptr;       ///< Beside `found`.
  std::uint32_t* bridges = nullptr; ///< One link list.
};

struct walk_request {
  graph_view graph;
  walk_vectors vectors;
  walk_filter filter;
  walk_limit limit;
  growing_lists growing;
  walk_memory memory;
  std::uint32_t start = 0; ///< Where the walk begins, see descend_portable.
  std::uint32_t ef = 0;
  bool filtered = false;
  bool grows = false; ///< `growing` instead of the graph's lists: one level, and codecs of floats
                      ///< and of whole int8 codes only.
};

/// Rows whose distances are wanted, without a walk.
struct scan_request {
  walk_vectors vectors;
  std::uint32_t* rows = nullptr; ///< `count` rows, and room for three more.
  std::size_t count = 0;
  float* distances = nullptr; ///< Written; room for three more.
  bool scattered = false;     ///< The rows do not follow one another: ask for all before the first.
};

/// How many nodes one step expands: enough to keep several cache misses in flight.
constexpr std::size_t nodes_per_step = 4;

/// Keys that are sorted at once: sorting takes time by the square of it.
constexpr std::size_t keys_per_block = 64;

/// Whole registers of rows and keys are written: this many go beyond the last that counts.
constexpr std::size_t found_slack = 16;

/// The row in a key of the pool. (Static: one copy per instruction set.)
static constexpr std::uint32_t row_of_key(std::int64_t key) noexcept {
  return static_cast<std::uint32_t>(key) >> 1;
}

/// Goes through the upper levels towards the query. Returns a row near it, from which a walk
/// begins. Needs neither filter nor ef.
std::uint32_t descend_portable(const walk_request& request) noexcept;
std::uint32_t descend_avx2(const walk_request& request) noexcept;
std::uint32_t descend_avx512(const walk_request& request) noexcept;
std::uint32_t descend_neon(const walk_request& request) noexcept;

/// Walks level 0 of the graph towards the query. Returns how many keys the pool then holds: about
/// the `ef` nearest rows, nearest first. With `filtered`, all of them pass, but perhaps the one at
/// which it begins.
std::size_t walk_portable(const walk_request& request) noexcept;
std::size_t walk_avx2(const walk_request& request) noexcept;
std::size_t walk_avx512(const walk_request& request) noexcept;
std::size_t walk_neon(const walk_request& request) noexcept;

/// Measures rows, as a walk does.
void scan_portable(const scan_request& request) noexcept;
void scan_avx2(const scan_request& request) noexcept;
void scan_avx512(const scan_request& request) noexcept;
void scan_neon(const scan_request& request) noexcept;

} // namespace grape::index
