#include "core/storage/point_store.hpp"

#include "core/check.hpp"
#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
#include "core/storage/field_keys.hpp"
#include "core/storage/keys.hpp"
#include "core/storage/point_records.hpp"

#include <utility>

namespace grape::storage {

namespace {

/// Long changes that need not be atomic go out in batches of about this many bytes.
constexpr std::size_t batch_bytes = 1 << 20;

/// The record under a fixed key; none if there is no such key.
template <class Read>
auto fixed_record(const store& from, std::string_view key, Read&& read)
  -> outcome<std::optional<typename decltype(read(std::string_view{}))::value_type>> {
  using record = typename decltype(read(std::string_view{}))::value_type;
  const auto found = from.get(key);
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<record>{};
  auto value = read(**found);
  if (!value)
    return status{value.error().code, std::string(key) + ": " + value.error().detail};
  return std::optional<record>{std::move(*value)};
}

} // namespace

struct point_store::state {
  std::shared_ptr<store> from;
  log_index applied{};
  log_index durable{};
  std::uint64_t points = 0;
  std::optional<collection_schema> schema{};
  field_keys indexes{};
  std::uint64_t transactions = 0; // So many were begun; only the last one may commit.

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
  const auto mark = fixed_record(*opened->from, keys::applied, records::read_pair);
  if (!mark)
    return mark.error();
  if (*mark) {
    opened->applied = log_index{(*mark)->first};
    opened->points = (*mark)->second;
  }
  opened->durable = opened->applied;
  auto schema = fixed_record(*opened->from, keys::schema, records::unpacked<collection_schema>);
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
  const auto points = state_->points + static_cast<std::uint64_t>(*growth);
  batch.put(keys::applied, records::pair(applied.value, points));
  if (auto done = state_->from->commit(batch, wanted); !done.ok())
    return done;
  state_->applied = applied;
  state_->points = points;
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

status point_store::forget_erased(log_index through) {
  write_batch batch;
  status committed;
  const auto visit = [&](log_index at, const point_id& id, bool erased) {
    if (at > through)
      return false;
    if (erased)
      batch.erase(keys::of_change(at, id));
    committed = state_->commit_part(batch, false);
    return committed.ok();
  };
  if (auto scanned = read().scan_changes(log_index{}, visit); !scanned.ok())
    return scanned;
  return committed.ok() ? state_->commit_part(batch, true) : committed;
}

store& point_store::below() const noexcept {
  return *state_->from;
}

} // namespace grape::storage
