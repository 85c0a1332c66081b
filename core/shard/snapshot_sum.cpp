#include "core/shard/snapshot_sum.hpp"

#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"
#include "core/codec/pack_parts.hpp"
#include "core/shard/snapshot_stream.hpp"
#include "core/storage/keys.hpp"

namespace grape::shard {

namespace {

/// Spreads the checksum over 64 bits, so that sums of many do not cancel out (splitmix64).
std::uint64_t spread(std::uint64_t of) noexcept {
  of = (of ^ (of >> 30)) * 0xbf58476d1ce4e5b9;
  of = (of ^ (of >> 27)) * 0x94d049bb133111eb;
  return of ^ (of >> 31);
}

std::uint64_t checksum(const storage::stored_point& of) noexcept {
  std::string head = storage::keys::of_point("", of.id);
  codec::append_little(head, of.meta.version);
  codec::append_little(head, of.meta.vector_version);
  codec::append_little(head, std::uint64_t{of.vectors.size()});
  const auto sum = codec::crc32c(of.payload, codec::crc32c(of.vectors, codec::crc32c(head)));
  return spread(sum | (std::uint64_t{of.vectors.size() + of.payload.size() + 1} << 32));
}

} // namespace

void content_sum::add(const storage::stored_point& one) noexcept {
  ++points;
  sum += checksum(one);
}

void content_sum::remove(const storage::stored_point& one) noexcept {
  --points;
  sum -= checksum(one);
}

std::string erased_note(const point_id& id) {
  return storage::keys::of_point("erased/", id);
}

summing::summing(storage::point_reader over)
  : over_(std::move(over)) {}

outcome<bool> summing::step(std::size_t bytes) {
  if (finished_)
    return true;
  std::size_t read = 0;
  finished_ = true;
  const auto scanned = over_.scan_stored(last_, [&](storage::stored_point&& one) {
    if (last_ == one.id)
      return true;
    if (read >= bytes) {
      finished_ = false;
      return false;
    }
    read += chunk_bytes(one);
    total_.add(one);
    last_ = one.id;
    return true;
  });
  if (!scanned.ok())
    return scanned;
  return finished_;
}

summing_difference::summing_difference(storage::point_reader base, storage::point_reader difference)
  : base_(base)
  , difference_(std::move(difference))
  , base_sum_(std::move(base)) {}

outcome<bool> summing_difference::step(std::size_t bytes) {
  if (at_ == part::done)
    return true;
  const auto finished = at_ == part::base     ? base_sum_.step(bytes)
                        : at_ == part::points ? exchange_points(bytes)
                                              : take_erased(bytes);
  if (!finished || !*finished)
    return finished;
  if (at_ == part::base)
    total_ = base_sum_.so_far();
  at_ = static_cast<part>(static_cast<int>(at_) + 1);
  return at_ == part::done;
}

/// Puts the points of the difference in the place of the base's.
outcome<bool> summing_difference::exchange_points(std::size_t bytes) {
  std::size_t read = 0;
  bool finished = true;
  status failed;
  const auto scanned = difference_.scan_stored(last_point_, [&](storage::stored_point&& one) {
    if (last_point_ == one.id)
      return true;
    if (read >= bytes) {
      finished = false;
      return false;
    }
    const auto before = base_.stored(one.id);
    if (!before) {
      failed = before.error();
      return false;
    }
    if (*before)
      total_.remove(**before);
    total_.add(one);
    read += chunk_bytes(one);
    last_point_ = one.id;
    return true;
  });
  if (!scanned.ok())
    return scanned;
  if (!failed.ok())
    return failed;
  return finished;
}

/// Takes away those of the base that came to their end, each once: at the last of its ends.
outcome<bool> summing_difference::take_erased(std::size_t bytes) {
  std::size_t read = 0;
  bool finished = true;
  status failed;
  const auto take = [&](log_index at, const point_id& id) -> status {
    const auto noted = difference_.note(erased_note(id));
    if (!noted)
      return noted.error();
    if (!*noted || **noted != codec::packed(at.value))
      return {};
    const auto again = difference_.meta(id);
    if (!again)
      return again.error();
    const auto before = base_.stored(id);
    if (!before)
      return before.error();
    if (*before && !*again)
      total_.remove(**before);
    return {};
  };
  const auto visit = [&](log_index at, const point_id& id, bool erased) {
    const storage::change_place place{at, id};
    if (last_erased_ == place)
      return true;
    if (read >= bytes) {
      finished = false;
      return false;
    }
    read += 64; // About what looking one up reads.
    last_erased_ = place;
    if (erased)
      failed = take(at, id);
    return failed.ok();
  };
  const auto scanned = last_erased_ ? difference_.scan_changes(*last_erased_, visit)
                                    : difference_.scan_changes(log_index{}, visit);
  if (!scanned.ok())
    return scanned;
  if (!failed.ok())
    return failed;
  return finished;
}

} // namespace grape::shard
