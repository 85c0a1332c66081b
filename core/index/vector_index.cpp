#include "core/index/vector_index.hpp"

#include "core/index/seal_job.hpp"
#include "core/index/vector_view_state.hpp"

#include <algorithm>

namespace grape::index {

namespace {

// A tail of which most is dead is rewritten by the writer itself; below this it is not worth it.
constexpr std::uint32_t dead_rows_min = 1'024;

template <class Part>
Part* find_part(std::vector<Part>& parts, segment_id id) {
  const auto found
    = std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.id() == id; });
  return found == parts.end() ? nullptr : &*found;
}

} // namespace

struct vector_index::state {
  explicit state(const vector_index_options& from)
    : options(from)
    , now(distance_function(from.distance, from.dimension),
          row_layout(from.form, from.dimension)) {
    now.tails.push_back(new_tail());
  }

  vector_index_options options;
  vector_view_state now;
  segment_id last{};                 // The newest segment's id.
  segment_id last_tail{tail_bit};
  std::optional<segment_id> job_out; // The product of the job that is under way.

  tail& open_tail() noexcept { return now.tails.back(); }

  tail new_tail() {
    last_tail = last_tail.next();
    return tail(last_tail, now.layout, options.distance);
  }

  // The row a slot points to counts no more; the slot's locator is left to the caller.
  void kill(locator where) {
    if (auto* part = find_part(now.tails, where.segment))
      part->kill(where.where);
    else if (auto* segment = find_part(now.sealed, where.segment))
      segment->kill(where.where);
  }

  // Keeps the open tail at most half dead, at the cost of one more copy for each row ever written.
  // Without it, points that are replaced over and over would fill the memory below the threshold.
  void tidy() {
    const auto dead = open_tail().rows() - open_tail().live();
    if (dead < dead_rows_min || dead < open_tail().live())
      return;
    auto fresh = new_tail();
    const auto& old = open_tail();
    old.for_each_live([&](row where) {
      const auto moved = fresh.append_stored(old.owner(where), old.id_of(where),
                                             old.vector_version_of(where), old.stored(where));
      now.locators.edit(old.owner(where).value) = {fresh.id(), moved};
    });
    open_tail() = std::move(fresh);
  }

  std::vector<shard::part_figures> figures() const { return now.figures(options.dimension); }
};

vector_index::vector_index(const vector_index_options& options)
  : state_(std::make_unique<state>(options)) {
}

vector_index::~vector_index() = default;
vector_index::vector_index(vector_index&&) noexcept = default;
vector_index& vector_index::operator=(vector_index&&) noexcept = default;

void vector_index::put(slot where, const point_id& id, std::uint64_t vector_version,
                       std::span<const float> values) {
  auto& now = state_->now;
  if (where.value >= now.locators.size())
    now.locators.resize(where.value + std::size_t{1});
  auto& place = now.locators.edit(where.value);
  if (place.present())
    state_->kill(place);
  else
    ++now.size;
  place = {state_->open_tail().id(), state_->open_tail().append(where, id, vector_version, values)};
  state_->tidy();
}

void vector_index::remove(slot where) {
  if (!contains(where))
    return;
  auto& place = state_->now.locators.edit(where.value);
  state_->kill(place);
  place = {};
  --state_->now.size;
  state_->tidy();
}

bool vector_index::contains(slot where) const noexcept {
  return state_->now.locate(where).present();
}

vector_view vector_index::view() const {
  return vector_view(std::make_shared<const vector_view_state>(state_->now));
}

void vector_index::configure(const vector_index_options& options) {
  GRAPE_CHECK(options.dimension == state_->options.dimension);
  GRAPE_CHECK(options.distance == state_->options.distance);
  GRAPE_CHECK(options.form == state_->options.form);
  state_->options = options;
}

std::optional<seal_job> vector_index::plan(shard::pace now) {
  const auto& options = state_->options;
  if (state_->job_out || options.graph.m == 0)
    return std::nullopt;
  const auto wanted = shard::plan_segments(state_->figures(), options.policy, now);
  if (!wanted)
    return std::nullopt;

  const auto takes = [&](segment_id id) {
    return std::find(wanted->inputs.begin(), wanted->inputs.end(), id) != wanted->inputs.end();
  };
  if (takes(state_->open_tail().id()))
    state_->now.tails.push_back(state_->new_tail());
  auto work = std::make_shared<seal_job::content>();
  work->id = state_->last = state_->last.next();
  work->task = wanted->task;
  work->dimension = options.dimension;
  work->distance = options.distance;
  work->form = options.form;
  work->graph = options.graph;
  std::copy_if(state_->now.tails.begin(), state_->now.tails.end(), std::back_inserter(work->tails),
               [&](const tail& part) { return takes(part.id()); });
  std::copy_if(state_->now.sealed.begin(), state_->now.sealed.end(),
               std::back_inserter(work->sealed),
               [&](const sealed_part& part) { return takes(part.id()); });
  state_->job_out = work->id;
  return seal_job(std::move(work));
}

retired vector_index::install(const seal_job& job, sealed_rows product) {
  GRAPE_CHECK(state_->job_out == job.id());
  state_->job_out.reset();
  auto& now = state_->now;

  retired gone;
  if (product.built != nullptr) {
    const auto rows = product.built->rows();
    sealed_part fresh(std::move(product.built), std::move(product.slot_of_row));
    for (std::uint32_t i = 0; i < rows; ++i) {
      const auto owner = fresh.owner(row{i});
      // Rows are never used twice: if the slot still points there, this is its current vector.
      if (now.locate(owner) == product.origin_of_row[i]) {
        now.locators.edit(owner.value) = {fresh.id(), row{i}};
        fresh.enliven(row{i});
      }
    }
    if (fresh.live() > 0)
      now.sealed.push_back(std::move(fresh));
    else
      gone.segments.push_back(fresh.graph());
  }
  for (const auto& part : job.get().tails)
    std::erase_if(now.tails, [&](const tail& each) { return each.id() == part.id(); });
  for (const auto& part : job.get().sealed) {
    std::erase_if(now.sealed, [&](const sealed_part& each) { return each.id() == part.id(); });
    gone.segments.push_back(part.graph());
  }
  return gone;
}

void vector_index::abandon() {
  state_->job_out.reset();
}

outcome<std::uint64_t> vector_index::restore(std::shared_ptr<const segment> from,
                                             const current_fn& current) {
  auto& now = state_->now;
  const auto name = "segment " + std::to_string(from->id().value);
  if (from->dimension() != state_->options.dimension
      || from->distance() != state_->options.distance
      || from->layout().form() != state_->options.form)
    return status{errc::corrupted, name + ": dimension, metric or datatype are not the field's"};
  if (is_tail(from->id()) || find_part(now.sealed, from->id()) != nullptr)
    return status{errc::corrupted, name + ": the id is taken or out of range"};

  std::vector<std::uint32_t> owners(from->rows());
  std::vector<row> live;
  for (std::uint32_t i = 0; i < from->rows(); ++i) {
    const auto held = current(from->id_of(row{i}), from->vector_version_of(row{i}));
    if (!held || contains(*held))
      continue;
    const auto owner = *held;
    if (owner.value >= now.locators.size())
      now.locators.resize(owner.value + std::size_t{1});
    now.locators.edit(owner.value) = {from->id(), row{i}};
    owners[i] = owner.value;
    live.push_back(row{i});
  }
  reserve(from->id());
  if (live.empty())
    return std::uint64_t{0};
  sealed_part part(std::move(from), std::move(owners));
  for (const auto where : live)
    part.enliven(where);
  now.size += live.size();
  const auto after = std::find_if(now.sealed.begin(), now.sealed.end(),
                                  [&](const auto& each) { return each.id() > part.id(); });
  now.sealed.insert(after, std::move(part));
  return std::uint64_t{live.size()};
}

void vector_index::reserve(segment_id through) {
  state_->last = std::max(state_->last, through);
}

std::vector<segment_id> vector_index::sealed() const {
  std::vector<segment_id> ids;
  for (const auto& part : state_->now.sealed)
    ids.push_back(part.id());
  return ids;
}

std::uint64_t vector_index::bytes() const {
  const auto& now = state_->now;
  std::uint64_t sum = now.locators.size() * sizeof(locator);
  for (const auto& part : now.tails)
    sum += part.bytes();
  for (const auto& part : now.sealed)
    sum += part.bytes();
  return sum;
}

std::uint64_t vector_index::mapped_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& part : state_->now.sealed)
    sum += part.graph()->mapped_bytes();
  return sum;
}

} // namespace grape::index
