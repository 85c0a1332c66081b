#include "core/index/sealed_segment.hpp"

#include "core/check.hpp"
#include "core/index/code_planner.hpp"
#include "core/index/code_scan.hpp"
#include "core/index/row_access.hpp"
#include "core/index/segment_file.hpp"
#include "core/vector/top_k.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace grape::index {

namespace {

// A walk through few dead rows takes no notice of them: it keeps so many candidates more, and the
// dead ones are left out of what it found. Looking at each row's bit costs half the speed.
constexpr double dead_share_max = 0.35;

constexpr std::size_t scan_batch = 64;

bool spend_from(void* limit, std::uint64_t visits) {
  return static_cast<budget*>(limit)->spend(visits);
}

void tell(const effort& how, search_way taken) noexcept {
  if (how.way != nullptr)
    *how.way = taken;
}

/// Measures rows in batches and keeps the best.
class exact_scan {
public:
  exact_scan(const segment_content& content, const row_layout& layout,
             const distance_function& measure, std::span<const float> query, std::size_t k,
             budget& limit)
    : content_(content)
    , layout_(layout)
    , widened_(layout.is_plain() ? 0 : scan_batch * layout.dimension())
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
      vectors[i] = layout_.load(content_.stored(rows_[i]),
                                widened_.data() + (layout_.is_plain() ? 0 : i * query_.size()));
    measure_.scattered(query_.data(), std::span(vectors).first(count_),
                       std::span(distances).first(count_));
    for (std::size_t i = 0; i < count_; ++i)
      if (!(distances[i] > best_.bound()))
        best_.offer({distances[i], row{rows_[i]}});
    count_ = 0;
    return goes_on;
  }

  const segment_content& content_;
  const row_layout& layout_;
  std::vector<float> widened_;
  const distance_function& measure_;
  std::span<const float> query_;
  budget& limit_;
  top_k<scored_row> best_;
  std::array<std::uint32_t, scan_batch> rows_{};
  std::size_t count_ = 0;
};

} // namespace

outcome<std::shared_ptr<const segment>> segment::open(storage::file_system& files,
                                                      const std::string& path, code_place codes) {
  auto content = read_segment(files, path, codes);
  if (!content)
    return std::move(content).error();
  return std::shared_ptr<const segment>(
    std::make_shared<sealed_segment>(std::move(*content), std::vector<std::uint32_t>{}));
}

std::vector<float> segment::vector(row where) const {
  std::vector<float> buffer(dimension());
  const auto* row = layout().load(stored(where), buffer.data());
  if (row != buffer.data())
    buffer.assign(row, row + dimension());
  return buffer;
}

sealed_segment::sealed_segment(segment_content content, std::vector<std::uint32_t> source_of_row,
                               isa with)
  : content_(std::move(content))
  , source_of_row_(std::move(source_of_row))
  , measure_(content_.distance, content_.dimension, with)
  , layout_(content_.form, content_.dimension, with)
  , isa_(with) {
}

status sealed_segment::write(storage::file_system& files, const std::string& path) const {
  return write_segment(files, path, content_);
}

std::uint64_t sealed_segment::bytes() const noexcept {
  return sizeof *this + content_.links.bytes() + content_.codes.size()
         + content_.vectors.size()
         + rows() * (sizeof(point_id) + sizeof(std::uint64_t))
         + source_of_row_.size() * sizeof(std::uint32_t);
}

outcome<std::uint64_t> sealed_segment::warm() const {
  if (!content_.mapped)
    return std::uint64_t{0};
  if (auto read = content_.mapped->read_in(); !read.ok())
    return read;
  return content_.mapped->size();
}

std::vector<scored_row> sealed_segment::search(std::span<const float> query, std::size_t k,
                                               const effort& how, const row_filter& filter,
                                               budget& limit) const {
  GRAPE_CHECK(query.size() == dimension());
  if (k == 0)
    return {};
  if (content_.links.m == 0 || k >= rows())
    return scan_rows(query, k, how, filter, limit);
  if (mostly_live(filter)) {
    const auto ef = std::uint64_t{how.ef} * rows() / filter.live_count;
    const auto more = static_cast<std::uint32_t>(std::min<std::uint64_t>(ef, rows()));
    auto all = walk(query, k, {more, how.codes}, filter, nullptr, limit);
    if (all.size() >= k || limit.over())
      return all;
    // The dead lie where the query is: only a walk that knows them goes on behind them.
  }
  std::optional<passing_sample> known;
  if (filters(filter)) {
    known = sample_passing(filter, rows());
    if (known->rows.empty() || scan_is_cheaper(how, *known))
      return scan_codes(query, k, how, filter, limit);
  }
  auto found = walk(query, k, how, filter, known ? &*known : nullptr, limit);
  // A walk was too dear, or the passing rows lie where none gets from one to the next.
  if (found.size() < k && !limit.over())
    return scan_codes(query, k, how, filter, limit);
  return found;
}

bool sealed_segment::mostly_live(const row_filter& filter) const noexcept {
  return filter.live != nullptr && filter.allowed == nullptr
         && filter.live_count >= (1 - dead_share_max) * rows();
}

bool sealed_segment::uses_codes(const effort& how) const noexcept {
  return content_.quantizer && !how.codes.ignored;
}

// How many rows, the nearest by what a walk compares, decide about `k` results.
std::size_t sealed_segment::candidates_for(std::size_t k, const effort& how) const noexcept {
  if (!uses_codes(how) || !how.codes.rescored)
    return k;
  if (!how.codes.oversampling)
    return rescored_for(content_.code(), k);
  const auto wanted = std::ceil(static_cast<double>(k) * *how.codes.oversampling);
  const auto most = static_cast<double>(std::max<std::size_t>(k, rows()));
  return static_cast<std::size_t>(std::clamp(wanted, static_cast<double>(k), most));
}

std::vector<scored_row> sealed_segment::scan_rows(std::span<const float> query, std::size_t k,
                                                  const effort& how, const row_filter& filter,
                                                  budget& limit) const {
  tell(how, search_way::rows);
  return scan_all(query, k, filter, limit);
}

std::vector<scored_row> sealed_segment::scan_codes(std::span<const float> query, std::size_t k,
                                                   const effort& how, const row_filter& filter,
                                                   budget& limit) const {
  if (!uses_codes(how))
    return scan_rows(query, k, how, filter, limit);
  tell(how, search_way::codes);
  const auto coded = content_.quantizer->prepare(query.data());
  return settled(query, k, how, coded,
                 nearest_by_code(content_, isa_, coded, candidates_for(k, how), filter, limit));
}

std::vector<scored_row> sealed_segment::walk(std::span<const float> query, std::size_t k,
                                             const effort& how, const row_filter& filter,
                                             const passing_sample* known, budget& limit) const {
  const auto by_code = uses_codes(how);
  const auto coded = by_code ? content_.quantizer->prepare(query.data()) : code_query{};
  const auto wanted = candidates_for(k, how);
  walk_scratch_pool::lease scratch(scratches_);
  walk_request request;
  request.graph = content_.links.view();
  request.vectors
    = by_code ? codes_for_walk(content_, coded) : vectors_for_walk(content_, query);
  request.limit = {spend_from, &limit};
  request.memory = scratch->fit(request.graph, 0, 0);
  request.start = run_descent(isa_, request);
  if (limit.over())
    return {};
  auto ef = how.ef;
  if (known != nullptr) {
    ef = ef_under_filter(content_.links, filter, known->share, request.start, k, ef);
    if (scan_is_cheaper({ef, how.codes}, *known))
      return {};
    request.filter = {filter.live, filter.slot_of_row, filter.allowed, known->rows.data(),
                      known->rows.size()};
  }
  request.filtered = known != nullptr;
  const auto kept = how.codes.oversampling ? std::max<std::size_t>(ef, wanted) : ef;
  request.ef = static_cast<std::uint32_t>(std::clamp<std::size_t>(kept, k, rows()));
  request.memory = scratch->fit(request.graph, request.ef, request.filter.seed_count);
  const auto size = run_walk(isa_, request);
  std::vector<std::uint32_t> front;
  front.reserve(std::min(wanted, size));
  std::size_t passing = 0;
  for (std::size_t i = 0; i < size && (front.size() < wanted || !request.filtered); ++i)
    if (const auto where = row_of_key(scratch->pool()[i]); passes(filter, where)) {
      ++passing;
      if (front.size() < wanted)
        front.push_back(where);
    }
  if (!request.filtered && 2 * passing < size)
    front.clear(); // Far more are dead around here than elsewhere.
  return settled(query, k, how, coded, front);
}

// The `k` best of what was found, by their exact distances or those that their codes say.
std::vector<scored_row> sealed_segment::settled(std::span<const float> query, std::size_t k,
                                                const effort& how, const code_query& coded,
                                                std::span<const std::uint32_t> front) const {
  if (uses_codes(how) && !how.codes.rescored) {
    top_k<scored_row> best(k);
    for (const auto where : front) {
      const auto& codes = *content_.quantizer;
      const auto distance = codes.distance(coded, &content_.codes[where * codes.stride()]);
      best.offer({coded.estimated(content_.distance, distance), row{where}});
    }
    return best.take();
  }
  budget unlimited; // What was found is always measured.
  exact_scan rescored(content_, layout_, measure_, query, k, unlimited);
  for (const auto where : front)
    rescored.take(where);
  return rescored.finish();
}

bool sealed_segment::scan_is_cheaper(const effort& how,
                                     const passing_sample& known) const noexcept {
  return uses_codes(how) && index::scan_is_cheaper(known.share, rows(), how.ef);
}

std::vector<scored_row> sealed_segment::scan(std::span<const float> query, std::size_t k,
                                             std::span<const row> only, budget& limit) const {
  GRAPE_CHECK(query.size() == dimension());
  exact_scan found(content_, layout_, measure_, query, k, limit);
  for (const auto where : only)
    if (!found.take(where.value))
      break;
  return found.finish();
}

std::vector<scored_row> sealed_segment::scan_all(std::span<const float> query, std::size_t k,
                                                 const row_filter& filter, budget& limit) const {
  GRAPE_CHECK(query.size() == dimension());
  exact_scan found(content_, layout_, measure_, query, k, limit);
  for_each_passing(filter, rows(), [&](std::uint32_t row) { return found.take(row); });
  return found.finish();
}

} // namespace grape::index
