#include "core/storage/point_of.hpp"

#include "core/codec/request_codec.hpp"
#include "core/storage/point_records.hpp"

namespace grape::storage {

outcome<point> point_of(const stored_point& of) {
  auto vectors = records::unpacked<named_vectors>(of.vectors);
  if (!vectors)
    return std::move(vectors).error();
  auto payload = records::unpacked<payload::object>(of.payload);
  if (!payload)
    return std::move(payload).error();
  return point{of.id, std::move(*vectors), std::move(*payload)};
}

stored_point stored_from(const point& of, const point_meta& meta) {
  return {of.id, meta, records::packed(of.vectors), records::packed(of.payload)};
}

} // namespace grape::storage
