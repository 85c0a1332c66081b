// How collections become what a checkpoint or a backup says: by way of an archive, as any recovery.

#include "actors/archivist.hpp"
#include "core/archive/checkpoint.hpp"

#include <filesystem>

namespace grape::actors {

namespace {

constexpr std::uint32_t piece_timeout_ms = 60'000;

/// ok, or that somebody did not answer.
status heard(const outcome<storage_report>& said) {
  return said ? said->verdict() : said.error();
}

} // namespace

outcome<restored> archivist_work::restore(const restore_request& asked) {
  if (asked.checkpoint.empty() == asked.backup.empty())
    return status{errc::bad_request, "either `checkpoint` or `backup` is to be restored"};
  if (!asked.as.empty() && asked.collection.empty())
    return status{errc::bad_request, "`as` needs the `collection` that is to be restored"};
  return asked.backup.empty() ? restore_checkpoint(asked) : restore_backup(asked);
}

outcome<restored> archivist_work::restore_backup(const restore_request& asked) {
  const auto file = find({{}, asked.backup});
  if (!file)
    return file.error();
  const auto holds = archive::check_archive(files_, file->path);
  if (!holds)
    return holds.error();
  restored done;
  for (const auto& head : holds->collections) {
    if (!asked.collection.empty() && head.name != asked.collection)
      continue;
    if (auto put = recover_from(file->path, asked.as.empty() ? head.name : asked.as); !put.ok())
      return put;
    done.collections.push_back(asked.as.empty() ? head.name : asked.as);
  }
  if (done.collections.empty())
    return status{errc::not_found, "the backup has no collection `" + asked.collection + "`"};
  return done;
}

/// A node that does not answer is no harm as long as others have what it has.
outcome<restored> archivist_work::restore_checkpoint(const restore_request& asked) {
  storage_request listing;
  listing.verb = storage_verb::list_checkpoints;
  const auto lists = ask<storage_report>(listing);
  if (!lists)
    return lists.error();
  const auto plans = archive::plan_restore(*lists, asked.checkpoint, asked.collection);
  if (!plans)
    return plans.error();
  if (auto made = files_.create_directories(root()); !made.ok())
    return made;
  const auto path = root() + "/restoring.archive";
  restored done;
  for (const auto& plan : *plans) {
    auto put = gather(asked.checkpoint, plan, path);
    if (put.ok())
      put = recover_from(path, asked.as.empty() ? plan.head.name : asked.as);
    if (files_.exists(path))
      static_cast<void>(files_.remove(path));
    if (!put.ok())
      return put;
    done.collections.push_back(asked.as.empty() ? plan.head.name : asked.as);
  }
  return done;
}

status archivist_work::recover_from(const std::string& path, const std::string& collection) {
  std::string url = "file://";
  const auto absolute = std::filesystem::absolute(path).string();
  for (const auto c : absolute)
    url += c == '%' ? std::string("%25") : std::string(1, c);
  recover_snapshot_request wanted;
  wanted.collection = collection;
  wanted.location = std::move(url);
  const auto done = recover(wanted);
  return done ? status{} : done.error();
}

/// Puts together what the nodes have, in one archive.
status archivist_work::gather(const std::string& checkpoint, const archive::checkpoint_plan& plan,
                              const std::string& path) {
  auto to = archive::archive_writer::create(files_, path);
  if (!to)
    return std::move(to).error();
  auto done = to->begin(plan.head);
  for (const auto& part : plan.parts)
    if (done.ok())
      done = gather_shard(checkpoint, plan.head.name, part, *to);
  if (done.ok())
    done = to->end_collection();
  if (done.ok())
    if (const auto sum = to->finish(); !sum)
      done = sum.error();
  if (!done.ok())
    static_cast<void>(files_.remove(archive::unfinished_path(path)));
  return done;
}

status archivist_work::gather_shard(const std::string& checkpoint, const std::string& collection,
                                    const archive::checkpoint_part& part,
                                    archive::archive_writer& to) {
  storage_request wanted;
  wanted.verb = storage_verb::read_checkpoint;
  wanted.checkpoint = checkpoint;
  wanted.collection = collection;
  wanted.node = part.node;
  wanted.shard = part.shard;
  wanted.timeout_ms = piece_timeout_ms;
  for (;;) {
    if (auto room = keep_room(); !room.ok())
      return room;
    const auto said = ask<storage_report>(wanted);
    if (auto all = heard(said); !all.ok())
      return all;
    const auto& piece = said->nodes.at(0);
    if (auto added = to.add(shard_id{part.shard}, piece.piece); !added.ok() || piece.complete)
      return added;
    wanted.cursor = piece.cursor;
  }
}

} // namespace grape::actors
