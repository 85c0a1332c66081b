#include "core/shard/write_sessions.hpp"

#include "core/check.hpp"
#include "core/codec/pack.hpp"
#include "core/storage/big_endian.hpp"

#include <algorithm>

namespace grape::shard {

namespace {

/// The note of how far sessions ended; the notes of slots have longer names.
const std::string ended_name = std::string(session_notes) + "ended";

constexpr std::size_t slot_name_bytes = session_notes.size() + 3 * sizeof(std::uint32_t);
static_assert(slot_name_bytes != session_notes.size() + 5);

/// A write as its slot notes it. `forgets` and `settled` are the session's.
struct noted_write {
  router_life life;
  log_index forgets;
  std::uint64_t number = 0;
  std::uint64_t settled = 0;
  log_index at;
};

std::string note_of(const noted_write& from) {
  codec::packer out;
  out.array(6);
  out.u64(from.life.incarnation);
  out.u64(from.life.renewal);
  out.u64(from.forgets.value);
  out.u64(from.number);
  out.u64(from.number - from.settled);
  out.u64(from.at.value);
  return out.take();
}

outcome<noted_write> read_note(std::string_view note) {
  codec::unpacker in{note};
  in.tuple(6);
  noted_write to;
  to.life.incarnation = in.u64();
  to.life.renewal = in.u64();
  to.forgets.value = in.u64();
  to.number = in.u64();
  to.settled = to.number - in.u64(to.number);
  to.at.value = in.u64();
  if (auto read = in.finish(); !read.ok())
    return read;
  return to;
}

constexpr std::size_t number_bytes = sizeof(std::uint32_t);

/// Number `place` of the three in the name of a slot's note.
std::uint32_t number_at(std::string_view name, std::size_t place) {
  const auto begin = session_notes.size() + place * number_bytes;
  return static_cast<std::uint32_t>(storage::big_endian(name.substr(begin, number_bytes)));
}

status refusal(const write_stamp& stamp, std::string detail) {
  if (stamp.again)
    return {errc::commit_unknown, std::move(detail) + "; an earlier attempt may have taken effect"};
  return {errc::stale_route, std::move(detail)};
}

} // namespace

outcome<std::vector<session_note>> notes_of_sessions(const storage::point_reader& from) {
  std::vector<session_note> notes;
  const auto scanned =
      from.scan_notes(session_notes, [&](std::string_view name, std::string_view note) {
        notes.push_back({std::string(name), std::string(note)});
      });
  if (!scanned.ok())
    return scanned;
  return notes;
}

std::string write_sessions::name_of(const place& where, std::uint32_t slot) {
  std::string name{session_notes};
  for (const auto number : {where.first.value, where.second, slot})
    storage::put_big_endian(name, number, number_bytes);
  return name;
}

outcome<write_sessions> write_sessions::load(const std::vector<session_note>& notes,
                                             session_limits limits) {
  write_sessions made{limits};
  std::map<place, std::map<std::uint32_t, noted_write>> slots;
  for (const auto& [name, note] : notes) {
    if (name == ended_name) {
      codec::unpacker in{note};
      made.ended_through_.value = in.u64();
      if (auto read = in.finish(); !read.ok())
        return read;
      continue;
    }
    if (name.size() != slot_name_bytes || !name.starts_with(session_notes))
      return status{errc::corrupted, "the note of a session has a strange name"};
    const auto read = read_note(note);
    if (!read)
      return read.error();
    slots[{node_number{number_at(name, 0)}, number_at(name, 1)}].emplace(number_at(name, 2), *read);
  }
  for (const auto& [where, noted] : slots) {
    auto& of = made.sessions_[where];
    for (const auto& [slot, one] : noted)
      if (one.at > of.used) { // The last write applied tells how all is.
        of.life = one.life;
        of.forgets = one.forgets;
        of.settled = one.settled;
        of.used = one.at;
      }
    for (const auto& [slot, one] : noted)
      if (one.life == of.life && one.number >= of.settled)
        of.applied[one.number] = {one.at, slot};
      else
        of.free.insert(slot);
  }
  return made;
}

write_sessions::fate write_sessions::look(const write_stamp& stamp) const {
  const auto refused = [](status why) { return fate{fate::kind::refused, {}, std::move(why)}; };
  if (stamp.settled == 0 || stamp.settled > stamp.number
      || stamp.number - stamp.settled >= write_window)
    return refused({errc::bad_request, "a write has a stamp that makes no sense"});
  const auto found = sessions_.find(place_of(stamp.session));
  if (found == sessions_.end()) {
    if (stamp.since < ended_through_)
      return refused(refusal(stamp, "the session of the write may have ended"));
    return {};
  }
  const auto& of = found->second;
  if (stamp.session.life > of.life)
    return {};
  if (stamp.session.life < of.life || stamp.number < of.settled)
    return refused(refusal(stamp, "the session of the write has gone on without it"));
  const auto known = of.applied.find(stamp.number);
  if (known != of.applied.end())
    return {fate::kind::repeated, known->second.at, {}};
  if (stamp.since < of.forgets)
    return refused(refusal(stamp, "the session of the write has ended and begun anew"));
  return {};
}

std::vector<session_note> write_sessions::admit(const write_stamp& stamp, log_index at) {
  std::vector<session_note> notes;
  const auto where = place_of(stamp.session);
  const bool is_new = !sessions_.contains(where);
  const auto ended_before = ended_through_; // Also if it was itself that ended once.
  if (is_new && sessions_.size() >= limits_.sessions_max)
    end(unused_longest(), notes);
  auto& of = sessions_[where];
  if (is_new)
    of.forgets = ended_before;
  else if (of.life != stamp.session.life)
    of.forgets = {};
  if (of.life != stamp.session.life) {
    for (const auto& [number, write] : of.applied)
      of.free.insert(write.slot);
    of.applied.clear();
    of.life = stamp.session.life;
    of.settled = 0;
  }
  of.settled = std::max(of.settled, stamp.settled);
  while (!of.applied.empty() && of.applied.begin()->first < of.settled) {
    of.free.insert(of.applied.begin()->second.slot);
    of.applied.erase(of.applied.begin());
  }
  // The lowest that is free: as many notes as there were ever writes on their way, and no more.
  auto slot = static_cast<std::uint32_t>(of.applied.size());
  if (!of.free.empty())
    slot = of.free.extract(of.free.begin()).value();
  of.applied[stamp.number] = {at, slot};
  of.used = at;
  notes.push_back(
      {name_of(where, slot), note_of({of.life, of.forgets, stamp.number, of.settled, at})});
  return notes;
}

write_sessions::session_map::const_iterator write_sessions::unused_longest() const {
  return std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
    return a.second.used < b.second.used;
  });
}

void write_sessions::end(session_map::const_iterator which, std::vector<session_note>& notes) {
  const auto& [where, of] = *which;
  for (const auto& [number, write] : of.applied)
    notes.push_back({name_of(where, write.slot), {}});
  for (const auto slot : of.free)
    notes.push_back({name_of(where, slot), {}});
  ended_through_ = std::max(ended_through_, of.used);
  codec::packer out;
  out.u64(ended_through_.value);
  notes.push_back({ended_name, out.take()});
  sessions_.erase(which);
}

} // namespace grape::shard
