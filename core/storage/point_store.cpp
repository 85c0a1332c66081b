#include "core/storage/point_store.hpp"

#include "core/check.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
#include "core/storage/field_keys.hpp"
#include "core/storage/keys.hpp"
#include "core/storage/point_records.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace grape::storage {

namespace {

/// Long changes that need not be atomic go out in batches of about this many bytes.
constexpr std::size_t batch_bytes = 1 << 20;

} // namespace

struct point_store::state {
  std::shared_ptr<store> from;
  log_index applied{};
  log_index durable{};
  std::uint64_t points = 0;
  std::optional<collection_schema> schema{};
  field_keys indexes{};
  std::uint64_t transactions = 0; // So many were begun; only the last one may commit.

  log_index forgotten{};
  bool forgotten_written = true; // Else it goes with the next commit.
  std::map<log_index, std::uint64_t> ends{}; // Of points, by log index, above `forgotten`.
  std::uint64_t ends_total = 0;
  bool ends_counted = false; // Else only those since the store was opened.

  void add_ends(log_index at, std::uint64_t count) {
    ends[at] += count;
    ends_total += count;
  }

  void now_forgotten(log_index through) {
    forgotten = std::max(forgotten, through);
    for (auto at = ends.begin(); at != ends.end() && at->first <= forgotten; at = ends.erase(at))
      ends_total -= at->second;
  }

  /// Commits what has grown past the size of a batch, or anything at all if `last`.
  status commit_part(write_batch& batch, bool last) const {
    if (batch.empty() || (!last && batch.bytes() < batch_bytes))
      return {};
    auto done = from->commit(batch, durability::buffered);
    batch.clear();
    return done;
  }

  status use(std::optional<collection_schema> wanted) {
    auto read = field_keys::of(wanted ? wanted->fields : std::map<std::string, field_schema>{});
    if (!read)
      return std::move(read).error();
    schema = std::move(wanted);
    indexes = std::move(*read);
    return {};
  }
};

point_store::point_store(std::unique_ptr<state> from) : state_(std::move(from)) {
}

point_store::~point_store() = default;

outcome<std::unique_ptr<point_store>> point_store::open(std::shared_ptr<store> from) {
  auto opened = std::make_unique<state>(state{.from = std::move(from)});
  const auto mark = records::alone(*opened->from, keys::applied, nullptr, records::read_pair);
  if (!mark)
    return mark.error();
  if (*mark) {
    opened->applied = log_index{(*mark)->first};
    opened->points = (*mark)->second;
  }
  opened->durable = opened->applied;
  const auto forgotten = point_reader{opened->from, nullptr}.forgotten();
  if (!forgotten)
    return forgotten.error();
  opened->forgotten = *forgotten;
  opened->ends_counted = !*mark;
  opened->forgotten_written = mark->has_value();
  auto schema = records::alone(*opened->from, keys::schema, nullptr,
                               records::unpacked<collection_schema>);
  if (!schema)
    return std::move(schema).error();
  if (auto used = opened->use(std::move(*schema)); !used.ok())
    return used;
  return std::unique_ptr<point_store>(new point_store{std::move(opened)});
}

log_index point_store::applied() const noexcept {
  return state_->applied;
}

log_index point_store::durable() const noexcept {
  return state_->durable;
}

const std::optional<collection_schema>& point_store::schema() const noexcept {
  return state_->schema;
}

std::uint64_t point_store::points() const noexcept {
  return state_->points;
}

point_transaction point_store::begin() {
  return point_transaction{state_->from, state_->indexes, ++state_->transactions};
}

status point_store::commit(point_transaction&& changes, log_index applied, durability wanted) {
  const auto ended = std::move(changes);
  GRAPE_CHECK(ended.number() == state_->transactions);
  GRAPE_CHECK(applied >= state_->applied);
  ++state_->transactions;
  write_batch batch;
  const auto growth = ended.write(batch);
  if (!growth)
    return growth.error();
  const auto points = state_->points + static_cast<std::uint64_t>(growth->points);
  batch.put(keys::applied, records::pair(applied.value, points));
  const auto forgotten = std::max(state_->forgotten, ended.forgotten());
  if (!state_->forgotten_written || forgotten > state_->forgotten)
    batch.put(keys::forgotten, records::packed(forgotten.value));
  if (auto done = state_->from->commit(batch, wanted); !done.ok())
    return done;
  state_->applied = applied;
  state_->points = points;
  state_->forgotten_written = true;
  for (const auto& [at, count] : growth->ends)
    state_->add_ends(at, count);
  state_->now_forgotten(forgotten);
  if (wanted == durability::synced)
    state_->durable = applied;
  return ended.new_schema() ? state_->use(ended.new_schema()) : status{};
}

status point_store::flush() {
  const auto applied = state_->applied;
  if (auto done = state_->from->flush(); !done.ok())
    return done;
  state_->durable = applied;
  return {};
}

point_reader point_store::read() const {
  return point_reader{state_->from, state_->from->snapshot()};
}

status point_store::build_field_keys(const std::string& field, field_type type) {
  const auto index = field_keys::of({{field, field_schema{type, {}}}});
  if (!index)
    return index.error();
  if (state_->schema && state_->schema->fields.contains(field)) {
    auto without = *state_->schema;
    without.fields.erase(field);
    write_batch batch;
    batch.put(keys::schema, records::packed(without));
    if (auto done = state_->from->commit(batch, durability::buffered); !done.ok())
      return done;
    if (auto used = state_->use(std::move(without)); !used.ok())
      return used;
  }
  if (auto dropped = drop_field_keys(field); !dropped.ok())
    return dropped;
  write_batch batch;
  status committed;
  auto scanned = read().scan_payloads({}, [&](const point_id& id, payload::object&& payload) {
    for (const auto& key : index->collect(id, payload))
      batch.put(key, records::bare);
    committed = state_->commit_part(batch, false);
    return committed.ok();
  });
  if (!scanned.ok())
    return scanned;
  return committed.ok() ? state_->commit_part(batch, true) : committed;
}

status point_store::drop_field_keys(const std::string& field) {
  const auto prefix = keys::of_field(field);
  write_batch batch;
  const auto at = state_->from->scan(prefix);
  for (; at->valid() && at->key().starts_with(prefix); at->next()) {
    batch.erase(at->key());
    if (auto done = state_->commit_part(batch, false); !done.ok())
      return done;
  }
  if (auto scanned = at->error(); !scanned.ok())
    return scanned;
  return state_->commit_part(batch, true);
}

log_index point_store::forgotten() const noexcept {
  return state_->forgotten;
}

// Each batch says how far it went, so that nobody relies on ends that are gone. The next time the
// last entry is looked at again: a batch may have ended within it.
status point_store::forget_erased(log_index through) {
  if (through <= state_->forgotten)
    return {};
  write_batch batch;
  const auto commit = [&](log_index reached) {
    batch.put(keys::forgotten, records::packed(reached.value));
    auto done = state_->from->commit(batch, durability::buffered);
    batch.clear();
    if (done.ok())
      state_->now_forgotten(reached);
    return done;
  };
  status committed;
  const auto visit = [&](log_index at, const point_id& id, bool erased) {
    if (at > through)
      return false;
    if (erased)
      batch.erase(keys::of_change(at, id));
    if (batch.bytes() >= batch_bytes)
      committed = commit(at);
    return committed.ok();
  };
  const auto after = log_index{std::max<std::uint64_t>(state_->forgotten.value, 1) - 1};
  if (auto scanned = read().scan_changes(after, visit); !scanned.ok())
    return scanned;
  return committed.ok() ? commit(through) : committed;
}

status point_store::keep_erased(std::uint64_t count_max) {
  if (!state_->ends_counted) {
    state_->ends.clear();
    state_->ends_total = 0;
    const auto visit = [this](log_index at, const point_id&, bool erased) {
      if (erased)
        state_->add_ends(at, 1);
      return true;
    };
    if (auto scanned = read().scan_changes(state_->forgotten, visit); !scanned.ok())
      return scanned;
    state_->ends_counted = true;
  }
  auto left = state_->ends_total;
  log_index through{};
  for (const auto& [at, count] : state_->ends) {
    if (left <= count_max || at > state_->durable)
      break;
    left -= count;
    through = at;
  }
  return forget_erased(through);
}

store& point_store::below() const noexcept {
  return *state_->from;
}

} // namespace grape::storage
