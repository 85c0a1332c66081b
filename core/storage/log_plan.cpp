#include "core/storage/log_plan.hpp"

#include <algorithm>
#include <string_view>

namespace grape::storage {

using log_format::record_kind;
using log_format::stored_record;

void batch_plan::add(const stored_record& record) {
  records_.emplace_back(record, batch_.add(record));
}

void batch_plan::add_base(std::uint32_t group, const log_base& base, bool restarts) {
  auto& payload = kept() = encode_base(base, restarts);
  add({record_kind::base, group, base.mark.index.value, base.mark.term.value, payload});
}

// rule 1: term, vote, entries and snapshot of a write are records of one batch.
void batch_plan::add(const log_group& now, const group_write& of) {
  const auto& [token, state, entries, snapshot] = of.what;
  last_ = now.last();
  const auto entries_first = !snapshot || (!entries.empty() && entries[0].index <= snapshot->index);
  if (entries_first)
    add_entries(now, of);
  if (snapshot) {
    GRAPE_CHECK(snapshot->index.value >= now.released);
    // A log that holds the snapshot's entry goes on behind it.
    const auto& mark = *snapshot;
    auto held = now.term_at(mark.index.value);
    if (entries_first && !entries.empty() && mark.index >= entries[0].index)
      held = mark.index <= entries.back().index
               ? std::optional(entries[mark.index.value - entries[0].index.value].term)
               : std::nullopt;
    const auto restarts = held != mark.term;
    add_base(of.group.value, {mark, of.staged}, restarts);
    last_ = restarts ? mark.index.value : last_;
  }
  if (!entries_first)
    add_entries(now, of);
  GRAPE_CHECK(state.term >= now.state.term && state.commit.value <= last_);
  GRAPE_CHECK(state.term > now.state.term || now.state.vote == replica_id{}
              || state.vote == now.state.vote);
  if (state != now.state)
    add(state_record(of.group.value, state, kept()));
}

void batch_plan::add_entries(const log_group& now, const group_write& of) {
  const auto& entries = of.what.entries;
  if (entries.empty())
    return;
  const auto first = entries[0].index.value;
  // Nothing that was committed is ever replaced.
  GRAPE_CHECK(first > now.released && first <= last_ + 1);
  GRAPE_CHECK(first > last_ || first > now.state.commit.value);
  if (first <= last_)
    add({record_kind::truncate, of.group.value, first - 1, 0, {}});
  last_ = first - 1;
  for (const auto& each : entries) {
    GRAPE_CHECK(each.index.value == ++last_);
    const auto kind = each.kind == raft::entry_kind::configuration ? record_kind::configuration
                                                                   : record_kind::entry;
    const auto payload = each.data ? std::string_view{*each.data} : std::string_view{};
    add({kind, of.group.value, each.index.value, each.term.value, payload});
  }
}

void batch_plan::note(log_groups& groups, std::uint64_t segment, std::uint64_t start) const {
  for (const auto& [record, offset] : records_)
    note_record(groups, record,
                {segment, static_cast<std::uint32_t>(start + offset),
                 static_cast<std::uint32_t>(record.bytes()), 0});
}

} // namespace grape::storage
