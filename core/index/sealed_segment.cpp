#include "core/index/sealed_segment.hpp"

#include "core/check.hpp"
#include "core/index/code_planner.hpp"
#include "core/index/segment_file.hpp"
#include "core/vector/top_k.hpp"

#include <algorithm>
#include <array>
#include <bit>

#ifndef GRAPE_HAS_X86_SETS
#define GRAPE_HAS_X86_SETS 0
#endif

namespace grape::index {

namespace {

// A filtered walk that starts only at the graph's entry may never meet a far-away island of
// passing rows; a few of them, found by trying rows at random, are starts as well. Too few found
// means that less than about 2 % pass: then walks lose their way (even the neighbours of a row's
// neighbours hold too few passing ones), and looking at all of them is cheap.
constexpr std::size_t seeds_wanted = 16;
constexpr std::size_t seed_tries = 800;

constexpr std::size_t scan_batch = 64;

bool passes(const row_filter& filter, std::uint32_t row) noexcept {
  const auto bit = [](const std::uint64_t* words, std::uint32_t at) {
    return (words[at / 64] >> (at % 64) & 1) != 0;
  };
  if (filter.live != nullptr && !bit(filter.live, row))
    return false;
  return filter.allowed == nullptr || bit(filter.allowed, filter.slot_of_row[row]);
}

bool filters(const row_filter& filter) noexcept {
  return filter.live != nullptr || filter.allowed != nullptr;
}

row_codec by_metric(metric kind, row_codec dot, row_codec euclid, row_codec manhattan) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return dot;
    case metric::euclid: return euclid;
    case metric::manhattan: return manhattan;
  }
  return dot;
}

row_codec codec_of(metric kind, coding code) noexcept {
  using enum row_codec;
  switch (code) {
    case coding::floats: return by_metric(kind, float_dot, float_euclid, float_manhattan);
    case coding::int8: return by_metric(kind, code_dot, code_euclid, code_manhattan);
    case coding::int4: return kind == metric::euclid ? nibble_euclid : nibble_dot;
    case coding::bits: return bits;
    case coding::bfloat16: return by_metric(kind, half_dot, half_euclid, half_manhattan);
    case coding::product: return product;
  }
  return float_dot;
}

walk_vectors vectors_for_walk(const segment_content& content, const code_query& coded,
                              std::span<const float> query) noexcept {
  walk_vectors vectors;
  vectors.codec = codec_of(content.distance, content.code());
  if (content.quantizer) {
    vectors.first = content.codes.data();
    vectors.stride = content.quantizer->stride();
    vectors.length = content.quantizer->code_length();
    vectors.query = coded.data();
    vectors.dot_offset = coded.dot_offset;
    vectors.dot_factor = coded.dot_factor;
  } else {
    vectors.first = reinterpret_cast<const std::uint8_t*>(content.vectors.first);
    vectors.stride = content.dimension * sizeof(float);
    vectors.length = content.dimension;
    vectors.query = query.data();
  }
  return vectors;
}

std::size_t run(isa with, const walk_request& request) noexcept {
#if GRAPE_HAS_X86_SETS
  if (with == isa::avx512)
    return walk_avx512(request);
  if (with == isa::avx2)
    return walk_avx2(request);
#endif
  GRAPE_CHECK(with == isa::portable);
  return walk_portable(request);
}

bool spend_from(void* limit, std::uint64_t visits) {
  return static_cast<budget*>(limit)->spend(visits);
}

/// Measures rows in batches and keeps the best.
class exact_scan {
public:
  exact_scan(const segment_content& content, const distance_function& measure,
             std::span<const float> query, std::size_t k, budget& limit)
    : content_(content)
    , measure_(measure)
    , query_(query)
    , limit_(limit)
    , best_(k) {
  }

  /// False when the budget is used up; `row` may then be left out.
  bool take(std::uint32_t row) {
    rows_[count_++] = row;
    return count_ < scan_batch || flush();
  }

  std::vector<scored_row> finish() {
    flush();
    return best_.take();
  }

private:
  bool flush() {
    if (count_ == 0)
      return !limit_.over();
    const auto goes_on = limit_.spend(count_);
    std::array<const float*, scan_batch> vectors;
    std::array<float, scan_batch> distances;
    for (std::size_t i = 0; i < count_; ++i)
      vectors[i] = content_.vector(rows_[i]);
    measure_.scattered(query_.data(), std::span(vectors).first(count_),
                       std::span(distances).first(count_));
    for (std::size_t i = 0; i < count_; ++i)
      if (!(distances[i] > best_.bound()))
        best_.offer({distances[i], row{rows_[i]}});
    count_ = 0;
    return goes_on;
  }

  const segment_content& content_;
  const distance_function& measure_;
  std::span<const float> query_;
  budget& limit_;
  top_k<scored_row> best_;
  std::array<std::uint32_t, scan_batch> rows_{};
  std::size_t count_ = 0;
};

} // namespace

outcome<std::shared_ptr<const segment>> segment::open(storage::file_system& files,
                                                      const std::string& path) {
  auto content = read_segment(files, path);
  if (!content)
    return std::move(content).error();
  return std::shared_ptr<const segment>(
    std::make_shared<sealed_segment>(std::move(*content), std::vector<std::uint32_t>{}));
}

sealed_segment::sealed_segment(segment_content content, std::vector<std::uint32_t> source_of_row,
                               isa with)
  : content_(std::move(content))
  , source_of_row_(std::move(source_of_row))
  , measure_(content_.distance, content_.dimension, with)
  , isa_(with) {
}

status sealed_segment::write(storage::file_system& files, const std::string& path) const {
  return write_segment(files, path, content_);
}

std::uint64_t sealed_segment::bytes() const noexcept {
  return sizeof *this + content_.links.bytes() + content_.codes.size()
         + std::uint64_t{rows()} * dimension() * sizeof(float)
         + rows() * (sizeof(point_id) + sizeof(std::uint64_t))
         + source_of_row_.size() * sizeof(std::uint32_t);
}

std::vector<scored_row> sealed_segment::search(std::span<const float> query, std::size_t k,
                                               std::uint32_t ef, const row_filter& filter,
                                               budget& limit) const {
  GRAPE_CHECK(query.size() == dimension());
  if (k == 0)
    return {};
  if (content_.links.m == 0 || k >= rows())
    return scan_all(query, k, filter, limit);
  const auto starts = seeds(filter);
  if (filters(filter) && starts.size() < seeds_wanted)
    return scan_all(query, k, filter, limit);
  auto found = walk(query, k, ef, filter, starts, limit);
  // The passing rows may lie where no walk gets from one to the next.
  if (found.size() < k && !limit.over())
    return scan_all(query, k, filter, limit);
  return found;
}

std::vector<scored_row> sealed_segment::walk(std::span<const float> query, std::size_t k,
                                             std::uint32_t ef, const row_filter& filter,
                                             std::span<const std::uint32_t> starts,
                                             budget& limit) const {
  const auto coded = content_.quantizer ? content_.quantizer->prepare(query.data()) : code_query{};
  walk_scratch_pool::lease scratch(scratches_);
  walk_request request;
  request.graph = content_.links.view();
  request.vectors = vectors_for_walk(content_, coded, query);
  request.filter = {filter.live, filter.slot_of_row, filter.allowed, starts.data(), starts.size()};
  request.filtered = filters(filter);
  request.limit = {spend_from, &limit};
  request.ef = static_cast<std::uint32_t>(std::clamp<std::size_t>(ef, k, rows()));
  request.memory = scratch->fit(request.graph, request.ef, starts.size());
  const auto size = run(isa_, request);
  const auto wanted = rescored_for(content_.code(), k);
  std::vector<std::uint32_t> front;
  front.reserve(std::min(wanted, size));
  for (std::size_t i = 0; i < size && front.size() < wanted; ++i)
    if (const auto where = row_of_key(scratch->pool()[i]); passes(filter, where))
      front.push_back(where);
  budget unlimited; // What the walk has found is always measured.
  exact_scan rescored(content_, measure_, query, k, unlimited);
  for (const auto where : front)
    rescored.take(where);
  return rescored.finish();
}

std::vector<std::uint32_t> sealed_segment::seeds(const row_filter& filter) const {
  std::vector<std::uint32_t> found;
  if (!filters(filter))
    return found;
  found.reserve(seeds_wanted);
  std::uint64_t random = 1; // The same rows for every query: a search can be repeated.
  for (std::size_t i = 0; i < seed_tries && found.size() < seeds_wanted; ++i) {
    random = random * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    const auto row = static_cast<std::uint32_t>(((random >> 32) * rows()) >> 32);
    if (passes(filter, row))
      found.push_back(row);
  }
  return found;
}

std::vector<scored_row> sealed_segment::scan(std::span<const float> query, std::size_t k,
                                             std::span<const row> only, budget& limit) const {
  GRAPE_CHECK(query.size() == dimension());
  exact_scan found(content_, measure_, query, k, limit);
  for (const auto where : only)
    if (!found.take(where.value))
      break;
  return found.finish();
}

std::vector<scored_row> sealed_segment::scan_all(std::span<const float> query, std::size_t k,
                                                 const row_filter& filter, budget& limit) const {
  GRAPE_CHECK(query.size() == dimension());
  exact_scan found(content_, measure_, query, k, limit);
  row_filter allowed = filter;
  allowed.live = nullptr;
  for (std::uint32_t first = 0; first < rows(); first += 64) {
    auto word = filter.live != nullptr ? filter.live[first / 64] : ~std::uint64_t{0};
    if (rows() - first < 64)
      word &= (std::uint64_t{1} << (rows() - first)) - 1;
    for (; word != 0; word &= word - 1) {
      const auto row = first + static_cast<std::uint32_t>(std::countr_zero(word));
      if (passes(allowed, row) && !found.take(row))
        return found.finish();
    }
  }
  return found.finish();
}

} // namespace grape::index
