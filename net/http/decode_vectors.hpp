#pragma once

#include "core/request/read.hpp"
#include "net/http/decoding.hpp"

#include <vector>

/// Vectors in every shape of Qdrant's API: dense, sparse, lists of rows, named maps, and inference
/// objects. Of the last, those of the model qdrant/bm25 are computed here (`core/payload/bm25`);
/// others need a service that Grape has not, and are refused.
namespace grape::http {

/// The vectors of a point: one unnamed, or a map of names. Ascending by name.
named_vectors read_point_vectors(const node& of);

/// What a query starts from: a vector or a point id.
vector_input read_vector_input(const node& of);
std::vector<vector_input> read_vector_inputs(const node& of);

/// True for `{"text" | "image" | "object": ..., "model": "..."}`. A named map never looks so, as
/// its members are no strings.
bool is_inference(const node& of);

/// Components of float32, all finite.
dense_vector read_dense(const node& of);

/// A dense or sparse vector under a name, as columns of a batch hold them.
vector_value read_stored_vector(const node& of);

/// Ascending by name; of a name given twice the last wins, as everywhere in a body.
void sort_by_name(named_vectors& vectors);

/// True if no vector has any content, which an update of vectors refuses.
bool is_empty(const named_vectors& vectors) noexcept;

} // namespace grape::http
