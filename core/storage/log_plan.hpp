#pragma once

#include "core/storage/log_groups.hpp"
#include "core/storage/ordered_log.hpp"

#include <cstdint>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace grape::storage {

/// One batch on its way: its records, and what they will mean for the index. Payloads of added
/// records must stay where they are until the batch was carried out.
class batch_plan {
public:
  void add(const log_format::stored_record& record);

  /// One write of a peer, as records that are right for what the group has now.
  void add(const log_group& now, const group_write& of);

  /// A base that the log reaches from what the group has now.
  void add_base(std::uint32_t group, const log_base& base, bool restarts);

  bool empty() const noexcept { return batch_.empty(); }
  std::size_t size() const noexcept { return batch_.size(); }
  log_format::batch_builder& batch() noexcept { return batch_; }

  /// The batch lies at `start` of a segment now.
  void note(log_groups& groups, std::uint64_t segment, std::uint64_t start) const;

private:
  void add_entries(const log_group& now, const group_write& of);

  /// Keeps a payload for as long as the plan lives.
  std::string& kept() { return payloads_.emplace_back(); }

  log_format::batch_builder batch_;
  std::vector<std::pair<log_format::stored_record, std::size_t>> records_; ///< With offsets.
  std::list<std::string> payloads_;
  std::uint64_t last_ = 0; ///< Of the group whose write is being added, as it will be.
};

} // namespace grape::storage
