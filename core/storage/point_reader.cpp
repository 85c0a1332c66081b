#include "core/codec/request_codec.hpp"
#include "core/codec/schema_codec.hpp"
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

namespace {

/// What `scan_changes` makes of a key and a value.
auto change_visitor(const std::function<bool(log_index, const point_id&, bool)>& visit) {
  return [&visit](std::string_view rest, std::string_view value) -> outcome<bool> {
    const auto entry = keys::parse_change(rest);
    if (!entry)
      return entry.error();
    const auto kind = records::content(value);
    if (!kind)
      return kind.error();
    return visit(entry->at, entry->id, value == records::erased);
  };
}

} // namespace

status point_reader::scan_changes(
  log_index after,
  const std::function<bool(log_index at, const point_id&, bool erased)>& visit) const {
  return walk(keys::changes, keys::changes_from(after.next()), change_visitor(visit));
}

status point_reader::scan_changes(
  const change_place& from,
  const std::function<bool(log_index at, const point_id&, bool erased)>& visit) const {
  return walk(keys::changes, keys::of_change(from.at, from.id), change_visitor(visit));
}

outcome<log_index> point_reader::applied() const {
  const auto mark = records::alone(*from_, keys::applied, at_.get(), records::read_pair);
  if (!mark)
    return mark.error();
  return log_index{*mark ? (*mark)->first : 0};
}

outcome<log_index> point_reader::forgotten() const {
  const auto mark
    = records::alone(*from_, keys::forgotten, at_.get(), records::unpacked<std::uint64_t>);
  if (!mark)
    return mark.error();
  return *mark ? outcome<log_index>{log_index{**mark}} : applied(); // Of an old store: all.
}

outcome<std::optional<collection_schema>> point_reader::schema() const {
  return records::alone(*from_, keys::schema, at_.get(), records::unpacked<collection_schema>);
}

outcome<std::optional<stored_point>> point_reader::stored(const point_id& id) const {
  const auto found = meta(id);
  if (!found)
    return found.error();
  if (!*found)
    return std::optional<stored_point>{};
  auto vectors = record(keys::vectors, id);
  if (!vectors)
    return std::move(vectors).error();
  auto payload = record(keys::payloads, id);
  if (!payload)
    return std::move(payload).error();
  return std::optional{stored_point{id, **found, std::move(*vectors), std::move(*payload)}};
}

// The families have the same ids in the same order: three cursors side by side.
status point_reader::scan_stored(const std::optional<point_id>& from,
                                 const std::function<bool(stored_point&&)>& visit) const {
  const auto begin = [&](std::string_view family) {
    return from_->scan(from ? keys::of_point(family, *from) : std::string(family), at_.get());
  };
  const auto vectors = begin(keys::vectors);
  const auto payloads = begin(keys::payloads);
  const auto beside = [](const cursor& other, std::string_view family, const point_id& id) {
    if (other.valid() && other.key() == keys::of_point(family, id))
      return status{};
    if (!other.error().ok())
      return other.error();
    return status{errc::corrupted,
                  "point " + id.text() + " has no record in " + std::string(family)};
  };
  return walk_points(
    keys::metas, from, [&](const point_id& id, std::string_view value) -> outcome<bool> {
      const auto meta = records::read_meta(value);
      if (!meta)
        return meta.error();
      if (auto is = beside(*vectors, keys::vectors, id); !is.ok())
        return is;
      if (auto is = beside(*payloads, keys::payloads, id); !is.ok())
        return is;
      const auto go_on = visit({id, *meta, std::string(vectors->value()),
                                std::string(payloads->value())});
      vectors->next();
      payloads->next();
      return go_on;
    });
}

std::uint64_t point_reader::payload_bytes() const {
  auto end = std::string(keys::payloads);
  ++end.back(); // The first key after all that begin so.
  return from_->bytes_of(keys::payloads, end);
}

outcome<std::optional<std::string>> point_reader::note(std::string_view name) const {
  const auto key = std::string(keys::notes) + std::string(name);
  return records::alone(*from_, key, at_.get(), [](std::string_view record) {
    const auto inside = records::content(record);
    return inside ? outcome<std::string>{std::string(*inside)} : inside.error();
  });
}

status point_reader::scan_notes(
    std::string_view prefix,
    const std::function<void(std::string_view name, std::string_view note)>& visit) const {
  return walk(keys::notes, std::string(keys::notes) + std::string(prefix),
              [&](std::string_view name, std::string_view record) -> outcome<bool> {
                if (!name.starts_with(prefix))
                  return false;
                const auto inside = records::content(record);
                if (!inside)
                  return inside.error();
                visit(name, *inside);
                return true;
              });
}

} // namespace grape::storage
