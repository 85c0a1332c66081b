#include "net/http/decode_vectors.hpp"

#include "core/payload/bm25.hpp"
#include "net/http/decode_common.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace grape::http {

namespace {

bool is_list_of_rows(const node& of) {
  auto rows = false;
  of.value().each_item([&](json::value first) {
    rows = first.type() == json::kind::array;
    return false;
  });
  return rows;
}

/// Rows must be there, none empty and all equally long.
multi_vector read_rows(const node& of) {
  multi_vector out;
  std::vector<std::size_t> lengths;
  of.each_item([&](const node& row) {
    const auto components = read_dense(row);
    lengths.push_back(components.size());
    out.values.insert(out.values.end(), components.begin(), components.end());
  });
  out.dimension = static_cast<std::uint32_t>(lengths.empty() ? 0 : lengths.front());
  if (std::count(lengths.begin(), lengths.end(), 0u) > 0) {
    of.invalid("all vectors must be non-empty", "data");
    return {};
  }
  for (const auto length : lengths)
    if (length != lengths.front()) {
      of.invalid("all vectors must have the same dimension, found vector with dimension "
                   + std::to_string(length),
                 "data");
      return {};
    }
  return out;
}

/// Sorts by index. Fails where an index comes twice.
bool sort_by_index(sparse_vector& vector) {
  std::vector<std::size_t> order(vector.indices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return vector.indices[a] < vector.indices[b]; });
  sparse_vector sorted;
  sorted.indices.reserve(order.size());
  sorted.values.reserve(order.size());
  for (const auto from : order) {
    sorted.indices.push_back(vector.indices[from]);
    sorted.values.push_back(vector.values[from]);
  }
  vector = std::move(sorted);
  return std::adjacent_find(vector.indices.begin(), vector.indices.end()) == vector.indices.end();
}

sparse_vector read_sparse(const node& of) {
  sparse_vector out;
  if (const auto indices = of.need("indices"))
    indices->each_item([&](const node& index) {
      out.indices.push_back(static_cast<std::uint32_t>(index.whole(0xFFFF'FFFFu, "u32")));
    });
  if (const auto values = of.need("values"))
    out.values = read_dense(*values);
  if (out.indices.size() != out.values.size()) {
    of.broken_rule("must be the same length as indices", "values");
    return {};
  }
  if (!sort_by_index(out))
    of.broken_rule("must be unique", "indices");
  return out;
}

/// The model that is computed here, by the names it goes by.
bool is_bm25(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name == "qdrant/bm25" || name == "bm25";
}

enum class text_role : std::uint8_t { stored, asked };

/// The vector that an inference object stands for.
vector_value infer(const node& of, text_role as) {
  const auto model = of.need("model");
  if (!model || !is_bm25(model->text())) {
    of.unavailable("inference");
    return {};
  }
  const auto text = of.field("text");
  if (!text) {
    of.refuse(errc::bad_request, "Only text input is supported for " + model->text() + ".");
    return {};
  }
  std::optional<payload::object> wanted;
  if (const auto given = of.field("options"))
    wanted = given->tree();
  auto options = payload::read_bm25_options(wanted);
  if (!options) {
    of.refuse(options.error().code, options.error().detail);
    return {};
  }
  const payload::bm25 made{std::move(*options)};
  return as == text_role::stored ? made.document(text->text()) : made.query(text->text());
}

} // namespace

dense_vector read_dense(const node& of) {
  dense_vector out;
  if (!of.is(json::kind::array)) {
    of.wrong_type("a sequence");
    return out;
  }
  // The quick way first: only a bad item needs to know where it is.
  if (const auto bad = of.value().read_floats(out)) {
    std::size_t at = 0;
    of.each_item([&](const node& item) {
      if (at++ == *bad)
        (void)item.single();
    });
  }
  return out;
}

bool is_inference(const node& of) {
  const auto model = of.value().find("model");
  if (!model || model->type() != json::kind::string)
    return false;
  return of.value().find("text") || of.value().find("image") || of.value().find("object");
}

vector_value read_stored_vector(const node& of) {
  if (of.is(json::kind::object))
    return is_inference(of) ? infer(of, text_role::stored) : read_sparse(of);
  if (!of.is(json::kind::array)) {
    of.wrong_type("a dense vector, a sparse vector, a multivector or an inference object");
    return {};
  }
  if (is_list_of_rows(of))
    return read_rows(of);
  auto dense = read_dense(of);
  if (dense.empty())
    of.invalid("dense vector must not be empty", "vector");
  return dense;
}

named_vectors read_point_vectors(const node& of) {
  named_vectors out;
  if (of.is(json::kind::object) && !is_inference(of)) {
    of.each_entry([&](std::string_view name, const node& vector) {
      out.push_back({std::string(name), read_stored_vector(vector)});
    });
    sort_by_name(out);
    return out;
  }
  out.push_back({std::string(), read_stored_vector(of)});
  return out;
}

void sort_by_name(named_vectors& vectors) {
  std::stable_sort(vectors.begin(), vectors.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (i + 1 < vectors.size() && vectors[i + 1].name == vectors[i].name)
      continue;
    if (kept != i)
      vectors[kept] = std::move(vectors[i]);
    ++kept;
  }
  vectors.resize(kept);
}

vector_input read_vector_input(const node& of) {
  switch (of.type()) {
    case json::kind::array:
      if (is_list_of_rows(of))
        return vector_value{read_rows(of)};
      return vector_value{read_dense(of)};
    case json::kind::object:
      return is_inference(of) ? infer(of, text_role::asked) : vector_value{read_sparse(of)};
    case json::kind::integer:
    case json::kind::big:
    case json::kind::floating:
    case json::kind::string: return read_id(of);
    case json::kind::null:
    case json::kind::boolean: break;
  }
  of.wrong_type("a vector, or the id of a point");
  return vector_value{};
}

std::vector<vector_input> read_vector_inputs(const node& of) {
  std::vector<vector_input> out;
  of.each_item([&](const node& item) { out.push_back(read_vector_input(item)); });
  return out;
}

bool is_empty(const named_vectors& vectors) noexcept {
  return std::all_of(vectors.begin(), vectors.end(), [](const named_vector& vector) {
    if (const auto* dense = std::get_if<dense_vector>(&vector.value))
      return dense->empty();
    if (const auto* sparse = std::get_if<sparse_vector>(&vector.value))
      return sparse->indices.empty();
    return std::get<multi_vector>(vector.value).values.empty();
  });
}

} // namespace grape::http
