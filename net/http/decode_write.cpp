#include "net/http/decode_write.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/decode_upsert.hpp"
#include "net/http/decode_vectors.hpp"

#include <optional>

namespace grape::http {

namespace {

constexpr std::string_view no_selector = "data did not match any variant of untagged enum"
                                         " PointsSelector";

/// `points` or `filter`, the former winning; absent if neither is there.
std::optional<point_selector> read_selector(const node& of) {
  auto filter = filter_field(of);
  if (const auto points = of.field("points"))
    return point_selector{read_ids(*points)};
  if (filter)
    return point_selector{std::move(*filter)};
  return std::nullopt;
}

point_selector need_selector(const node& of, std::string_view complaint) {
  if (auto selector = read_selector(of))
    return std::move(*selector);
  of.malformed(std::string(complaint));
  return {};
}

write_operation read_delete(const node& of) {
  return delete_points{need_selector(of, no_selector)};
}

write_operation read_clear(const node& of) {
  return clear_payload{need_selector(of, no_selector)};
}

constexpr std::string_view neither = "Either list of point ids or filter must be provided";

write_operation read_set(const node& of, bool overwrite) {
  set_payload out;
  out.overwrite = overwrite;
  if (const auto payload = of.need("payload"))
    out.payload = payload->tree();
  if (const auto key = of.field("key"))
    out.key = read_path(*key);
  out.points = need_selector(of, neither);
  return out;
}

write_operation read_delete_payload(const node& of) {
  delete_payload out;
  if (const auto keys = of.need("keys"))
    out.keys = read_paths(*keys);
  out.points = need_selector(of, neither);
  return out;
}

write_operation read_update_vectors(const node& of) {
  update_vectors out;
  out.only_if = filter_field(of, "update_filter");
  const auto points = of.need("points");
  if (!points)
    return out;
  points->each_item([&](const node& item) {
    point_vectors point;
    if (const auto id = item.need("id"))
      point.id = read_id(*id);
    if (const auto vectors = item.need("vector", "vectors")) {
      const auto bare_list = vectors->is(json::kind::array);
      auto empty = bare_list;
      if (bare_list)
        vectors->value().each_item([&](json::value) { return empty = false; });
      if (!empty)
        point.vectors = read_point_vectors(*vectors);
      if (empty || (vectors->is(json::kind::object) && is_empty(point.vectors)))
        vectors->invalid("must specify vectors to update for point");
    }
    out.points.push_back(std::move(point));
  });
  if (out.points.empty())
    points->invalid("must specify points to update");
  return out;
}

write_operation read_delete_vectors(const node& of) {
  delete_vectors out;
  if (const auto names = of.need("vector", "vectors")) {
    out.names = read_texts(*names);
    if (out.names.empty())
      names->invalid("must specify vector names to delete");
  }
  out.points = need_selector(of, neither);
  return out;
}

/// What `read` makes of an operation's body, and the keys beside it.
template <class Read>
keyed_operation with_keys(const node& of, Read read) {
  return {read(of), shard_keys_field(of)};
}

write_operation read_merge(const node& of) {
  return read_set(of, false);
}

write_operation read_overwrite(const node& of) {
  return read_set(of, true);
}

/// One operation of a batch: an object with one member that names it.
keyed_operation read_operation(const node& of) {
  if (const auto upsert = of.field("upsert"))
    return with_keys(*upsert, read_upsert);
  if (const auto selector = of.field("delete"))
    return with_keys(*selector, read_delete);
  if (const auto payload = of.field("set_payload"))
    return with_keys(*payload, read_merge);
  if (const auto payload = of.field("overwrite_payload"))
    return with_keys(*payload, read_overwrite);
  if (const auto keys = of.field("delete_payload"))
    return with_keys(*keys, read_delete_payload);
  if (const auto selector = of.field("clear_payload"))
    return with_keys(*selector, read_clear);
  if (const auto vectors = of.field("update_vectors"))
    return with_keys(*vectors, read_update_vectors);
  if (const auto vectors = of.field("delete_vectors"))
    return with_keys(*vectors, read_delete_vectors);
  of.malformed("data did not match any variant of untagged enum UpdateOperation");
  return {};
}

outcome<keyed_operation> decode_one(std::string& body, write_operation (*read)(const node&)) {
  return decode_body<keyed_operation>(body, {},
                                      [read](const node& of) { return with_keys(of, read); });
}

} // namespace

outcome<keyed_operation> decode_upsert(std::string& body) {
  return decode_one(body, read_upsert);
}

outcome<keyed_operation> decode_delete(std::string& body) {
  return decode_one(body, read_delete);
}

outcome<keyed_operation> decode_clear_payload(std::string& body) {
  return decode_one(body, read_clear);
}

outcome<keyed_operation> decode_set_payload(std::string& body, bool overwrite) {
  return decode_one(body, overwrite ? read_overwrite : read_merge);
}

outcome<keyed_operation> decode_delete_payload(std::string& body) {
  return decode_one(body, read_delete_payload);
}

outcome<keyed_operation> decode_update_vectors(std::string& body) {
  return decode_one(body, read_update_vectors);
}

outcome<keyed_operation> decode_delete_vectors(std::string& body) {
  return decode_one(body, read_delete_vectors);
}

outcome<std::vector<keyed_operation>> decode_write_batch(std::string& body) {
  return decode_body<std::vector<keyed_operation>>(body, {}, [](const node& of) {
    std::vector<keyed_operation> out;
    if (const auto operations = of.need("operations"))
      operations->each_item([&](const node& item) { out.push_back(read_operation(item)); });
    return out;
  });
}

} // namespace grape::http
