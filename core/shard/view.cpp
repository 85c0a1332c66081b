#include "core/shard/view.hpp"

#include "core/check.hpp"
#include "core/request/vector_form.hpp"
#include "core/shard/admitted.hpp"
#include "core/shard/machine_state.hpp"
#include "core/shard/record_reader.hpp"
#include "core/shard/view_state.hpp"

#include <algorithm>
#include <unordered_set>

namespace grape::shard {

namespace {

/// Slots of the first `count` ids at or above `from` that are admitted, ascending by id.
outcome<std::vector<slot>> first_by_id(const view_state& state,
                                       const std::optional<point_id>& from, std::uint64_t count,
                                       const admitted_slots* admitted) {
  std::vector<slot> slots;
  if (admitted != nullptr) {
    admitted->slots.for_each([&](slot where) {
      if (!from || state.id_of[where.value] >= *from)
        slots.push_back(where);
    });
    const auto by_id = [&](slot a, slot b) {
      return state.id_of[a.value] < state.id_of[b.value];
    };
    const auto kept = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, slots.size()));
    std::partial_sort(slots.begin(), slots.begin() + kept, slots.end(), by_id);
    slots.resize(static_cast<std::size_t>(kept));
    return slots;
  }
  const auto scanned = state.reader.scan_metas(
    from, [&](const point_id& id, const storage::point_meta&) {
      if (slots.size() == count)
        return false;
      const auto where = state.ids.find(id);
      GRAPE_CHECK(where.has_value()); // Store and table are of one moment.
      slots.push_back(*where);
      return slots.size() < count;
    });
  if (!scanned.ok())
    return scanned;
  return slots;
}

} // namespace

view::view(std::shared_ptr<const view_state> state) noexcept : state_(std::move(state)) {
}

log_index view::applied() const noexcept {
  return state_->applied;
}

const collection_schema& view::schema() const noexcept {
  return *state_->schema;
}

outcome<shard_page> view::scroll(const shard_scroll& wanted, budget& left) const {
  const auto admitted = resolve_filter(*state_, wanted.filter, left);
  if (!admitted)
    return admitted.error();
  const auto reader = record_reader::make(*state_, wanted.with_payload, wanted.with_vectors);
  if (!reader)
    return reader.error();
  const auto one_more = wanted.limit == UINT64_MAX ? wanted.limit : wanted.limit + 1;
  const auto slots = first_by_id(*state_, wanted.from, one_more, admitted->get());
  if (!slots)
    return slots.error();
  shard_page page;
  for (const auto where : *slots) {
    const auto& id = state_->id_of[where.value];
    if (page.records.size() == wanted.limit) {
      page.next = id;
      break;
    }
    auto made = reader->read(id, where);
    if (!made)
      return std::move(made).error();
    page.records.push_back(std::move(*made));
    if (!left.spend(1))
      return status{errc::timed_out, "the deadline passed while reading records"};
  }
  return page;
}

outcome<std::uint64_t> view::count(const std::optional<payload::filter>& filter,
                                   budget& left) const {
  const auto admitted = resolve_filter(*state_, filter, left);
  if (!admitted)
    return admitted.error();
  return *admitted ? std::uint64_t{(*admitted)->count} : std::uint64_t{state_->ids.size()};
}

outcome<std::vector<facet_hit>> view::facet(const std::string& field,
                                            const std::optional<payload::filter>& filter,
                                            budget& left) const {
  const auto* column = state_->columns.find(field);
  if (column == nullptr)
    return status{errc::bad_request, "the field `" + field + "` has no index"};
  const auto admitted = resolve_filter(*state_, filter, left);
  if (!admitted)
    return admitted.error();
  std::vector<facet_hit> hits;
  for (auto& [value, count] : column->count_values(*admitted ? (*admitted)->slots : *state_->live))
    hits.push_back({std::move(value), count});
  std::sort(hits.begin(), hits.end(), [](const facet_hit& a, const facet_hit& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
  return hits;
}

outcome<std::vector<record>> view::retrieve(std::span<const point_id> ids,
                                            const payload_selector& with_payload,
                                            const vector_selector& with_vectors) const {
  const auto reader = record_reader::make(*state_, with_payload, with_vectors);
  if (!reader)
    return reader.error();
  std::vector<record> records;
  std::unordered_set<point_id> given;
  for (const auto& id : ids) {
    const auto where = state_->ids.find(id);
    if (!where || !given.insert(id).second)
      continue;
    auto made = reader->read(id, *where);
    if (!made)
      return std::move(made).error();
    records.push_back(std::move(*made));
  }
  return records;
}

std::vector<point_id> view::missing(std::span<const point_id> ids) const {
  std::vector<point_id> absent;
  for (const auto& id : ids)
    if (!state_->ids.find(id))
      absent.push_back(id);
  return absent;
}

outcome<term_counts> view::terms(const term_question& about, budget& left) const {
  const auto field = state_->sparse.find(about.vector_name);
  if (field == state_->sparse.end())
    return unknown_vector(about.vector_name);
  const auto admitted = resolve_filter(*state_, about.corpus, left);
  if (!admitted)
    return admitted.error();
  const auto* allowed = *admitted ? &(*admitted)->slots : nullptr;
  auto counts = field->second.count(about.indices, allowed, left);
  if (!counts)
    return std::move(counts).error();
  std::uint64_t vectors = field->second.size();
  if (allowed != nullptr) {
    vectors = 0;
    allowed->for_each([&](slot where) { vectors += field->second.contains(where); });
  }
  return term_counts{vectors, std::move(*counts)};
}

std::vector<field_parts> view::parts() const {
  std::vector<field_parts> all;
  const auto add = [&](const std::string& name, const index::vector_view& rows) {
    const auto field = state_->schema->options.vectors.find(name);
    if (field == state_->schema->options.vectors.end())
      return;
    all.push_back({name, rows.parts(field->second.size),
                   index_options(state_->schema->options, field->second, 0).policy});
  };
  for (const auto& [name, rows] : state_->vectors)
    add(name, rows);
  for (const auto& [name, points] : state_->multi)
    add(name, points.rows());
  return all;
}

std::uint64_t view::code_bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [name, rows] : state_->vectors)
    sum += rows.code_bytes();
  for (const auto& [name, points] : state_->multi)
    sum += points.rows().code_bytes();
  return sum;
}

outcome<std::uint64_t> view::warm() const {
  std::uint64_t sum = 0;
  const auto add = [&sum](const index::vector_view& rows) -> status {
    const auto read = rows.warm();
    if (!read)
      return read.error();
    sum += *read;
    return {};
  };
  for (const auto& [name, rows] : state_->vectors)
    if (auto added = add(rows); !added.ok())
      return added;
  for (const auto& [name, points] : state_->multi)
    if (auto added = add(points.rows()); !added.ok())
      return added;
  return sum;
}

storage::point_reader view::points() const {
  return state_->reader;
}

shard_figures view::figures() const {
  auto now = state_->figures;
  now.payload_bytes = state_->reader.payload_bytes();
  return now;
}

} // namespace grape::shard
