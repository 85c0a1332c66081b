#include "core/shard/snapshot_receiver.hpp"

#include "core/check.hpp"
#include "core/codec/pack.hpp"
#include "core/codec/pack_parts.hpp"
#include "core/shard/snapshot_settle.hpp"
#include "core/storage/snapshot_install.hpp"

#include <utility>

namespace grape::shard {

namespace {

/// What stays free: for the log, and for the replica's own store.
constexpr std::uint64_t room_kept_bytes = 64u << 20;

/// A store writes everything to its log, to a table, and once more when tables are merged.
constexpr std::uint64_t written_times = 3;

std::uint64_t bytes_of(const snapshot_chunk& chunk) {
  std::uint64_t bytes = chunk.erased.size() * chunk_bytes({});
  for (const auto& one : chunk.points)
    bytes += chunk_bytes(one);
  return bytes;
}

} // namespace

std::string snapshot_receiver::folder() const {
  return how_.directory + "/" + std::string(storage::receiving_folder);
}

outcome<snapshot_receiver> snapshot_receiver::open(receiver_options how) {
  GRAPE_CHECK(how.files != nullptr && how.store.lane != nullptr);
  snapshot_receiver made{std::move(how)};
  if (!made.how_.files->exists(made.folder()))
    return made;
  const auto use = [&made]() -> status {
    if (auto opened = made.open_store(); !opened.ok())
      return opened;
    const auto noted = made.store_->read().note(position_note);
    if (!noted)
      return noted.error();
    if (!*noted)
      return {errc::corrupted, "it says nothing"};
    auto position = decode_snapshot_position(**noted);
    if (!position)
      return std::move(position).error();
    made.position_ = *position;
    return {};
  };
  const auto used = use();
  if (used.code == errc::no_space)
    return used;
  if (!used.ok())
    if (auto dropped = made.drop(); !dropped.ok())
      return dropped;
  return made;
}

status snapshot_receiver::open_store() {
  auto below = storage::open_leveldb(*how_.files, folder(), how_.store);
  if (!below)
    return std::move(below).error();
  auto opened = storage::point_store::open(std::move(*below));
  if (!opened)
    return std::move(opened).error();
  store_ = std::move(*opened);
  return {};
}

void snapshot_receiver::close() {
  sum_ = std::monostate{};
  position_.reset();
  store_.reset();
}

status snapshot_receiver::drop() {
  close();
  return storage::drop_staged(*how_.files, how_.directory, std::string(storage::receiving_folder));
}

snapshot_standing snapshot_receiver::standing(log_index own) const {
  return {.own = own, .staged = position_, .complete = false};
}

status snapshot_receiver::begin(const snapshot_chunk& first) {
  if (auto dropped = drop(); !dropped.ok())
    return dropped;
  if (auto opened = open_store(); !opened.ok())
    return opened;
  // With the schema the field keys are written on the way. A difference has none of its own.
  if (!first.schema || first.from.base != log_index{})
    return {};
  auto changes = store_->begin();
  changes.put_schema(*first.schema);
  return store_->commit(std::move(changes), {}, storage::durability::buffered);
}

status snapshot_receiver::take(const snapshot_chunk& next) {
  if (position_ != next.from && !is_begin(next.from))
    return {};
  if (!storage::has_room(*how_.files, how_.directory,
                         room_kept_bytes + written_times * bytes_of(next)))
    return {errc::no_space, how_.directory + ": no room for a snapshot"};
  if (position_ != next.from)
    if (auto begun = begin(next); !begun.ok())
      return begun;
  sum_ = std::monostate{};
  auto changes = store_->begin();
  for (const auto& [at, id] : next.erased) {
    if (auto put = changes.put_erased(id, at); !put.ok())
      return put;
    if (next.to.base != log_index{})
      changes.put_note(erased_note(id), codec::packed(at.value));
  }
  for (const auto& one : next.points)
    if (auto put = changes.put_stored(one); !put.ok())
      return put;
  changes.put_note(position_note, encode(next.to));
  if (auto committed =
          store_->commit(std::move(changes), store_->applied(), storage::durability::buffered);
      !committed.ok())
    return committed;
  position_ = next.to;
  return {};
}

outcome<snapshot_receiver::verdict>
snapshot_receiver::check(const snapshot_end& told, const std::optional<storage::point_reader>& own,
                         std::size_t bytes) {
  if (position_ != told.at || told.at.walking || told.at.last || told.at.at != told.index)
    return verdict::elsewhere;
  content_sum found;
  if (told.at.base == log_index{}) {
    if (!std::holds_alternative<summing>(sum_))
      sum_.emplace<summing>(store_->read());
    const auto finished = std::get<summing>(sum_).step(bytes);
    if (!finished || !*finished)
      return finished ? outcome<verdict>{verdict::unknown} : finished.error();
    found = std::get<summing>(sum_).so_far();
  } else {
    if (!own)
      return status{errc::corrupted, "there is nothing that the difference could change"};
    if (!std::holds_alternative<summing_difference>(sum_))
      sum_.emplace<summing_difference>(*own, store_->read());
    const auto finished = std::get<summing_difference>(sum_).step(bytes);
    if (!finished || !*finished)
      return finished ? outcome<verdict>{verdict::unknown} : finished.error();
    found = std::get<summing_difference>(sum_).total();
  }
  if (found == content_sum{told.points, told.sum})
    return verdict::right;
  return status{errc::corrupted, "the snapshot that came is not the one that was sent: "
                                     + std::to_string(found.points) + " points of "
                                     + std::to_string(told.points)};
}

outcome<std::string> snapshot_receiver::stage(const snapshot_end& told,
                                              const raft::snapshot_mark& mark) {
  GRAPE_CHECK(position_ == told.at);
  const auto whole = told.at.base == log_index{};
  auto changes = store_->begin();
  if (whole) {
    changes.put_note(position_note, {});
    changes.put_forgotten(told.forgotten);
    for (const auto& [name, note] : told.sessions)
      changes.put_note(name, note);
  } else {
    changes.put_note(difference_note, encode(told));
  }
  const auto applied = whole && told.schema ? store_->applied() : told.index;
  if (auto committed = store_->commit(std::move(changes), applied, storage::durability::synced);
      !committed.ok())
    return committed;
  if (whole && told.schema)
    if (auto adopted = adopt_schema(*store_, *told.schema, told.index); !adopted.ok())
      return adopted;
  close();
  return storage::stage_received(*how_.files, how_.directory, mark,
                                 whole ? storage::staged_content::whole
                                       : storage::staged_content::difference);
}

} // namespace grape::shard
