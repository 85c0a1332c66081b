#include "core/payload/change.hpp"
#include "core/payload/evaluate.hpp"
#include "core/payload/path.hpp"
#include "core/shard/machine_state.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace grape::shard {

namespace {

/// What an entry did to one point.
struct touched_point {
  const point* whole = nullptr; ///< The last thing that happened was this upsert.
  bool vectors = false;         ///< The vectors may have changed.
};

using touched_points = std::map<point_id, touched_point>;

/// Performs the operations of one entry inside one transaction. Deterministic: what it does
/// depends on the stored state and the entry alone.
class entry_writer {
public:
  /// `before` gives the state before the entry; asked only if an operation has a filter.
  entry_writer(storage::point_transaction& changes,
               std::function<std::shared_ptr<const view>()> before,
               payload::column_view columns, log_index index)
    : changes_(changes)
    , before_(std::move(before))
    , columns_(std::move(columns))
    , meanings_(columns_.meanings())
    , version_(index.value) {
  }

  touched_points take_touched() noexcept { return std::move(touched_); }

  status operator()(const upsert_points& upsert) {
    for (const auto& point : upsert.points) {
      const auto wanted = accepts(upsert, point.id);
      if (!wanted)
        return wanted.error();
      if (!*wanted)
        continue;
      if (auto put = changes_.put(point, version_); !put.ok())
        return put;
      touched_[point.id] = {&point, true};
    }
    return {};
  }

  status operator()(const delete_points& gone) {
    return for_each(gone.points, [this](const point_id& id) {
      touched_[id] = {nullptr, true};
      return changes_.erase(id, version_);
    });
  }

  status operator()(const set_payload& set) {
    const auto at = set.key.empty() ? outcome<payload::path>{errc::not_found, "no key"}
                                    : payload::path::parse(set.key);
    if (!set.key.empty() && !at)
      return {}; // Refused at the door; an entry that slipped through changes nothing anywhere.
    return change_payloads(set.points, [&](payload::object& payload) {
      if (at)
        payload::merge_at(payload, *at, set.payload);
      else if (set.overwrite)
        payload = set.payload;
      else
        payload::merge(payload, set.payload);
    });
  }

  status operator()(const delete_payload& removal) {
    std::vector<payload::path> paths;
    for (const auto& key : removal.keys)
      if (auto path = payload::path::parse(key))
        paths.push_back(std::move(*path));
    return change_payloads(removal.points, [&](payload::object& payload) {
      for (const auto& path : paths)
        payload::erase_at(payload, path);
    });
  }

  status operator()(const clear_payload& clear) {
    return change_payloads(clear.points, [](payload::object& payload) { payload = {}; });
  }

  status operator()(const update_vectors& update) {
    for (const auto& given : update.points) {
      const auto wanted = accepts(update, given.id);
      if (!wanted)
        return wanted.error();
      if (!*wanted)
        continue;
      if (auto changed = change_vectors(given.id,
                                        [&](named_vectors& vectors) {
                                          for (const auto& vector : given.vectors)
                                            replace(vectors, vector);
                                        });
          !changed.ok())
        return changed;
    }
    return {};
  }

  status operator()(const delete_vectors& removal) {
    return for_each(removal.points, [&](const point_id& id) {
      return change_vectors(id, [&](named_vectors& vectors) {
        std::erase_if(vectors, [&](const named_vector& vector) {
          return std::find(removal.names.begin(), removal.names.end(), vector.name)
                 != removal.names.end();
        });
      });
    });
  }

private:
  static void replace(named_vectors& vectors, const named_vector& by) {
    const auto at
      = std::lower_bound(vectors.begin(), vectors.end(), by,
                         [](const auto& a, const auto& b) { return a.name < b.name; });
    if (at != vectors.end() && at->name == by.name)
      *at = by;
    else
      vectors.insert(at, by);
  }

  outcome<bool> exists(const point_id& id) const {
    const auto meta = changes_.meta(id);
    if (!meta)
      return meta.error();
    return meta->has_value();
  }

  outcome<bool> matches(const payload::filter& filter, const point_id& id) const {
    const auto payload = changes_.payload(id);
    if (!payload)
      return payload.error();
    const auto vectors = changes_.vectors(id);
    if (!vectors)
      return vectors.error();
    const auto has_vector = [&](std::string_view name) {
      return find_vector(*vectors, name) != nullptr;
    };
    return payload::matches(filter, id, *payload, has_vector, meanings_);
  }

  outcome<bool> accepts(const upsert_points& upsert, const point_id& id) const {
    if (upsert.how == upsert_points::mode::upsert && !upsert.only_if)
      return true;
    const auto known = exists(id);
    if (!known)
      return known;
    if (!*known)
      return upsert.how != upsert_points::mode::update_only;
    if (upsert.how == upsert_points::mode::insert_only)
      return false;
    return upsert.only_if ? matches(*upsert.only_if, id) : outcome<bool>{true};
  }

  outcome<bool> accepts(const update_vectors& update, const point_id& id) const {
    const auto known = exists(id);
    return known && *known && update.only_if ? matches(*update.only_if, id) : known;
  }

  outcome<std::vector<point_id>> select(const unchanged_points& points) const {
    std::vector<point_id> chosen;
    for (const auto& id : points.ids) {
      const auto meta = changes_.meta(id);
      if (!meta)
        return meta.error();
      if (meta->has_value() && (*meta)->version <= points.since.value)
        chosen.push_back(id);
    }
    return chosen;
  }

  /// The existing points that a selector means now, this entry's own changes included.
  outcome<std::vector<point_id>> select(const point_selector& selector) const {
    std::vector<point_id> chosen;
    if (const auto* points = std::get_if<unchanged_points>(&selector))
      return select(*points);
    if (const auto* ids = std::get_if<std::vector<point_id>>(&selector)) {
      for (const auto& id : *ids) {
        const auto known = exists(id);
        if (!known)
          return known.error();
        if (*known)
          chosen.push_back(id);
      }
      return chosen;
    }
    const auto& filter = std::get<payload::filter>(selector);
    auto matching = ids_before(filter);
    if (!matching)
      return matching;
    std::erase_if(*matching, [this](const point_id& id) { return touched_.contains(id); });
    chosen = std::move(*matching);
    for (const auto& [id, what] : touched_) {
      const auto known = exists(id);
      if (!known)
        return known.error();
      const auto fits = *known ? matches(filter, id) : outcome<bool>{false};
      if (!fits)
        return fits.error();
      if (*fits)
        chosen.push_back(id);
    }
    return chosen;
  }

  outcome<std::vector<point_id>> ids_before(const payload::filter& filter) const {
    budget unlimited;
    shard_scroll all{.from = {}, .limit = UINT64_MAX, .filter = filter, .with_payload = {},
                     .with_vectors = {}};
    const auto page = before_()->scroll(all, unlimited);
    if (!page)
      return page.error();
    std::vector<point_id> ids;
    for (const auto& record : page->records)
      ids.push_back(record.id);
    return ids;
  }

  template <class Change>
  status for_each(const point_selector& selector, Change&& change) {
    const auto chosen = select(selector);
    if (!chosen)
      return chosen.error();
    for (const auto& id : *chosen)
      if (auto changed = change(id); !changed.ok())
        return changed;
    return {};
  }

  template <class Change>
  status change_payloads(const point_selector& selector, Change&& change) {
    return for_each(selector, [&](const point_id& id) {
      auto payload = changes_.payload(id);
      if (!payload)
        return payload.error();
      change(*payload);
      touched_[id].whole = nullptr;
      return changes_.put_payload(id, *payload, version_);
    });
  }

  template <class Change>
  status change_vectors(const point_id& id, Change&& change) {
    const auto known = exists(id);
    if (!known)
      return known.error();
    if (!*known)
      return {};
    auto vectors = changes_.vectors(id);
    if (!vectors)
      return vectors.error();
    change(*vectors);
    touched_[id] = {nullptr, true};
    return changes_.put_vectors(id, *vectors, version_);
  }

  storage::point_transaction& changes_;
  std::function<std::shared_ptr<const view>()> before_;
  payload::column_view columns_;
  payload::field_meanings meanings_; // Points into `columns_`.
  std::uint64_t version_;
  touched_points touched_;
};

/// A touched point as it stands at the end of an entry, ready for the tables.
struct final_point {
  point_id id;
  std::optional<storage::point_meta> meta; ///< None: the point is gone.
  bool vectors_changed = false;
  point content; ///< Used where `whole` is null.
  const point* whole = nullptr;

  const point& now() const noexcept { return whole ? *whole : content; }
};

outcome<std::vector<final_point>> final_points(const storage::point_transaction& changes,
                                               const touched_points& touched) {
  std::vector<final_point> finals;
  finals.reserve(touched.size());
  for (const auto& [id, what] : touched) {
    final_point made{.id = id, .meta = {}, .vectors_changed = what.vectors, .content = {},
                     .whole = what.whole};
    auto meta = changes.meta(id);
    if (!meta)
      return std::move(meta).error();
    made.meta = *meta;
    if (made.meta && what.whole == nullptr) {
      auto payload = changes.payload(id);
      if (!payload)
        return std::move(payload).error();
      made.content.payload = std::move(*payload);
      if (what.vectors) {
        auto vectors = changes.vectors(id);
        if (!vectors)
          return std::move(vectors).error();
        made.content.vectors = std::move(*vectors);
      }
    }
    finals.push_back(std::move(made));
  }
  return finals;
}

} // namespace

outcome<applied_entry> machine::state::apply_write(log_index index,
                                                   const std::vector<write_operation>& operations,
                                                   const std::optional<write_stamp>& stamp) {
  auto changes = store->begin();
  entry_writer writer{changes, [this] { return snapshot(); }, columns.snapshot(), index};
  for (const auto& operation : operations)
    if (auto written = std::visit(writer, operation); !written.ok())
      return written;
  const auto finals = final_points(changes, writer.take_touched());
  if (!finals)
    return finals.error();
  if (stamp)
    for (const auto& [name, note] : sessions.admit(*stamp, index))
      changes.put_note(name, note);
  if (auto committed
      = store->commit(std::move(changes), index, storage::durability::buffered);
      !committed.ok())
    return committed;
  for (const auto& point : *finals) {
    if (!point.meta) {
      if (const auto gone = points.remove(point.id)) {
        columns.clear(*gone);
        remove_vectors(*gone);
      }
      continue;
    }
    const auto where = points.place(point.id);
    points.version_of.edit(where.value) = point.meta->version;
    columns.set(where, point.now().payload);
    if (point.vectors_changed)
      put_vectors(where, point.id, point.meta->vector_version, point.now().vectors);
  }
  return applied_entry{{}, index};
}

outcome<applied_entry> machine::state::apply_schema(log_index index,
                                                    const collection_schema& wanted) {
  for (const auto& [name, settings] : wanted.fields) {
    const auto& field = name; // clang 14 cannot capture a structured binding.
    const auto known = schema->fields.find(field);
    if (known != schema->fields.end() && known->second == settings)
      continue;
    if (auto built = store->build_field_keys(field, settings.type); !built.ok())
      return built;
    if (auto added = columns.add_field(field, settings); !added.ok())
      return added;
    const auto filled
      = store->read().scan_payloads({}, [&](const point_id& id, payload::object&& payload) {
          columns.set_field(field, *points.ids.find(id), payload);
          return true;
        });
    if (!filled.ok())
      return filled;
  }
  if (auto dropped = drop_vectors(index, wanted); !dropped.ok())
    return dropped;
  auto changes = store->begin();
  changes.put_schema(wanted);
  if (auto committed = store->commit(std::move(changes), index, storage::durability::synced);
      !committed.ok())
    return committed;
  for (const auto& [field, settings] : schema->fields)
    if (!wanted.fields.contains(field)) {
      columns.remove_field(field);
      if (auto dropped = store->drop_field_keys(field); !dropped.ok())
        return dropped;
    }
  if (auto matched = match_vectors(wanted); !matched.ok())
    return matched;
  schema = std::make_shared<const collection_schema>(wanted);
  return applied_entry{{}, index};
}

} // namespace grape::shard
