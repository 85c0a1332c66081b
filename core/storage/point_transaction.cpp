#include "core/check.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
#include "core/storage/field_keys.hpp"
#include "core/storage/keys.hpp"
#include "core/storage/point_records.hpp"
#include "core/storage/point_store.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace grape::storage {

/// What the transaction knows of one point: how it was found, and how it shall be.
struct point_transaction::change {
  explicit change(const point_id& of, std::optional<point_meta> found)
    : id(of), before(found), now(found) {
  }

  point_id id;
  std::optional<point_meta> before;
  std::optional<point_meta> now;         ///< None: absent.
  bool changed = false;                  ///< False: only looked at.
  std::uint64_t erased_at = 0;           ///< When `now` is none and `changed`; 0: in `ends`.
  std::optional<std::string> vectors;    ///< The new record, if they change.
  std::optional<std::string> payload;    ///< The new record, if it changes.
  std::vector<std::string> field_keys;   ///< Of the new payload.
  std::optional<std::string> payload_before; ///< The stored record, once somebody needed it.
};

struct point_transaction::state {
  point_reader stored;
  const field_keys& indexes;
  std::uint64_t number;
  std::map<point_id, change> changes{}; // By id: neighbours in the batch are neighbours on disk.
  std::optional<collection_schema> schema{};
  std::set<std::pair<log_index, point_id>> ends{}; // Told by `put_erased`.
  std::map<std::string, std::string> notes{};      // By key; empty: removed.
  log_index forgotten{};
};

point_transaction::point_transaction(std::shared_ptr<store> over, const field_keys& indexes,
                                     std::uint64_t number)
  : state_(new state{point_reader{std::move(over), nullptr}, indexes, number}) {
}

point_transaction::point_transaction(point_transaction&&) noexcept = default;
point_transaction& point_transaction::operator=(point_transaction&&) noexcept = default;
point_transaction::~point_transaction() = default;

std::uint64_t point_transaction::number() const noexcept {
  return state_->number;
}

const std::optional<collection_schema>& point_transaction::new_schema() const noexcept {
  return state_->schema;
}

outcome<point_transaction::change*> point_transaction::touch(const point_id& id) const {
  auto known = state_->changes.find(id);
  if (known == state_->changes.end()) {
    const auto found = state_->stored.meta(id);
    if (!found)
      return found.error();
    known = state_->changes.emplace(id, change{id, *found}).first;
  }
  return &known->second;
}

outcome<point_transaction::change*> point_transaction::existing(const point_id& id) const {
  const auto known = touch(id);
  if (known && !(*known)->now)
    return status{errc::not_found, "no point with id " + id.text()};
  return known;
}

outcome<point_transaction::change*> point_transaction::changing(const point_id& id,
                                                                std::uint64_t version) const {
  const auto known = existing(id);
  if (known) {
    GRAPE_CHECK((*known)->now->version <= version);
    (*known)->changed = true;
    (*known)->now->version = version;
  }
  return known;
}

outcome<std::string> point_transaction::stored_payload(change& of) const {
  if (!of.payload_before) {
    auto record = state_->stored.record(keys::payloads, of.id);
    if (!record)
      return record;
    of.payload_before = std::move(*record);
  }
  return *of.payload_before;
}

outcome<std::optional<point_meta>> point_transaction::meta(const point_id& id) const {
  const auto known = touch(id);
  if (!known)
    return known.error();
  return (*known)->now;
}

outcome<named_vectors> point_transaction::vectors(const point_id& id) const {
  const auto known = existing(id);
  if (!known)
    return known.error();
  if ((*known)->vectors)
    return records::unpacked<named_vectors>(*(*known)->vectors);
  return state_->stored.vectors(id);
}

outcome<payload::object> point_transaction::payload(const point_id& id) const {
  const auto known = existing(id);
  if (!known)
    return known.error();
  if ((*known)->payload)
    return records::unpacked<payload::object>(*(*known)->payload);
  const auto stored = stored_payload(**known);
  return stored ? records::unpacked<payload::object>(*stored) : stored.error();
}

status point_transaction::put(const point& what, std::uint64_t version) {
  const auto known = touch(what.id);
  if (!known)
    return known.error();
  auto& point = **known;
  GRAPE_CHECK(!point.now || point.now->version <= version);
  point.changed = true;
  point.now = point_meta{version, version};
  point.vectors = records::packed(what.vectors);
  point.payload = records::packed(what.payload);
  point.field_keys = state_->indexes.collect(what.id, what.payload);
  return {};
}

status point_transaction::erase(const point_id& id, std::uint64_t version) {
  const auto known = touch(id);
  if (!known)
    return known.error();
  auto& point = **known;
  if (!point.now)
    return {};
  GRAPE_CHECK(point.now->version <= version);
  point.changed = true;
  point.now.reset();
  point.erased_at = version;
  point.vectors.reset();
  point.payload.reset();
  point.field_keys.clear();
  return {};
}

status point_transaction::put_payload(const point_id& id, const payload::object& payload,
                                      std::uint64_t version) {
  const auto known = changing(id, version);
  if (!known)
    return known.error();
  auto& point = **known;
  point.payload = records::packed(payload);
  point.field_keys = state_->indexes.collect(id, payload);
  return {};
}

status point_transaction::put_vectors(const point_id& id, const named_vectors& vectors,
                                      std::uint64_t version) {
  const auto known = changing(id, version);
  if (!known)
    return known.error();
  auto& point = **known;
  point.now = point_meta{version, version};
  point.vectors = records::packed(vectors);
  return {};
}

outcome<bool> point_transaction::drop_vectors(const point_id& id,
                                              std::span<const std::string> names,
                                              std::uint64_t version) {
  auto left = vectors(id);
  if (!left)
    return std::move(left).error();
  const auto dropped = std::erase_if(*left, [names](const named_vector& vector) {
    return std::find(names.begin(), names.end(), vector.name) != names.end();
  });
  if (dropped == 0)
    return false;
  const auto known = changing(id, version);
  if (!known)
    return known.error();
  (*known)->vectors = records::packed(*left);
  return true;
}

void point_transaction::put_schema(const collection_schema& schema) {
  state_->schema = schema;
}

status point_transaction::put_stored(stored_point what) {
  const auto known = touch(what.id);
  if (!known)
    return known.error();
  auto& point = **known;
  if (point.now && point.now->version > what.meta.version)
    return {errc::corrupted, "point " + what.id.text() + " is newer than what replaces it"};
  point.field_keys.clear();
  if (!state_->indexes.empty()) {
    const auto payload = records::unpacked<payload::object>(what.payload);
    if (!payload)
      return payload.error();
    point.field_keys = state_->indexes.collect(what.id, *payload);
  }
  point.changed = true;
  point.now = what.meta;
  point.vectors = std::move(what.vectors);
  point.payload = std::move(what.payload);
  return {};
}

status point_transaction::put_erased(const point_id& id, log_index at) {
  const auto known = touch(id);
  if (!known)
    return known.error();
  auto& point = **known;
  state_->ends.emplace(at, id);
  if (!point.now || point.now->version > at.value)
    return {};
  point.changed = true;
  point.now.reset();
  point.erased_at = 0;
  point.vectors.reset();
  point.payload.reset();
  point.field_keys.clear();
  return {};
}

void point_transaction::put_forgotten(log_index through) {
  state_->forgotten = std::max(state_->forgotten, through);
}

log_index point_transaction::forgotten() const noexcept {
  return state_->forgotten;
}

void point_transaction::put_note(std::string_view name, std::string_view note) {
  state_->notes[std::string(keys::notes) + std::string(name)] = note;
}

status point_transaction::write_field_keys(change& of, write_batch& to) const {
  if (state_->indexes.empty() || (of.now && !of.payload))
    return {};
  std::vector<std::string> before;
  if (of.before) {
    const auto record = stored_payload(of);
    if (!record)
      return record.error();
    const auto payload = records::unpacked<payload::object>(*record);
    if (!payload)
      return payload.error();
    before = state_->indexes.collect(of.id, *payload);
  }
  std::vector<std::string> gone;
  std::vector<std::string> come;
  const auto& now = of.field_keys;
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(),
                      std::back_inserter(gone));
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                      std::back_inserter(come));
  for (const auto& key : gone)
    to.erase(key);
  for (const auto& key : come)
    to.put(key, records::bare);
  return {};
}

void point_transaction::write_records(const change& of, write_batch& to) {
  if (of.before)
    to.erase(keys::of_change(log_index{of.before->version}, of.id));
  const auto meta_key = keys::of_point(keys::metas, of.id);
  const auto vectors_key = keys::of_point(keys::vectors, of.id);
  const auto payload_key = keys::of_point(keys::payloads, of.id);
  if (of.now) {
    to.put(meta_key, records::of_meta(*of.now));
    if (of.vectors)
      to.put(vectors_key, *of.vectors);
    if (of.payload)
      to.put(payload_key, *of.payload);
    to.put(keys::of_change(log_index{of.now->version}, of.id), records::changed);
    return;
  }
  to.erase(meta_key);
  to.erase(vectors_key);
  to.erase(payload_key);
  if (of.erased_at != 0)
    to.put(keys::of_change(log_index{of.erased_at}, of.id), records::erased);
}

outcome<point_transaction::growth> point_transaction::write(write_batch& to) const {
  growth more;
  for (auto& [id, point] : state_->changes) {
    if (!point.changed || (!point.before && !point.now))
      continue;
    GRAPE_CHECK(!state_->schema);
    if (auto written = write_field_keys(point, to); !written.ok())
      return written;
    write_records(point, to);
    more.points
      += static_cast<int>(point.now.has_value()) - static_cast<int>(point.before.has_value());
    if (!point.now && point.erased_at != 0)
      ++more.ends[log_index{point.erased_at}];
  }
  for (const auto& [at, id] : state_->ends) {
    to.put(keys::of_change(at, id), records::erased);
    ++more.ends[at];
  }
  for (const auto& [key, note] : state_->notes)
    if (note.empty())
      to.erase(key);
    else
      to.put(key, std::string(records::bare) + note);
  if (state_->schema)
    to.put(keys::schema, records::packed(*state_->schema));
  return more;
}

} // namespace grape::storage
