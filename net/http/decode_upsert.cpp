#include "net/http/decode_upsert.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/decode_vectors.hpp"

namespace grape::http {

namespace {

point read_point(const node& of) {
  point out;
  if (const auto id = of.need("id"))
    out.id = read_id(*id);
  if (const auto vectors = of.need("vector", "vectors"))
    out.vectors = read_point_vectors(*vectors);
  if (const auto payload = of.field("payload"))
    out.payload = payload->tree();
  return out;
}

/// One column: item i belongs to point i. Tells how many items it has.
std::size_t read_column(const node& of, std::string_view name, std::vector<point>& points) {
  std::size_t row = 0;
  of.each_item([&](const node& item) {
    auto value = read_stored_vector(item);
    if (row < points.size())
      points[row].vectors.push_back({std::string(name), std::move(value)});
    ++row;
  });
  return row;
}

void check_length(const node& batch, std::string_view what, std::size_t ids, std::size_t others) {
  if (ids != others)
    batch.invalid("number of ids and " + std::string(what) + " must be equal ("
                    + std::to_string(ids) + " != " + std::to_string(others) + ")",
                  "batch");
}

void read_payload_column(const node& batch, const node& of, std::vector<point>& points) {
  std::size_t row = 0;
  of.each_item([&](const node& item) {
    if (row < points.size() && !item.is(json::kind::null))
      points[row].payload = item.tree();
    ++row;
  });
  check_length(batch, "payloads", points.size(), row);
}

std::vector<point> read_columns(const node& batch) {
  std::vector<point> points;
  if (const auto ids = batch.need("ids"))
    ids->each_item([&](const node& id) { points.push_back({read_id(id), {}, {}}); });
  const auto vectors = batch.need("vectors");
  if (!vectors)
    return points;
  if (vectors->is(json::kind::object))
    vectors->each_entry([&](std::string_view name, const node& column) {
      check_length(batch, "vectors", points.size(), read_column(column, name, points));
    });
  else
    check_length(batch, "vectors", points.size(), read_column(*vectors, {}, points));
  for (auto& row : points)
    sort_by_name(row.vectors);
  if (const auto payloads = batch.field("payloads"))
    read_payload_column(batch, *payloads, points);
  return points;
}

} // namespace

write_operation read_upsert(const node& of) {
  upsert_points out;
  if (const auto batch = of.field("batch")) {
    out.points = read_columns(*batch);
  } else if (const auto points = of.field("points")) {
    points->each_item([&](const node& item) { out.points.push_back(read_point(item)); });
  } else {
    of.malformed("Invalid PointInsertOperations format");
    return out;
  }
  out.only_if = filter_field(of, "update_filter");
  using mode = upsert_points::mode;
  constexpr mode modes[] = {mode::upsert, mode::insert_only, mode::update_only};
  if (const auto how = of.field("update_mode"))
    out.how = modes[how->variant({"upsert", "insert_only", "update_only"})];
  if (out.points.empty())
    of.refuse(errc::bad_request, "Empty update request");
  return out;
}

} // namespace grape::http
