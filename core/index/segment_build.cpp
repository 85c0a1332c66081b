#include "core/index/code_planner.hpp"
#include "core/index/graph_builder.hpp"
#include "core/index/row_access.hpp"
#include "core/index/sealed_segment.hpp"
#include "core/index/segment.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/quantizer_int8.hpp"
#include "core/vector/top_k.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>

namespace grape::index {

namespace {

constexpr std::uint32_t dimension_max = 65'536;
constexpr std::uint32_t ef_construct_min = 4;

constexpr std::size_t probes = 16;
constexpr std::size_t probed_rows_max = 32'768;
constexpr std::size_t probe_k = 10;
constexpr double probe_recall_min = 0.97;

struct ranked {
  float distance = 0;
  std::size_t where = 0;
};

/// Reads rows one after another; each is valid until the next is asked for. For one thread.
class row_reader {
public:
  explicit row_reader(const segment_source& source)
    : source_(source)
    , layout_(source.form, source.dimension)
    , buffer_(layout_.is_plain() ? 0 : source.dimension) {
  }

  const float* operator()(std::size_t i) {
    return layout_.load(source_.vector_at(i), buffer_.data());
  }

private:
  const segment_source& source_;
  row_layout layout_;
  std::vector<float> buffer_;
};

status check_source(const segment_source& source, const graph_options& options) {
  const auto rows = source.ids.size();
  if (rows == 0 || rows > rows_max || source.vector_versions.size() != rows)
    return {errc::invalid, "a segment needs 1 to 2^31 - 1 rows with one id and version each"};
  if (source.dimension == 0 || source.dimension > dimension_max || !source.vector_at)
    return {errc::invalid, "a segment needs vectors of 1 to 65536 dimensions"};
  if (options.m != 0 && options.ef_construct < ef_construct_min)
    return {errc::invalid, "ef_construct must be at least 4"};
  return {};
}

kernel_table::code_pair code_distance(metric kind) noexcept {
  const auto& kernels = kernels_of(best_isa());
  switch (kind) {
    // Between unit vectors both orders agree, and codes lose their mean only in this one.
    case metric::cosine:
    case metric::euclid: return kernels.code_euclid;
    case metric::dot: return kernels.code_dot;
    case metric::manhattan: return kernels.code_manhattan;
  }
  return kernels.code_euclid;
}

row_codec pair_codec(metric kind) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::euclid: return row_codec::code_pair_euclid;
    case metric::dot: return row_codec::code_pair_dot;
    case metric::manhattan: return row_codec::code_manhattan;
  }
  return row_codec::code_pair_euclid;
}

/// The share of exact nearest neighbours that codes, too, rank near the front, tried out on a
/// sample. Low where clusters are tighter than the quantizer's step, or scales differ wildly.
double probe_recall(const segment_source& source, const quantizer& codes) {
  const auto rows = source.ids.size();
  const auto step = (rows + probed_rows_max - 1) / probed_rows_max;
  const auto count = (rows + step - 1) / step;
  const auto stride = codes.stride();
  row_reader from(source);
  row_reader to(source);
  std::vector<std::uint8_t> stored(count * stride);
  for (std::size_t i = 0; i < count; ++i)
    codes.encode_stored(to(i * step), &stored[i * stride]);
  const distance_function exact(source.distance, source.dimension);
  std::size_t wanted = 0;
  std::size_t met = 0;
  for (std::size_t probe = 0; probe < probes; ++probe) {
    const auto* probed = from(probe * count / probes * step);
    top_k<ranked> nearest(probe_k);
    const auto query = codes.prepare(probed);
    top_k<ranked> candidates(rescored_for(codes.code(), probe_k));
    for (std::size_t i = 0; i < count; ++i) {
      nearest.offer({exact(probed, to(i * step)), i});
      candidates.offer({codes.distance(query, &stored[i * stride]), i});
    }
    const auto right = nearest.take();
    const auto offered = candidates.take();
    wanted += right.size();
    for (const auto& one : right)
      met += std::any_of(offered.begin(), offered.end(),
                         [&](const ranked& other) { return other.where == one.where; })
               ? 1u
               : 0u;
  }
  return static_cast<double>(met) / static_cast<double>(wanted);
}

/// Null if such codes do not tell the rows apart.
std::shared_ptr<const quantizer> quantizer_for(const segment_source& source, coding code,
                                               std::optional<double> quantile = std::nullopt) {
  auto learnt = learn_quantizer(code, source.distance, source.dimension, source.ids.size(),
                                row_reader(source), quantile);
  return learnt && probe_recall(source, *learnt) >= probe_recall_min ? learnt : nullptr;
}

/// The graph is built over int8 codes whatever the walk will compare: it is as good as one over
/// floats, and sooner done.
std::shared_ptr<const quantizer_int8> quantizer_for_graph(const segment_source& source) {
  if (source.dimension < coded_dimension_min)
    return nullptr;
  return std::dynamic_pointer_cast<const quantizer_int8>(quantizer_for(source, coding::int8));
}

std::shared_ptr<const quantizer>
quantizer_for_walk(const segment_source& source, const graph_options& options,
                   const std::shared_ptr<const quantizer_int8>& bytes) {
  const auto code = plan_coding(source.distance, source.dimension, options.code);
  if (code == coding::int8 && !options.quantile)
    return bytes;
  auto planned = quantizer_for(source, code, options.quantile);
  return planned || code == coding::floats ? planned : bytes;
}

template <metric Kind>
float float_distance(const void* a, const void* b, const void* length) {
  const auto dimension = *static_cast<const std::size_t*>(length);
  return distance_function(Kind, dimension)(static_cast<const float*>(a),
                                            static_cast<const float*>(b));
}

graph_material::distance_function float_distance_of(metric kind) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return float_distance<metric::dot>;
    case metric::euclid: return float_distance<metric::euclid>;
    case metric::manhattan: return float_distance<metric::manhattan>;
  }
  return float_distance<metric::dot>;
}

graph_material material_of(const segment_source& source, std::uint32_t m,
                           const std::shared_ptr<const quantizer_int8>& quantizer) {
  graph_material material;
  material.rows = static_cast<std::uint32_t>(source.ids.size());
  if (source.base != nullptr && source.base->m == m && source.base->rows <= material.rows)
    material.base = source.base;
  if (quantizer) {
    material.record_bytes = material.length = quantizer->code_bytes();
    material.distance = code_distance(source.distance);
    material.codec = pair_codec(source.distance);
    material.write_record = [&source, quantizer](std::uint32_t row, void* record) {
      quantizer->encode(row_reader(source)(row), static_cast<std::uint8_t*>(record));
    };
  } else {
    material.record_bytes = source.dimension * sizeof(float);
    material.length = source.dimension;
    material.distance = float_distance_of(source.distance);
    material.codec = codec_of(source.distance, coding::floats);
    material.write_record = [&](std::uint32_t row, void* record) {
      row_reader rows(source);
      std::copy_n(rows(row), source.dimension, static_cast<float*>(record));
    };
  }
  return material;
}

/// Copies rows, ids and versions in the segment's own order.
void fill_rows(segment_content& content, const segment_source& source,
               const std::vector<std::uint32_t>& order) {
  const auto rows = order.size();
  const auto row_size = content.layout().bytes();
  const auto stride = content.quantizer ? content.quantizer->stride() : 0;
  hot_array<std::uint8_t> vectors(rows * row_size);
  hot_array<std::uint8_t> codes(rows * stride);
  row_reader read(source);
  content.ids.reserve(rows);
  content.vector_versions.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    std::memcpy(&vectors[i * row_size], source.vector_at(order[i]), row_size);
    if (content.quantizer)
      content.quantizer->encode_stored(read(order[i]), &codes[i * stride]);
    content.ids.push_back(source.ids[order[i]]);
    content.vector_versions.push_back(source.vector_versions[order[i]]);
  }
  content.vectors = row_bytes(std::move(vectors));
  content.codes = row_bytes(std::move(codes));
}

} // namespace

outcome<std::shared_ptr<const segment>>
segment::build(segment_id id, const segment_source& source, const graph_options& options,
               executor& with, const std::atomic<bool>& stop, build_progress* progress) {
  if (auto sound = check_source(source, options); !sound.ok())
    return sound;
  if (progress != nullptr) {
    progress->rows_done = 0;
    progress->rows_total = source.ids.size();
  }
  try {
    segment_content content;
    content.id = id;
    content.distance = source.distance;
    content.dimension = source.dimension;
    content.form = source.form;
    content.links.rows = static_cast<std::uint32_t>(source.ids.size());
    std::vector<std::uint32_t> order(source.ids.size());
    std::iota(order.begin(), order.end(), 0u);
    if (options.m > 0) {
      const auto bytes = quantizer_for_graph(source);
      content.quantizer = quantizer_for_walk(source, options, bytes);
      auto built
          = build_graph(material_of(source, options.m, bytes), options, with, stop, progress);
      if (!built)
        return std::move(built).error();
      content.links = std::move(built->links);
      order = std::move(built->source_of_row);
    }
    if (stop)
      return status{errc::cancelled, "the build of a segment was stopped"};
    fill_rows(content, source, order);
    if (progress != nullptr)
      progress->rows_done = source.ids.size();
    return std::shared_ptr<const segment>(
      std::make_shared<sealed_segment>(std::move(content), std::move(order)));
  } catch (const std::bad_alloc&) {
    return status{errc::no_space, "not enough memory to build a segment"};
  }
}

} // namespace grape::index
