#include "core/shard/machine.hpp"

#include "core/index/seal_job.hpp"
#include "core/shard/command.hpp"
#include "core/shard/machine_state.hpp"
#include "core/sole_owner.hpp"

#include <algorithm>
#include <utility>

namespace grape::shard {

namespace {

/// Ends of points are kept for who was away and wants to know what changed since. Beyond an eighth
/// of the points everything is sent anew instead.
constexpr std::uint64_t erased_kept = 10'000;

} // namespace

struct index_job::content {
  std::string field;
  index::seal_job job;
  storage::file_system* files;
  std::string path; ///< Where the product is written.
  index::code_place codes;
};

job_sketch index_job::sketch() const {
  const auto& work = content_->job.get();
  job_sketch told{content_->field, work.task, work.id, {}};
  for (const auto& part : work.sealed)
    told.inputs.push_back({part.id(), true, part.rows(), part.live(), 0});
  for (const auto& part : work.tails)
    told.inputs.push_back({part.id(), false, part.rows(), part.live(), 0});
  return told;
}

struct finished_job::content {
  std::string field;
  index::seal_job job;
  index::sealed_rows product;
};

std::string index_job::describe() const {
  return "vector `" + content_->field + "`: " + content_->job.describe();
}

slot point_tables::place(const point_id& id) {
  if (const auto known = ids.find(id))
    return *known;
  slot where{static_cast<std::uint32_t>(id_of.size())};
  if (!free.empty()) {
    where = free.back();
    free.pop_back();
    id_of.edit(where.value) = id;
  } else {
    id_of.push_back(id);
    version_of.push_back(0);
  }
  ids.insert(id, where);
  auto& members = own_live();
  // Grown by whole pages, so that an upload of single points does not copy the set each time.
  if (where.value >= members.capacity())
    members.grow((where.value / 4'096 + 1) * 4'096);
  members.insert(where);
  return where;
}

std::optional<slot> point_tables::remove(const point_id& id) {
  const auto where = ids.find(id);
  if (!where)
    return {};
  ids.erase(id);
  own_live().erase(*where);
  free.push_back(*where);
  return where;
}

slot_set& point_tables::own_live() {
  if (!is_sole_owner(live))
    live = std::make_shared<slot_set>(*live);
  return *live;
}

machine::machine(std::unique_ptr<state> from) : state_(std::move(from)) {
}

machine::~machine() = default;

log_index machine::applied() const noexcept {
  return state_->store->applied();
}

storage::point_reader machine::read() const {
  return state_->store->read();
}

log_index machine::applied_durable() const noexcept {
  return state_->store->durable();
}

std::uint64_t machine::bytes_unsynced() const noexcept {
  return state_->bytes_unsynced;
}

const collection_schema& machine::schema() const noexcept {
  return *state_->schema;
}

const write_sessions& machine::sessions() const noexcept {
  return state_->sessions;
}

const std::vector<std::string>& machine::notes() const noexcept {
  return state_->notes;
}

outcome<applied_entry> machine::apply(log_index index, std::string_view command_bytes) {
  GRAPE_CHECK(index == applied().next());
  if (state_->failed)
    return status{errc::io_error, "the store of this replica failed; open it again"};
  if (command_bytes.empty())
    return state_->pass(index, {{}, index});
  const auto entry = split_stamp(command_bytes);
  if (!entry)
    return state_->refuse(index, entry.error());
  auto done = state_->apply_command(index, *entry);
  state_->current.reset(); // Also the view that a filter of this entry may have asked for.
  state_->failed = !done.ok();
  state_->bytes_unsynced += command_bytes.size();
  return done;
}

outcome<applied_entry> machine::state::apply_command(log_index index,
                                                     const stamped_command& entry) {
  using kind = write_sessions::fate::kind;
  auto content = decode(entry.command);
  if (!content)
    return refuse(index, std::move(content).error());
  const auto* write = std::get_if<write_points>(&*content);
  if (write == nullptr)
    return apply_schema(index, std::get<change_schema>(*content).schema);
  if (entry.stamp) {
    auto fate = sessions.look(*entry.stamp);
    if (fate.is == kind::repeated)
      return pass(index, {{}, fate.took_effect});
    if (fate.is == kind::refused)
      return refuse(index, std::move(fate.why));
  }
  if (write->validated_against != schema->version)
    return refuse(index, {errc::stale_route, "validated against schema version "
                                                 + std::to_string(write->validated_against.value)
                                                 + ", applied to version "
                                                 + std::to_string(schema->version.value)});
  return apply_write(index, write->operations, entry.stamp);
}

/// The log checksums its records, so every replica finds the same fault: all of them go past it.
outcome<applied_entry> machine::state::refuse(log_index index, status why) {
  return pass(index, {std::move(why), {}});
}

outcome<applied_entry> machine::state::pass(log_index index, applied_entry told) {
  current.reset(); // The next view stands at this entry: whoever was given its index waits for one.
  if (auto marked = store->commit(store->begin(), index, storage::durability::buffered);
      !marked.ok())
    return marked;
  return told;
}

status machine::sync() {
  if (auto flushed = state_->store->flush(); !flushed.ok()) {
    state_->failed = true;
    return flushed;
  }
  state_->bytes_unsynced = 0;
  return state_->store->keep_erased(std::max(erased_kept, state_->store->points() / 8));
}

std::shared_ptr<const view> machine::state::snapshot() {
  if (current)
    return current;
  std::shared_ptr<view_state> made{new view_state{
    .applied = store->applied(),
    .schema = schema,
    .reader = store->read(),
    .ids = points.ids,
    .id_of = points.id_of,
    .version_of = points.version_of,
    .live = points.live,
    .columns = columns.snapshot(),
    .vectors = {},
    .multi = {},
    .sparse = {},
    .figures = {},
    .recent = {}}};
  auto& figures = made->figures;
  figures.points = points.ids.size();
  show_vectors(*made);
  for (const auto& [field, settings] : schema->fields)
    figures.field_points[field] = columns.points(field);
  figures.memory_bytes += columns.bytes();
  current = std::make_shared<const view>(std::move(made));
  return current;
}

std::shared_ptr<const view> machine::snapshot() {
  return state_->snapshot();
}

std::optional<index_job> machine::plan(pace now) {
  if (state_->job_of || state_->failed)
    return {};
  for (auto& [name, part] : state_->vectors) {
    auto job = part.index.plan(now);
    if (!job)
      continue;
    state_->current.reset(); // The tail was frozen: views show one part more from now on.
    state_->job_of = name;
    const auto path = part.files.path_of(job->id());
    return index_job{std::make_shared<const index_job::content>(
      index_job::content{name, std::move(*job), state_->options.files, path,
                         place_of_codes(state_->schema->options, part.field)})};
  }
  return {};
}

outcome<finished_job> machine::run(const index_job& job, executor& on,
                                   const std::atomic<bool>& stop, job_progress& progress) {
  const auto& work = job.get();
  auto product = index::vector_index::run(work.job, on, stop, &progress);
  if (!product)
    return std::move(product).error();
  if (product->built) {
    if (auto written = product->built->write(*work.files, work.path); !written.ok())
      return written;
    // From the file it takes less memory: the vectors are mapped.
    auto opened = index::segment::open(*work.files, work.path, work.codes);
    if (!opened)
      return std::move(opened).error();
    product->built = std::move(*opened);
  }
  return finished_job{std::make_shared<finished_job::content>(
    finished_job::content{work.field, work.job, std::move(*product)})};
}

void machine::install(const finished_job& done) {
  auto& work = done.get();
  if (state_->job_of != work.field)
    return; // Of a job that was abandoned: nobody waits for it.
  state_->job_of.reset();
  state_->current.reset();
  auto& part = state_->vectors.at(work.field);
  if (work.product.built)
    work.product.built = part.files.adopt(std::move(work.product.built));
  const auto gone = part.index.install(work.job, std::move(work.product));
  for (const auto& segment : gone.segments)
    part.files.retire(segment->id());
}

void machine::abandon() {
  if (!state_->job_of)
    return;
  state_->vectors.at(*state_->job_of).index.abandon();
  state_->job_of.reset();
}

} // namespace grape::shard
