#include "actors/archivist.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

namespace grape::actors {

namespace {

constexpr std::string_view whole_storage = "full-snapshot";
constexpr std::uint32_t piece_timeout_ms = 60'000;

std::uint64_t unix_s_now() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<seconds>(system_clock::now().time_since_epoch()).count());
}

std::uint64_t unix_s_of(const std::string& path) {
  using namespace std::chrono;
  std::error_code unknown;
  const auto written = std::filesystem::last_write_time(path, unknown);
  if (unknown)
    return 0;
  return static_cast<std::uint64_t>(
      duration_cast<seconds>(file_clock::to_sys(written).time_since_epoch()).count());
}

std::string first_line(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

/// No link, which may lead anywhere, no pipe, and no folder of a collection with such a name.
bool is_plain_file(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::symlink_status(path, unknown).type()
         == std::filesystem::file_type::regular;
}

status no_snapshot(const std::string& name) {
  return {errc::not_found, "Snapshot " + name + " not found"};
}

} // namespace

archivist_work::archivist_work(std::shared_ptr<house> home, gateway& door)
  : home_(std::move(home))
  , door_(door)
  , files_(*home_->files) {}

/// Errors: not_found, unless it is of the whole storage; unavailable.
outcome<std::string> archivist_work::folder_of(const snapshot_owner& owner) const {
  if (!owner.collection)
    return root();
  const auto known = home_->known.get();
  if (!known)
    return status{errc::unavailable, "the node is starting"};
  const auto name = known->state.resolve(*owner.collection);
  if (!name)
    return name.error();
  auto folder = root() + "/" + *name;
  if (!owner.shard)
    return folder;
  if (!known->state.find_exact(*name)->groups.contains(shard_id{*owner.shard}))
    return status{errc::not_found, "Shard " + std::to_string(*owner.shard) + " of collection "
                                       + *name + " doesn't exist!"};
  return folder + "/shards/" + std::to_string(*owner.shard);
}

outcome<snapshot_list> archivist_work::list(const list_snapshots_request& asked) {
  const auto folder = folder_of(asked.of);
  if (!folder)
    return folder.error();
  snapshot_list found;
  if (!files_.exists(*folder))
    return found;
  const auto names = files_.list(*folder);
  if (!names)
    return names.error();
  for (const auto& name : *names) {
    const auto path = *folder + "/" + name;
    if (!archive::is_snapshot_name(name) || !is_plain_file(path))
      continue;
    const auto size = files_.size(path);
    if (size)
      found.all.push_back(
          {name, unix_s_of(path), *size, first_line(*folder + "/" + archive::checksum_name(name))});
  }
  return found;
}

outcome<snapshot_file> archivist_work::find(const find_snapshot_request& asked) {
  const auto folder = folder_of(asked.of);
  if (!folder)
    return folder.error();
  auto path = *folder + "/" + asked.name;
  if (!archive::is_snapshot_name(asked.name) || !is_plain_file(path))
    return no_snapshot(asked.name);
  return snapshot_file{std::move(path)};
}

outcome<changed> archivist_work::remove(const delete_snapshot_request& asked) {
  const auto found = find({asked.of, asked.name});
  if (!found)
    return found.error();
  if (auto gone = files_.remove(found->path); !gone.ok())
    return gone;
  const auto sum = archive::checksum_name(found->path);
  if (files_.exists(sum))
    if (auto gone = files_.remove(sum); !gone.ok())
      return gone;
  return changed{true};
}

outcome<snapshot_description> archivist_work::make(const make_snapshot_request& asked) {
  const auto folder = folder_of(asked.of);
  if (!folder)
    return folder.error();
  if (auto made = files_.create_directories(*folder); !made.ok())
    return made;
  const auto names = files_.list(*folder);
  if (!names)
    return names.error();
  const auto known = home_->known.get();
  const auto& of = asked.of.collection;
  const auto owner = of ? *known->state.resolve(*of) : std::string(whole_storage);
  const auto member = home_->member.get();
  const auto shown
      = asked.of.shard ? owner + "-shard-" + std::to_string(*asked.of.shard) : owner;
  const auto name = archive::snapshot_name(shown, member ? member->self.value : 1, unix_s_now(),
                                           {names->begin(), names->end()});
  const auto path = *folder + "/" + name;

  auto writer = archive::archive_writer::create(files_, path);
  if (!writer)
    return std::move(writer).error();
  status written;
  if (of)
    written = add(*writer, owner, asked.of.shard);
  else
    for (const auto& [collection, entry] : known->state.collections())
      if (written.ok())
        written = add(*writer, collection, std::nullopt);
  auto sum = written.ok() ? writer->finish() : outcome<std::string>{written};
  if (!sum) {
    (void)files_.remove(archive::unfinished_path(path));
    return std::move(sum).error();
  }
  std::ofstream{*folder + "/" + archive::checksum_name(name)} << *sum << '\n';
  return snapshot_description{name, unix_s_of(path), writer->bytes(), *sum};
}

status archivist_work::add(archive::archive_writer& to, const std::string& collection,
                           std::optional<std::uint32_t> only) {
  const auto known = home_->known.get();
  const auto* entry = known->state.find_exact(collection);
  if (entry == nullptr)
    return {errc::not_found, "Collection `" + collection + "` doesn't exist!"};
  const auto shards = static_cast<std::uint32_t>(entry->groups.size());
  auto done =
      to.begin({collection, entry->schema, shards, archive::keys_of(known->state, *entry)});
  for (const auto& [shard, group] : entry->groups)
    if (done.ok() && (!only || *only == shard.value))
      done = add_shard(to, collection, shard.value);
  return done.ok() ? to.end_collection() : done;
}

status archivist_work::add_shard(archive::archive_writer& to, const std::string& collection,
                                 std::uint32_t shard) {
  std::string cursor;
  for (;;) {
    if (auto room = keep_room(); !room.ok())
      return room;
    const auto piece = ask<export_reply>(export_request{
        collection, shard, cursor, {read_level::linearizable, piece_timeout_ms, false}});
    if (!piece)
      return piece.error();
    if (auto added = to.add(shard_id{shard}, piece->piece); !added.ok() || piece->complete)
      return added;
    cursor = piece->cursor;
  }
}

status archivist_work::keep_room() const {
  const auto space = files_.space(home_->config.node.data_dir);
  if (space && space->total_bytes > 0 && space->free_bytes < snapshot_free_bytes_min)
    return {errc::no_space, "the disk is too full for a snapshot"};
  return {};
}

} // namespace grape::actors
