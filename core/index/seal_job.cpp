#include "core/index/seal_job.hpp"

namespace grape::index {

namespace {

// The live rows of a job's input, gathered in one order.
struct gathered_rows {
  std::vector<const void*> vectors;
  std::vector<std::uint32_t> owners;
  std::vector<locator> origins;
  std::vector<point_id> ids;
  std::vector<std::uint64_t> versions;

  explicit gathered_rows(const seal_job::content& from) {
    const auto count = static_cast<std::size_t>(from.rows());
    vectors.reserve(count);
    owners.reserve(count);
    origins.reserve(count);
    ids.reserve(count);
    versions.reserve(count);
    // Segments first: their rows lie in an order in which near ones are close together.
    for (const auto& part : from.sealed)
      for (std::uint32_t i = 0; i < part.rows(); ++i)
        if (part.is_live(row{i}))
          add(part.id(), row{i}, part.owner(row{i}), part.graph()->stored(row{i}),
              part.graph()->id_of(row{i}), part.graph()->vector_version_of(row{i}));
    for (const auto& part : from.tails)
      part.for_each_live([&](row where) {
        add(part.id(), where, part.owner(where), part.stored(where), part.id_of(where),
            part.vector_version_of(where));
      });
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
  gathered_rows rows(work);
  if (rows.vectors.empty())
    return sealed_rows{};

  const segment_source source{work.distance, work.dimension, work.form,
                              [&](std::size_t i) { return rows.vectors[i]; }, std::move(rows.ids),
                              std::move(rows.versions)};
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
