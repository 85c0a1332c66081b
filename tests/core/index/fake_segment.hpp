#pragma once

#include "core/index/segment.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/top_k.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace grape::test {

/// A segment whose walk does what a test tells it; its scans are exact.
class fake_segment final : public index::segment {
public:
  using walk_fn = std::function<std::vector<index::scored_row>(std::size_t k, budget& limit)>;

  fake_segment(segment_id id, metric distance, std::size_t dimension)
    : id_(id)
    , distance_(distance, dimension) {
  }

  void add(const point_id& id, std::uint64_t version, std::span<const float> values) {
    ids_.push_back(id);
    versions_.push_back(version);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  walk_fn walk; ///< If empty, a walk finds what a scan finds.
  index::search_way way = index::search_way::walk; ///< What it says of how it went about it.

  status write(storage::file_system&, const std::string&) const override { return {}; }
  segment_id id() const noexcept override { return id_; }
  std::uint32_t rows() const noexcept override { return static_cast<std::uint32_t>(ids_.size()); }
  std::uint32_t dimension() const noexcept override {
    return static_cast<std::uint32_t>(distance_.dimension());
  }
  metric distance() const noexcept override { return distance_.kind(); }
  coding code() const noexcept override { return coding::floats; }
  std::uint64_t bytes() const noexcept override { return values_.size() * sizeof(float); }
  std::uint64_t mapped_bytes() const noexcept override { return 0; }
  std::uint64_t code_bytes() const noexcept override { return 0; }
  outcome<std::uint64_t> warm() const override { return std::uint64_t{0}; }
  const index::graph* links() const noexcept override { return nullptr; }
  point_id id_of(row where) const noexcept override { return ids_[where.value]; }
  std::uint64_t vector_version_of(row where) const noexcept override {
    return versions_[where.value];
  }
  row_layout layout() const noexcept override {
    return {row_form::float32, distance_.dimension()};
  }
  const void* stored(row where) const noexcept override {
    return values_.data() + where.value * distance_.dimension();
  }
  std::span<const std::uint32_t> source_of_row() const noexcept override { return {}; }

  std::vector<index::scored_row> search(std::span<const float> query, std::size_t k,
                                        const index::effort& how,
                                        const index::row_filter& filter,
                                        budget& limit) const override {
    ++walks;
    last_ef = how.ef;
    if (how.way != nullptr)
      *how.way = way;
    return walk ? walk(k, limit) : scan_all(query, k, filter, limit);
  }

  std::vector<index::scored_row> scan(std::span<const float> query, std::size_t k,
                                      std::span<const row> only, budget& limit) const override {
    top_k<index::scored_row> best(k);
    for (const auto where : only)
      best.offer({distance_(query.data(), vector(where).data()), where});
    limit.spend(only.size());
    return best.take();
  }

  std::vector<index::scored_row> scan_all(std::span<const float> query, std::size_t k,
                                          const index::row_filter& filter,
                                          budget& limit) const override {
    ++scans;
    const auto has = [](const std::uint64_t* words, std::uint32_t bit) {
      return (words[bit / 64] >> (bit % 64) & 1) != 0;
    };
    std::vector<row> passing;
    for (std::uint32_t i = 0; i < rows(); ++i)
      if ((filter.live == nullptr || has(filter.live, i))
          && (filter.allowed == nullptr || has(filter.allowed, filter.slot_of_row[i])))
        passing.push_back(row{i});
    return scan(query, k, passing, limit);
  }

  mutable int walks = 0;
  mutable int scans = 0;
  mutable std::uint32_t last_ef = 0; ///< Of the last walk.

private:
  segment_id id_;
  distance_function distance_;
  std::vector<point_id> ids_;
  std::vector<std::uint64_t> versions_;
  std::vector<float> values_;
};

} // namespace grape::test
