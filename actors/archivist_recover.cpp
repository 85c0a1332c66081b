// How a collection becomes what a snapshot says.

#include "actors/archivist.hpp"
#include "actors/fetched_file.hpp"
#include "actors/node_figures.hpp"
#include "core/archive/snapshot_names.hpp"
#include "core/request/validate.hpp"

#include <filesystem>

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

/// Another file might do.
bool is_of_the_file(errc why) {
  return why == errc::corrupted || why == errc::wrong_version || why == errc::too_large;
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
  const fetched_file own{*home_};
  const auto path = file_of(asked, own.path());
  if (!path)
    return path.error();
  if (auto done = install(asked, *path); !done.ok())
    return done;
  return changed{true};
}

/// Of a file URL: where the snapshot lies.
outcome<std::string> archivist_work::file_at(const std::string& url) const {
  const auto path = archive::path_of_file_url(url);
  std::error_code unknown;
  if (!path)
    return path.error();
  if (!std::filesystem::is_regular_file(*path, unknown))
    return status{errc::bad_request, "Snapshot file \"" + *path + "\" does not exist"};
  if (!is_inside(*path, root()))
    return status{errc::forbidden, "Snapshot file path must be inside the snapshots directory"};
  return *path;
}

/// The file of the snapshot: where it lies, or fetched to `own`.
outcome<std::string> archivist_work::file_of(const recover_snapshot_request& asked,
                                             const std::string& own) {
  if (archive::is_file_url(asked.location))
    return file_at(asked.location);
  if (asked.location.empty())
    return asked.uploaded;
  if (auto fetched = fetch_to(own, asked.location, asked.api_key); !fetched.ok())
    return fetched;
  return own;
}

/// Which of the archive's collections is meant, and what its head says.
outcome<std::size_t> archivist_work::check(const recover_snapshot_request& asked,
                                           const std::string& path,
                                           archive::collection_head& head) {
  const auto found = archive::check_archive(files_, path);
  if (!found)
    return is_of_the_file(found.error().code)
               ? status{errc::bad_request, "the snapshot cannot be used: " + found.error().detail}
               : found.error();
  if (!asked.checksum.empty() && asked.checksum != found->sha256)
    return status{errc::bad_request,
                  "Checksum mismatch: expected " + asked.checksum + ", got " + found->sha256};
  const auto which = chosen(found->collections, asked.collection);
  if (!which)
    return which.error();
  head = found->collections[*which];
  const auto& there = found->shards[*which];
  if (asked.shard ? !there.contains(shard_id{*asked.shard}) : there.size() != head.shards)
    return status{errc::bad_request, "the snapshot holds " + std::to_string(there.size()) + " of "
                                         + std::to_string(head.shards)
                                         + " shards, and not what is asked for"};
  return which;
}

/// What clients are told who create such a collection.
status archivist_work::check_room_for(const std::string& name,
                                      const collection_options& options,
                                      std::uint32_t shards) const {
  const auto& limits = home_->config.limits;
  const auto known = home_->known.get();
  if (!known)
    return {errc::unavailable, "the node is starting"};
  if (auto fits = validate_collection_name(name); !fits.ok())
    return fits;
  if (auto fits = validate(options); !fits.ok())
    return fits;
  if (options.shard_number > limits.shards_per_collection_max)
    return {errc::bad_request, "more than " + std::to_string(limits.shards_per_collection_max)
                                   + " shards per collection are not allowed here"};
  const auto& all = known->state.collections();
  if (all.size() >= limits.collections_max && !all.contains(name))
    return {errc::bad_request, "this node holds " + std::to_string(limits.collections_max)
                                   + " collections already"};
  return check_open_files(*home_, shards);
}

/// Aliases stay with the name. A shard comes back into the collection of which it is.
status archivist_work::install(const recover_snapshot_request& asked, const std::string& path) {
  archive::collection_head head;
  const auto which = check(asked, path, head);
  if (!which)
    return which.error();
  auto target = asked.collection;
  std::optional<shard_id> shard;
  if (asked.shard) {
    const auto known = home_->known.get();
    const auto* entry = known->state.find(asked.collection);
    if (entry == nullptr)
      return {errc::not_found, "Collection `" + asked.collection + "` doesn't exist!"};
    const auto shards = static_cast<std::uint32_t>(entry->groups.size());
    if (auto fits = archive::check_shard(head, entry->schema, shards); !fits.ok())
      return fits;
    if (auto fits = archive::check_key(head, *entry, shard_id{*asked.shard}); !fits.ok())
      return fits;
    target = *known->state.resolve(asked.collection);
    shard = shard_id{*asked.shard};
  } else if (auto fits = check_room_for(target, head.schema.options, head.shards);
             !fits.ok()) {
    return fits;
  }
  recovery into{home_, door_, target};
  std::vector<add_shard_key> keys;
  for (const auto& key : head.keys)
    keys.push_back(archive::creation_of(key, home_->known.get()->state));
  auto done = shard ? into.begin(std::nullopt, {}) : into.begin(head.schema, keys);
  if (done.ok())
    done = fill(into, asked.shard, *which, path);
  return done.ok() ? into.take_place(shard) : done;
}

/// One piece after the other: a later one may replace what an earlier one said.
status archivist_work::fill(recovery& into, std::optional<std::uint32_t> shard, std::size_t which,
                            const std::string& path) {
  auto from = archive::archive_reader::open(files_, path);
  if (!from)
    return std::move(from).error();
  std::size_t heads = 0;
  archive::collection_head head;
  for (;;) {
    const auto next = from->next();
    if (!next)
      return next.error();
    if (std::holds_alternative<archive::archive_end>(*next))
      return {};
    if (const auto* begins = std::get_if<archive::collection_head>(&*next))
      if (++heads == which + 1)
        head = *begins;
    const auto* piece = std::get_if<archive::shard_piece>(&*next);
    if (piece == nullptr || heads != which + 1 || (shard && piece->shard.value != *shard))
      continue;
    if (auto room = keep_room(); !room.ok())
      return room;
    const auto writes = archive::writes_of(*piece);
    if (!writes)
      return writes.error();
    if (writes->empty())
      continue;
    const auto keys = shard ? std::nullopt : archive::key_of(head, piece->shard);
    if (auto written = into.write(*writes, keys); !written.ok())
      return written;
  }
}

} // namespace grape::actors
