#include "core/index/seal_job.hpp"

#include "core/index/graph.hpp"

namespace grape::index {

namespace {

// The live rows of a job's input, gathered in one order.
struct gathered_rows {
  std::vector<const void*> vectors;
  std::vector<std::uint32_t> owners;
  std::vector<locator> origins;
  std::vector<point_id> ids;
  std::vector<std::uint64_t> versions;

  explicit gathered_rows(const seal_job::content& from, const sealed_part* base) {
    const auto count = static_cast<std::size_t>(from.rows());
    vectors.reserve(count);
    owners.reserve(count);
    origins.reserve(count);
    ids.reserve(count);
    versions.reserve(count);
    if (base != nullptr)
      add(*base);
    // Segments first: their rows lie in an order in which near ones are close together.
    for (const auto& part : from.sealed)
      if (&part != base)
        add(part);
    for (const auto& part : from.tails)
      part.for_each_live([&](row where) {
        add(part.id(), where, part.owner(where), part.stored(where), part.id_of(where),
            part.vector_version_of(where));
      });
  }

  void add(const sealed_part& part) {
    for (std::uint32_t i = 0; i < part.rows(); ++i)
      if (part.is_live(row{i}))
        add(part.id(), row{i}, part.owner(row{i}), part.graph()->stored(row{i}),
            part.graph()->id_of(row{i}), part.graph()->vector_version_of(row{i}));
  }

  void add(segment_id from, row where, slot owner, const void* vector, const point_id& id,
           std::uint64_t version) {
    vectors.push_back(vector);
    owners.push_back(owner.value);
    origins.push_back({from, where});
    ids.push_back(id);
    versions.push_back(version);
  }
};

// A graph that lost more of its rows than this is better built anew.
constexpr double dead_share_max = 0.1;

/// The input that gives most of its graph, if any can: building goes on from there.
const sealed_part* base_of(const seal_job::content& work) noexcept {
  const sealed_part* best = nullptr;
  for (const auto& part : work.sealed) {
    const auto* links = part.graph()->links();
    const auto dead = part.rows() - part.live();
    if (links != nullptr && links->m == work.graph.m && part.live() > 0
        && dead <= dead_share_max * part.rows() && (best == nullptr || part.live() > best->live()))
      best = &part;
  }
  return best;
}

/// The graph of a part's live rows, in their order; copied to `own` if some are dead.
const graph* live_graph(const sealed_part& part, graph& own) {
  const auto& all = *part.graph()->links();
  if (part.live() == part.rows())
    return &all;
  std::vector<std::uint32_t> live;
  live.reserve(part.live());
  for (std::uint32_t i = 0; i < part.rows(); ++i)
    if (part.is_live(row{i}))
      live.push_back(i);
  own = restricted(all, live);
  return &own;
}

} // namespace

seal_job::seal_job(std::shared_ptr<const content> from) noexcept : content_(std::move(from)) {
}

segment_id seal_job::id() const noexcept {
  return content_->id;
}

std::uint64_t seal_job::rows() const noexcept {
  return content_->rows();
}

std::string seal_job::describe() const {
  const auto parts = content_->tails.size() + content_->sealed.size();
  return std::string(shard::to_string(content_->task)) + " " + std::to_string(rows())
         + " rows of " + std::to_string(parts) + (parts == 1 ? " part" : " parts")
         + " into segment " + std::to_string(id().value);
}

outcome<sealed_rows> vector_index::run(const seal_job& job, executor& on,
                                       const std::atomic<bool>& stop, build_progress* progress) {
  const auto& work = job.get();
  const auto* base = base_of(work);
  gathered_rows rows(work, base);
  if (rows.vectors.empty())
    return sealed_rows{};

  graph without_dead;
  const segment_source source{work.distance,
                              work.dimension,
                              work.form,
                              [&](std::size_t i) { return rows.vectors[i]; },
                              std::move(rows.ids),
                              std::move(rows.versions),
                              base != nullptr ? live_graph(*base, without_dead) : nullptr};
  auto built = segment::build(work.id, source, work.graph, on, stop, progress);
  if (!built)
    return std::move(built).error();

  sealed_rows result{std::move(*built), {}, {}};
  const auto origin = result.built->source_of_row();
  GRAPE_CHECK(origin.size() == rows.vectors.size());
  result.slot_of_row.reserve(origin.size());
  result.origin_of_row.reserve(origin.size());
  for (const auto position : origin) {
    result.slot_of_row.push_back(rows.owners[position]);
    result.origin_of_row.push_back(rows.origins[position]);
  }
  return result;
}

} // namespace grape::index
