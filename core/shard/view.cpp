#include "core/shard/view.hpp"

#include "core/index/vector_view.hpp"
#include "core/payload/describe.hpp"
#include "core/payload/resolve.hpp"
#include "core/payload/selector.hpp"
#include "core/shard/view_state.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>
#include <unordered_set>

namespace grape::shard {

namespace {

bool is_no_filter(const std::optional<payload::filter>& filter) {
  return !filter
         || (filter->must.empty() && filter->should.empty() && filter->must_not.empty()
             && !filter->at_least);
}

payload::resolve_context context_of(const view_state& state) {
  payload::resolve_context context;
  context.live = state.live.get();
  context.columns = &state.columns;
  context.slot_of = [&state](const point_id& id) { return state.ids.find(id); };
  context.id_of = [&state](slot where) { return state.id_of[where.value]; };
  context.payload_of = [&state](slot where) {
    return state.reader.payload(state.id_of[where.value]);
  };
  context.has_vector = [&state](slot where, std::string_view name) {
    const auto field = state.vectors.find(std::string(name));
    if (field != state.vectors.end())
      return field->second.contains(where);
    const auto vectors = state.reader.vectors(state.id_of[where.value]);
    return vectors.ok() && find_vector(*vectors, name) != nullptr;
  };
  return context;
}

/// Which points may be found; null: all.
outcome<std::shared_ptr<const admitted_slots>> resolve(
  const view_state& state, const std::optional<payload::filter>& wanted, budget& left) {
  if (is_no_filter(wanted))
    return std::shared_ptr<const admitted_slots>{};
  const auto& filter = *wanted;
  if (auto known = state.recent.find(filter))
    return known;
  auto slots = payload::resolve(filter, context_of(state), left);
  if (!slots)
    return std::move(slots).error();
  auto admitted = std::make_shared<admitted_slots>();
  admitted->slots = std::move(*slots);
  admitted->count = admitted->slots.count();
  state.recent.keep(filter, admitted);
  return std::shared_ptr<const admitted_slots>(std::move(admitted));
}

/// Reads the parts of a record that were asked for.
class record_reader {
public:
  static outcome<record_reader> make(const view_state& state, const payload_selector& payload,
                                     const vector_selector& vectors) {
    auto selection = payload::selection::make(payload);
    if (!selection)
      return std::move(selection).error();
    return record_reader{state, std::move(*selection), vectors};
  }

  outcome<record> read(const point_id& id, slot where) const {
    record made{.id = id, .version = state_->version_of[where.value], .payload = {}, .vectors = {}};
    if (payload_.wants_payload()) {
      auto payload = state_->reader.payload(id);
      if (!payload)
        return std::move(payload).error();
      made.payload = payload_.apply(*payload);
    }
    if (vectors_.wanted != vector_selector::mode::none) {
      auto vectors = state_->reader.vectors(id);
      if (!vectors)
        return std::move(vectors).error();
      made.vectors = std::move(*vectors);
      if (vectors_.wanted == vector_selector::mode::named)
        std::erase_if(*made.vectors, [this](const named_vector& vector) {
          return std::find(vectors_.names.begin(), vectors_.names.end(), vector.name)
                 == vectors_.names.end();
        });
    }
    return made;
  }

private:
  record_reader(const view_state& state, payload::selection payload, vector_selector vectors)
    : state_(&state)
    , payload_(std::move(payload))
    , vectors_(std::move(vectors)) {
  }

  const view_state* state_;
  payload::selection payload_;
  vector_selector vectors_;
};

bool passes(float score, const std::optional<float>& threshold, metric kind) {
  return !threshold || (larger_is_better(kind) ? score > *threshold : score < *threshold);
}

/// The nearest slots with their scores, the query's own points left out.
outcome<std::vector<std::pair<slot, float>>> nearest(const view_state& state,
                                                     const shard_query& wanted,
                                                     const admitted_slots* admitted, budget& left,
                                                     std::string& plan) {
  const auto field = state.vectors.find(wanted.vector_name);
  const auto settings = state.schema->options.vectors.find(wanted.vector_name);
  if (field == state.vectors.end() || settings == state.schema->options.vectors.end())
    return status{errc::wrong_input, "Not existing vector name error: " + wanted.vector_name};
  const auto kind = settings->second.distance;
  index::vector_search search;
  search.query = *wanted.target;
  search.k = std::min<std::uint64_t>(wanted.k, field->second.size()) + wanted.excluded.size();
  search.ef = wanted.params.hnsw_ef;
  search.exact = wanted.params.exact;
  search.indexed_only = wanted.params.indexed_only;
  search.allowed = admitted ? &admitted->slots : nullptr;
  search.allowed_count = admitted ? admitted->count : 0;
  search.plan = &plan;
  const auto found = field->second.search(search, left);
  if (!found)
    return found.error();
  std::vector<std::pair<slot, float>> hits;
  for (const auto& [distance, where] : *found) {
    const auto score = score_from_distance(kind, distance);
    if (hits.size() == wanted.k || !passes(score, wanted.score_threshold, kind))
      break;
    if (!std::binary_search(wanted.excluded.begin(), wanted.excluded.end(),
                            state.id_of[where.value]))
      hits.emplace_back(where, score);
  }
  return hits;
}

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

outcome<shard_hits> view::query(const shard_query& wanted, budget& left) const {
  const auto admitted = resolve(*state_, wanted.filter, left);
  if (!admitted)
    return admitted.error();
  const auto reader = record_reader::make(*state_, wanted.with_payload, wanted.with_vectors);
  if (!reader)
    return reader.error();
  shard_hits result;
  std::vector<std::pair<slot, float>> hits;
  if (wanted.target) {
    auto found = nearest(*state_, wanted, admitted->get(), left, result.plan);
    if (!found)
      return std::move(found).error();
    hits = std::move(*found);
  } else {
    const auto first = first_by_id(*state_, {}, wanted.k, admitted->get());
    if (!first)
      return first.error();
    for (const auto where : *first)
      hits.emplace_back(where, 1.0f);
    result.plan = "first by id";
  }
  result.hits.reserve(hits.size());
  for (const auto& [where, score] : hits) {
    auto made = reader->read(state_->id_of[where.value], where);
    if (!made)
      return std::move(made).error();
    result.hits.push_back({std::move(*made), score});
  }
  result.visited = left.visited();
  if (*admitted)
    result.plan += " where " + payload::describe(*wanted.filter);
  return result;
}

outcome<shard_page> view::scroll(const shard_scroll& wanted, budget& left) const {
  const auto admitted = resolve(*state_, wanted.filter, left);
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
  const auto admitted = resolve(*state_, filter, left);
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
  const auto admitted = resolve(*state_, filter, left);
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

shard_figures view::figures() const {
  return state_->figures;
}

} // namespace grape::shard
