// How a collection becomes what a snapshot says.

#include "actors/archivist.hpp"
#include "core/archive/snapshot_names.hpp"
#include "net/http/fetch.hpp"

#include <filesystem>
#include <fstream>

namespace grape::actors {

namespace {

/// Whether `path` leads into `folder`, symbolic links followed.
bool is_inside(const std::string& path, const std::string& folder) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(path, failed);
  const auto home = std::filesystem::weakly_canonical(folder, failed);
  const auto relative = real.lexically_relative(home);
  return !failed && !relative.empty() && *relative.begin() != "..";
}

/// Which of the archive's collections is meant.
outcome<std::size_t> chosen(const std::vector<archive::collection_head>& from,
                            const std::string& name) {
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i].name == name)
      return i;
  if (from.size() == 1)
    return std::size_t{0};
  return status{errc::bad_request, "the snapshot holds " + std::to_string(from.size())
                                       + " collections, none of them called `" + name + "`"};
}

} // namespace

outcome<changed> archivist_work::recover(const recover_snapshot_request& asked) {
  if (asked.shard)
    if (const auto known = folder_of({asked.collection, asked.shard}); !known)
      return known.error();
  const auto path = staged(asked);
  if (!path)
    return path.error();
  auto done = install(asked, *path);
  const auto own = incoming();
  if (*path == own)
    (void)files_.remove(own);
  if (!done.ok())
    return done;
  return changed{true};
}

/// The file of the snapshot: where it lies, or fetched.
outcome<std::string> archivist_work::staged(const recover_snapshot_request& asked) {
  const auto own = incoming();
  if (archive::is_file_url(asked.location)) {
    const auto path = archive::path_of_file_url(asked.location);
    std::error_code unknown;
    if (!path)
      return path.error();
    if (!std::filesystem::is_regular_file(*path, unknown))
      return status{errc::bad_request, "Snapshot file \"" + *path + "\" does not exist"};
    if (!is_inside(*path, root()))
      return status{errc::forbidden, "Snapshot file path must be inside the snapshots directory"};
    return *path;
  }
  if (auto made = files_.create_directories(root()); !made.ok())
    return made;
  if (asked.location.empty()) {
    std::ofstream file{own, std::ios::binary | std::ios::trunc};
    file.write(asked.content.data(), static_cast<std::streamsize>(asked.content.size()));
    if (!file.flush())
      return status{errc::no_space, "the uploaded snapshot cannot be written"};
    return own;
  }
  const auto space = files_.space(root());
  const auto room = space && space->total_bytes > 0 ? space->free_bytes / 2 : ~std::uint64_t{0};
  const auto bytes = http::fetch(asked.location, own, asked.api_key, room);
  if (!bytes)
    return bytes.error();
  return own;
}

status archivist_work::install(const recover_snapshot_request& asked, const std::string& path) {
  const auto found = archive::check_archive(files_, path);
  if (!found)
    return found.error().code == errc::corrupted || found.error().code == errc::wrong_version
               ? status{errc::bad_request, "the snapshot cannot be used: " + found.error().detail}
               : found.error();
  if (!asked.checksum.empty() && asked.checksum != found->sha256)
    return {errc::bad_request,
            "Checksum mismatch: expected " + asked.checksum + ", got " + found->sha256};
  const auto which = chosen(found->collections, asked.collection);
  if (!which)
    return which.error();
  const auto& head = found->collections[*which];
  const auto& there = found->shards[*which];
  if (asked.shard ? !there.contains(shard_id{*asked.shard}) : there.size() != head.shards)
    return {errc::bad_request, "the snapshot holds " + std::to_string(there.size()) + " of "
                                   + std::to_string(head.shards)
                                   + " shards, and not what is asked for"};
  if (!asked.shard)
    return replace_collection(asked, head.schema, *which, path);
  auto done = empty_shard(asked, head);
  return done.ok() ? write_points(asked, *which, path) : done;
}

/// Aliases stay with the name. The limits of strict mode are for those who ask later.
status archivist_work::replace_collection(const recover_snapshot_request& asked,
                                          const collection_schema& as, std::size_t which,
                                          const std::string& path) {
  const auto& name = asked.collection;
  const auto aliases = ask<alias_list>(list_aliases_request{name});
  auto done = create_anew(name, as);
  if (done.ok())
    done = write_points(asked, which, path);
  if (done.ok() && as.options.strict_mode) {
    collection_changes changes;
    changes.strict_mode = as.options.strict_mode;
    if (const auto set = ask<changed>(update_collection_request{name, std::move(changes)}); !set)
      return set.error();
  }
  if (!done.ok() || !aliases || aliases->entries.empty())
    return done;
  change_aliases_request again;
  for (const auto& [alias, collection] : aliases->entries)
    again.actions.emplace_back(create_alias{name, alias});
  const auto set = ask<changed>(std::move(again));
  return set ? status{} : set.error();
}

/// Takes all points from the shard, once it is sure that those of the snapshot fit in their place.
status archivist_work::empty_shard(const recover_snapshot_request& asked,
                                   const archive::collection_head& from) {
  const auto known = home_->known.get();
  const auto* entry = known->state.find(asked.collection);
  if (entry == nullptr)
    return {errc::not_found, "Collection `" + asked.collection + "` doesn't exist!"};
  const auto shards = static_cast<std::uint32_t>(entry->groups.size());
  if (auto fits = archive::check_shard(from, entry->schema, shards); !fits.ok())
    return fits;
  std::string cursor;
  for (;;) {
    const auto piece = ask<export_reply>(
        export_request{asked.collection, *asked.shard, cursor,
                       {read_level::linearizable, read_options{}.timeout_ms, false}});
    if (!piece)
      return piece.error();
    auto gone = archive::ids_of(piece->piece);
    if (!gone)
      return std::move(gone).error();
    write_request erase{.collection = asked.collection,
                        .operations = {delete_points{*std::move(gone)}},
                        .options = {}};
    erase.options.wait = true;
    if (const auto written = ask<write_receipts>(std::move(erase)); !written)
      return written.error();
    if (piece->complete)
      return {};
    cursor = piece->cursor;
  }
}

status archivist_work::create_anew(const std::string& name, const collection_schema& as) {
  if (const auto gone = ask<changed>(delete_collection_request{name}); !gone)
    return gone.error();
  auto options = as.options;
  options.strict_mode.reset();
  if (const auto made = ask<changed>(create_collection_request{name, std::move(options)}); !made)
    return made.error();
  for (const auto& [field, schema] : as.fields) {
    const auto made = ask<write_receipt>(create_field_index_request{name, field, schema, {}});
    if (!made)
      return made.error();
  }
  return {};
}

/// One piece after the other: a later one may replace what an earlier one said.
status archivist_work::write_points(const recover_snapshot_request& asked, std::size_t which,
                                    const std::string& path) {
  auto from = archive::archive_reader::open(files_, path);
  if (!from)
    return std::move(from).error();
  std::size_t heads = 0;
  for (;;) {
    const auto next = from->next();
    if (!next)
      return next.error();
    if (std::holds_alternative<archive::archive_end>(*next))
      return {};
    if (std::holds_alternative<archive::collection_head>(*next))
      ++heads;
    const auto* piece = std::get_if<archive::shard_piece>(&*next);
    if (piece == nullptr || heads != which + 1
        || (asked.shard && piece->shard.value != *asked.shard))
      continue;
    auto writes = archive::writes_of(*piece);
    if (!writes)
      return std::move(writes).error();
    if (writes->empty())
      continue;
    write_request write{
        .collection = asked.collection, .operations = *std::move(writes), .options = {}};
    write.options.wait = true;
    if (const auto written = ask<write_receipts>(std::move(write)); !written)
      return written.error();
  }
}

} // namespace grape::actors
