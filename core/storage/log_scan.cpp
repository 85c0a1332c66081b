// rule 36. Reading a segment to its end: telling a torn tail from damage.

#include "core/codec/little_endian.hpp"
#include "core/storage/log_format.hpp"

#include <algorithm>
#include <utility>

namespace grape::storage::log_format {

namespace {

using visitor = std::function<status(const stored_record&, std::size_t offset)>;

status damaged(std::size_t at, const char* what) {
  return {errc::corrupted, "offset " + std::to_string(at) + ": " + what};
}

record_kind kind_at(const char* header) noexcept {
  return static_cast<record_kind>(codec::read_little<std::uint32_t>(header + 12));
}

/// Decides without the cost of a checksum at every offset.
bool may_be_record(const char* header) noexcept {
  const auto kind = kind_at(header);
  if (kind == record_kind::batch)
    return codec::read_little<std::uint32_t>(header) == 0;
  return kind > record_kind::batch && kind <= record_kind::moved_configuration;
}

/// Goes through a segment, batch by batch.
class scanner {
public:
  scanner(std::string_view segment, std::uint32_t format, std::uint64_t batch_before)
    : segment_(segment)
    , format_(format)
    , batch_(batch_before) {
  }

  outcome<segment_end> run(bool is_newest, const visitor& visit) {
    while (at_ < segment_.size()) {
      const auto record = read_record(segment_, at_);
      if (!record && is_newest && left_ == 0 && only_zeros_follow())
        break;
      if (!record)
        return is_newest ? judge_tail() : outcome<segment_end>(damaged(at_, "a damaged record"));
      if (auto taken = take(*record, visit); !taken.ok())
        return taken;
      at_ += record->bytes();
    }
    if (left_ == 0)
      return segment_end{at_, 0, batch_, format_, {}};
    return is_newest ? judge_tail() : outcome<segment_end>(damaged(at_, "it ends within a batch"));
  }

private:
  status take(const stored_record& record, const visitor& visit) {
    if (record.kind == record_kind::batch)
      return enter_batch(record, visit);
    const auto last = format_ == 1 ? record_kind::forget : record_kind::moved_configuration;
    if (record.kind < record_kind::batch || record.kind > last)
      return {errc::wrong_version, "offset " + std::to_string(at_)
                                     + ": a kind of record that this program does not know"};
    if (left_ == 0)
      return damaged(at_, "a record outside of its batch");
    pending_.emplace_back(record, at_);
    return --left_ == 0 ? pass_on(visit) : status{};
  }

  status enter_batch(const stored_record& opening, const visitor& visit) {
    if (left_ > 0 && format_ > 1)
      return damaged(at_, "a batch within a batch");
    if (batch_ != 0 && opening.index != batch_ + 1)
      return damaged(at_, "a batch with the wrong number");
    if (opening.term >= opening.index || !opening.payload.empty())
      return damaged(at_, "a batch that makes no sense");
    // Version 1: what a cut left of the batch before was kept.
    if (auto passed = pass_on(visit); !passed.ok())
      return passed;
    batch_ = opening.index;
    batch_at_ = at_;
    left_ = opening.group;
    return {};
  }

  status pass_on(const visitor& visit) {
    for (const auto& [record, offset] : pending_)
      if (auto accepted = visit(record, offset); !accepted.ok())
        return accepted;
    pending_.clear();
    return {};
  }

  bool only_zeros_follow() const {
    return format_ > 2 && segment_.find_first_not_of('\0', at_) == std::string_view::npos;
  }

  /// The batch at hand is damaged or cut. Reads on for openings of later batches: one
  /// that calls it synced proves that this is no torn tail. What is cut is the whole batch.
  outcome<segment_end> judge_tail() {
    const auto within = left_ > 0;
    const auto torn_batch = within ? batch_ : batch_ + 1;
    segment_end end;
    end.good_bytes = within ? batch_at_ : at_;
    end.records_lost = std::max<std::uint64_t>(left_ + pending_.size(), 1);
    end.last_batch = within ? batch_ - 1 : batch_;
    end.version = format_;
    for (const auto& [record, offset] : pending_)
      ++end.lost[record.group];
    for (auto at = at_; at + record_header_bytes <= segment_.size(); ++at) {
      const auto record = may_be_record(segment_.data() + at) ? read_record(segment_, at)
                                                               : std::nullopt;
      if (!record)
        continue;
      if (record->kind != record_kind::batch) {
        ++end.lost[record->group];
      } else if (record->index > torn_batch) {
        if (record->term >= torn_batch)
          return damaged(at_, "a damaged record before later, synced ones");
        end.records_lost += record->group;
      }
      at += record->bytes() - 1;
    }
    return end;
  }

  std::string_view segment_;
  std::uint32_t format_;
  std::size_t at_ = segment_header_bytes;
  std::uint64_t batch_;       ///< Number of the last opening read; 0 = none yet.
  std::size_t batch_at_ = 0;  ///< Where that opening lies.
  std::uint32_t left_ = 0;    ///< Records that the batch still announces.
  std::vector<std::pair<stored_record, std::size_t>> pending_; ///< Of a batch not yet whole.
};

} // namespace

outcome<segment_end> scan_segment(std::string_view segment, std::uint64_t number,
                                  std::uint64_t batch_before, bool is_newest,
                                  const visitor& visit) {
  const auto format = check_segment_header(segment, number);
  if (!format)
    return format.error();
  return scanner(segment, *format, batch_before).run(is_newest, visit);
}

} // namespace grape::storage::log_format
