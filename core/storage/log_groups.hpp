#pragma once

#include "core/raft/output.hpp"
#include "core/storage/log_base.hpp"
#include "core/storage/log_format.hpp"
#include "core/storage/ordered_log.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace grape::storage {

/// Where a record lies.
struct record_place {
  std::uint64_t segment = 0;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0; ///< With its header.
  std::uint64_t term = 0;  ///< Of the entry.
};

/// What one group has in the log: the entries after its base, without gaps.
struct log_group {
  std::uint64_t released = 0;       ///< Nothing at or below is needed: the base's index.
  std::uint64_t marker_segment = 0; ///< Where the newest record of the base lies; 0 = none.
  std::uint64_t state_segment = 0;  ///< Where the newest hard state lies; 0 = none.
  std::shared_ptr<const log_base> base; ///< Null if none was written.
  raft::hard_state state;
  std::deque<record_place> places;  ///< Of released + 1, released + 2, ...

  std::uint64_t last() const noexcept { return released + places.size(); }

  /// Of the base and of every entry; nothing outside of these.
  std::optional<term> term_at(std::uint64_t index) const noexcept;
};

/// The index in memory: by group, ascending.
using log_groups = std::map<std::uint32_t, log_group>;

/// The record that says a group's base again, and what says its hard state.
log_format::stored_record base_record(std::uint32_t number, const log_group& group,
                                      std::string& payload);
log_format::stored_record state_record(std::uint32_t number, const raft::hard_state& state,
                                       std::string& payload);

/// Does in the index what a record that was just written says. Moved copies are the mover's.
void note_record(log_groups& groups, const log_format::stored_record& record,
                 const record_place& at);

/// Builds the index from all records of all segments, read in order.
class log_gatherer {
public:
  /// One record at a place. Errors name no file: corrupted, for what cannot follow what was there.
  status take(const log_format::stored_record& record, const record_place& at);

  /// The index once all was read; corrupted if a group's entries have a gap or end below what its
  /// peer knew to be committed, naming it.
  outcome<log_groups> finish();

private:
  /// A group while its moved entries may still come after newer ones.
  struct gathering {
    log_group group;        ///< All but the places.
    std::uint64_t last = 0; ///< Of the entries and bases seen; 0 = none seen.
    std::vector<std::pair<std::uint64_t, record_place>> entries;
  };

  static status take_entry(gathering& to, const log_format::stored_record& record,
                           const record_place& at);
  static status take_base(gathering& to, const log_format::stored_record& record,
                          std::uint64_t segment);
  static status take_truncation(gathering& to, const log_format::stored_record& record);
  static outcome<log_group> finished(std::uint32_t number, gathering& from);

  std::map<std::uint32_t, gathering> groups_;
};

} // namespace grape::storage
