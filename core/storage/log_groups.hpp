#pragma once

#include "core/storage/log_format.hpp"
#include "core/storage/ordered_log.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace grape::storage {

/// Where a record lies.
struct record_place {
  std::uint64_t segment = 0;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0; ///< With its header.
};

/// What one group has in the log: the entries after `released`, without gaps.
struct log_group {
  std::uint64_t released = 0;       ///< Nothing at or below is needed.
  std::uint64_t marker_segment = 0; ///< Where the newest release marker lies; 0 = none.
  std::deque<record_place> places;  ///< Of released + 1, released + 2, ...

  std::uint64_t last() const noexcept { return released + places.size(); }
};

/// The index in memory: by group, ascending.
using log_groups = std::map<std::uint32_t, log_group>;

/// Forgets the entries up to `through`; beyond the end, the group restarts after it.
void release_through(log_group& group, std::uint64_t through, std::uint64_t marker_segment);

/// Builds the index from all records of all segments, read in order.
class log_gatherer {
public:
  /// One record at a place. Errors name no file: corrupted, for what cannot follow what was there.
  status take(const log_format::stored_record& record, const record_place& at);

  /// The index once all was read; corrupted if a group's entries have a gap, naming it.
  outcome<log_groups> finish();

private:
  /// A group while its moved entries may still come after newer ones.
  struct gathering {
    std::uint64_t released = 0;
    std::uint64_t marker_segment = 0;
    std::uint64_t last = 0; ///< Of the entries and markers seen; 0 = none seen.
    std::vector<std::pair<std::uint64_t, record_place>> entries;
  };

  static outcome<log_group> finished(std::uint32_t number, gathering& from);

  std::map<std::uint32_t, gathering> groups_;
};

} // namespace grape::storage
