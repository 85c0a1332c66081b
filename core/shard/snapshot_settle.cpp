#include "core/shard/snapshot_settle.hpp"

#include "core/shard/snapshot_receiver.hpp"
#include "core/shard/snapshot_stream.hpp"

#include <map>
#include <memory>
#include <utility>

namespace grape::shard {

namespace {

constexpr std::size_t batch_bytes = 1u << 20;

using opened = outcome<std::unique_ptr<storage::point_store>>;

opened open_points(storage::file_system& files, const std::string& directory,
                   const storage::leveldb_options& how) {
  auto below = storage::open_leveldb(files, directory, how);
  return below ? storage::point_store::open(std::move(*below)) : opened{std::move(below).error()};
}

/// Changes in batches, so that no difference is too large for memory. Nobody sees the states
/// between: if it is interrupted it is done again.
class in_batches {
public:
  explicit in_batches(storage::point_store& to)
    : to_(to)
    , changes_(to.begin()) {}

  template <class Change>
  bool add(std::size_t bytes, Change&& change) {
    done_ = change(changes_);
    bytes_ += bytes;
    if (done_.ok() && bytes_ >= batch_bytes)
      done_ = commit();
    return done_.ok();
  }

  status finish(const status& scanned) {
    if (!done_.ok())
      return done_;
    return scanned.ok() ? commit() : scanned;
  }

private:
  status commit() {
    auto committed = to_.commit(std::move(changes_), to_.applied(), storage::durability::buffered);
    changes_ = to_.begin();
    bytes_ = 0;
    return committed;
  }

  storage::point_store& to_;
  storage::point_transaction changes_;
  std::size_t bytes_ = 0;
  status done_;
};

status apply_difference(storage::point_store& to, const storage::point_reader& from) {
  in_batches ends{to};
  const auto erased =
      from.scan_changes(log_index{}, [&](log_index at, const point_id& id, bool is_end) {
        return !is_end || ends.add(64, [&](storage::point_transaction& changes) {
          return changes.put_erased(id, at);
        });
      });
  if (auto done = ends.finish(erased); !done.ok())
    return done;
  in_batches points{to};
  const auto put = from.scan_stored({}, [&](storage::stored_point&& one) {
    return points.add(chunk_bytes(one), [&](storage::point_transaction& changes) {
      return changes.put_stored(std::move(one));
    });
  });
  return points.finish(put);
}

/// The sessions of the source instead of those that `to` had.
status exchange_sessions(storage::point_store& to, const std::vector<session_note>& by) {
  const auto before = notes_of_sessions(to.read());
  if (!before)
    return before.error();
  auto changes = to.begin();
  for (const auto& [name, note] : *before)
    changes.put_note(name, {});
  for (const auto& [name, note] : by)
    changes.put_note(name, note);
  return to.commit(std::move(changes), to.applied(), storage::durability::buffered);
}

status bring_up(storage::point_store& points, const storage::point_store& difference) {
  if (points.applied() >= difference.applied())
    return {}; // Done; only the folder is left.
  const auto reader = difference.read();
  const auto noted = reader.note(difference_note);
  if (!noted)
    return noted.error();
  if (!*noted)
    return {errc::corrupted, "a staged difference does not say what it is"};
  const auto end = decode_snapshot_end(**noted);
  if (!end)
    return end.error();
  if (points.applied() < end->at.base)
    return {errc::corrupted, "a staged difference begins at entry "
                                 + std::to_string(end->at.base.value) + ", the points end at entry "
                                 + std::to_string(points.applied().value)};
  if (auto applied = apply_difference(points, reader); !applied.ok())
    return applied;
  if (points.points() != end->points)
    return {errc::corrupted, "a staged difference made " + std::to_string(points.points())
                                 + " points of them instead of " + std::to_string(end->points)};
  if (auto exchanged = exchange_sessions(points, end->sessions); !exchanged.ok())
    return exchanged;
  if (end->schema)
    return adopt_schema(points, *end->schema, end->index);
  return points.commit(points.begin(), end->index, storage::durability::synced);
}

} // namespace

status settle_snapshot(storage::file_system& files, const std::string& directory,
                       const storage::log_base& said, const storage::leveldb_options& how) {
  const auto staged = storage::settle_staging(files, directory, said);
  if (!staged)
    return staged.error();
  if (staged->empty())
    return {};
  {
    const auto points = open_points(files, directory + "/points", how);
    if (!points)
      return points.error();
    const auto difference = open_points(files, directory + "/" + *staged, how);
    if (!difference)
      return difference.error();
    if (auto brought = bring_up(**points, **difference); !brought.ok())
      return {brought.code, directory + "/" + *staged + ": " + brought.detail};
  }
  return storage::drop_staged(files, directory, *staged);
}

status adopt_schema(storage::point_store& points, const collection_schema& wanted,
                    log_index applied) {
  const auto before = points.schema() ? points.schema()->fields : decltype(wanted.fields){};
  for (const auto& [field, settings] : wanted.fields) {
    const auto known = before.find(field);
    if (known != before.end() && known->second.type == settings.type)
      continue;
    if (auto built = points.build_field_keys(field, settings.type); !built.ok())
      return built;
  }
  for (const auto& [field, settings] : before)
    if (!wanted.fields.contains(field))
      if (auto dropped = points.drop_field_keys(field); !dropped.ok())
        return dropped;
  auto changes = points.begin();
  changes.put_schema(wanted);
  return points.commit(std::move(changes), applied, storage::durability::synced);
}

} // namespace grape::shard
