#pragma once

#include "core/index/filter_plan.hpp"
#include "core/index/segment.hpp"
#include "core/index/segment_content.hpp"
#include "core/index/walk_scratch.hpp"
#include "core/vector/kernels.hpp"

#include <memory>
#include <vector>

namespace grape::index {

/// A segment over content that is complete and verified.
class sealed_segment final : public segment {
public:
  /// `source_of_row` may be empty. `with` must be usable on this processor.
  sealed_segment(segment_content content, std::vector<std::uint32_t> source_of_row,
                 isa with = best_isa());

  status write(storage::file_system& files, const std::string& path) const override;

  segment_id id() const noexcept override { return content_.id; }
  std::uint32_t rows() const noexcept override { return content_.rows(); }
  std::uint32_t dimension() const noexcept override { return content_.dimension; }
  metric distance() const noexcept override { return content_.distance; }
  coding code() const noexcept override { return content_.code(); }
  std::uint64_t bytes() const noexcept override;
  std::uint64_t mapped_bytes() const noexcept override {
    return content_.codes.mapped_bytes() + content_.vectors.mapped_bytes();
  }
  std::uint64_t code_bytes() const noexcept override { return content_.codes.size(); }
  outcome<std::uint64_t> warm() const override;
  const graph* links() const noexcept override {
    return content_.links.m > 0 ? &content_.links : nullptr;
  }
  point_id id_of(row where) const noexcept override { return content_.ids[where.value]; }
  std::uint64_t vector_version_of(row where) const noexcept override {
    return content_.vector_versions[where.value];
  }
  row_layout layout() const noexcept override { return layout_; }
  const void* stored(row where) const noexcept override { return content_.stored(where.value); }
  std::span<const std::uint32_t> source_of_row() const noexcept override { return source_of_row_; }

  std::vector<scored_row> search(std::span<const float> query, std::size_t k, const effort& how,
                                 const row_filter& filter, budget& limit) const override;
  std::vector<scored_row> scan(std::span<const float> query, std::size_t k,
                               std::span<const row> only, budget& limit) const override;
  std::vector<scored_row> scan_all(std::span<const float> query, std::size_t k,
                                   const row_filter& filter, budget& limit) const override;

private:
  bool uses_codes(const effort& how) const noexcept;
  std::size_t candidates_for(std::size_t k, const effort& how) const noexcept;
  /// With `known`, of the same filter, only passing rows are walked through, and nothing is found
  /// if a scan costs less. If it is null all rows are, and those that do not pass are left out of
  /// what was found; nothing is if they are most of it.
  std::vector<scored_row> walk(std::span<const float> query, std::size_t k, const effort& how,
                               const row_filter& filter, const passing_sample* known,
                               budget& limit) const;
  bool scan_is_cheaper(const effort& how, const passing_sample& known) const noexcept;
  bool mostly_live(const row_filter& filter) const noexcept;
  std::vector<scored_row> scan_rows(std::span<const float> query, std::size_t k, const effort& how,
                                    const row_filter& filter, budget& limit) const;
  std::vector<scored_row> scan_codes(std::span<const float> query, std::size_t k, const effort& how,
                                     const row_filter& filter, budget& limit) const;
  std::vector<scored_row> settled(std::span<const float> query, std::size_t k, const effort& how,
                                  const code_query& coded,
                                  std::span<const std::uint32_t> front) const;

  segment_content content_;
  std::vector<std::uint32_t> source_of_row_;
  distance_function measure_;
  row_layout layout_;
  isa isa_;
  mutable walk_scratch_pool scratches_;
};

} // namespace grape::index
