#include "core/codec/request_codec.hpp"
#include "core/storage/keys.hpp"
#include "core/storage/point_records.hpp"
#include "core/storage/point_store.hpp"

#include <utility>

namespace grape::storage {

point_reader::point_reader(std::shared_ptr<store> from, std::shared_ptr<const store_snapshot> at)
  : from_(std::move(from)), at_(std::move(at)) {
}

outcome<std::optional<point_meta>> point_reader::meta(const point_id& id) const {
  const auto found = from_->get(keys::of_point(keys::metas, id), at_.get());
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<point_meta>{};
  const auto read = records::read_meta(**found);
  return read ? outcome<std::optional<point_meta>>{*read} : read.error();
}

outcome<named_vectors> point_reader::vectors(const point_id& id) const {
  const auto found = record(keys::vectors, id);
  return found ? records::unpacked<named_vectors>(*found) : found.error();
}

outcome<payload::object> point_reader::payload(const point_id& id) const {
  const auto found = record(keys::payloads, id);
  return found ? records::unpacked<payload::object>(*found) : found.error();
}

outcome<std::string> point_reader::record(std::string_view prefix, const point_id& id) const {
  auto found = from_->get(keys::of_point(prefix, id), at_.get());
  if (!found)
    return std::move(found).error();
  if (!*found)
    return status{errc::not_found, "no point with id " + id.text()};
  return std::move(**found);
}

status point_reader::walk(std::string_view prefix, const std::string& start,
                          const visit_record& visit) const {
  const auto at = from_->scan(start, at_.get());
  for (; at->valid() && at->key().starts_with(prefix); at->next()) {
    const auto go_on = visit(at->key().substr(prefix.size()), at->value());
    if (!go_on)
      return go_on.error();
    if (!*go_on)
      return {};
  }
  return at->error();
}

status point_reader::walk_points(std::string_view prefix, const std::optional<point_id>& from,
                                 const visit_point& visit) const {
  const auto start = from ? keys::of_point(prefix, *from) : std::string(prefix);
  return walk(prefix, start, [&](std::string_view rest, std::string_view value) -> outcome<bool> {
    const auto id = keys::take_id(rest);
    return id ? visit(*id, value) : id.error();
  });
}

status point_reader::scan_metas(
  const std::optional<point_id>& from,
  const std::function<bool(const point_id&, const point_meta&)>& visit) const {
  return walk_points(keys::metas, from,
                     [&](const point_id& id, std::string_view value) -> outcome<bool> {
                       const auto meta = records::read_meta(value);
                       return meta ? outcome<bool>{visit(id, *meta)} : meta.error();
                     });
}

status point_reader::scan_payloads(
  const std::optional<point_id>& from,
  const std::function<bool(const point_id&, payload::object&&)>& visit) const {
  return walk_points(keys::payloads, from,
                     [&](const point_id& id, std::string_view value) -> outcome<bool> {
                       auto payload = records::unpacked<payload::object>(value);
                       return payload ? outcome<bool>{visit(id, std::move(*payload))}
                                      : payload.error();
                     });
}

status point_reader::scan_vectors(
  const std::optional<point_id>& from,
  const std::function<bool(const point_id&, named_vectors&&)>& visit) const {
  return walk_points(keys::vectors, from,
                     [&](const point_id& id, std::string_view value) -> outcome<bool> {
                       auto vectors = records::unpacked<named_vectors>(value);
                       return vectors ? outcome<bool>{visit(id, std::move(*vectors))}
                                      : vectors.error();
                     });
}

status point_reader::scan_field(
  std::string_view field,
  const std::function<bool(const payload::value&, const point_id&)>& visit) const {
  const auto prefix = keys::of_field(field);
  return walk(prefix, prefix, [&](std::string_view rest, std::string_view) -> outcome<bool> {
    const auto entry = keys::parse_field_value(rest);
    return entry ? outcome<bool>{visit(entry->value, entry->id)} : entry.error();
  });
}

status point_reader::scan_changes(
  log_index after,
  const std::function<bool(log_index at, const point_id&, bool erased)>& visit) const {
  return walk(keys::changes, keys::changes_from(after.next()),
              [&](std::string_view rest, std::string_view value) -> outcome<bool> {
                const auto entry = keys::parse_change(rest);
                if (!entry)
                  return entry.error();
                const auto kind = records::content(value);
                if (!kind)
                  return kind.error();
                return visit(entry->at, entry->id, value == records::erased);
              });
}

} // namespace grape::storage
