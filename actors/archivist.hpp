#pragma once

#include "actors/house.hpp"
#include "core/archive/archive_file.hpp"
#include "core/archive/checkpoint.hpp"
#include "core/request/snapshot.hpp"
#include "core/request/upkeep.hpp"
#include "net/gateway_port.hpp"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace grape::actors {

/// What is done with the files of snapshots, on ARCHIVIST's thread: every function blocks. It asks
/// the node through `door` as a client would, and gives up with `closed` once that says so.
class archivist_work {
public:
  archivist_work(std::shared_ptr<house> home, gateway_port& door);

  /// Errors: not_found (the collection), those of its reads, no_space, io_error.
  outcome<snapshot_description> make(const make_snapshot_request& asked);

  outcome<snapshot_list> list(const list_snapshots_request& asked);

  /// Error: not_found.
  outcome<snapshot_file> find(const find_snapshot_request& asked);

  /// Error: not_found.
  outcome<changed> remove(const delete_snapshot_request& asked);

  /// Nothing is changed before the file was read to its end and found in order. Errors:
  /// bad_request, forbidden (a path outside of the folder of snapshots), those of writes.
  outcome<changed> recover(const recover_snapshot_request& asked);

  /// Each collection is recovered as from a snapshot, one after the other. Errors: those of
  /// `recover`; bad_request; not_found (checkpoint, backup or collection); unavailable (a shard
  /// that no node has which answers).
  outcome<restored> restore(const restore_request& asked);

private:
  outcome<restored> restore_checkpoint(const restore_request& asked);
  outcome<restored> restore_backup(const restore_request& asked);
  status recover_from(const std::string& path, const std::string& collection);
  status gather(const std::string& checkpoint, const archive::checkpoint_plan& plan,
                const std::string& path);
  status gather_shard(const std::string& checkpoint, const std::string& collection,
                      const archive::checkpoint_part& part, archive::archive_writer& to);

  outcome<std::string> folder_of(const snapshot_owner& owner) const;
  std::string root() const { return home_->path("snapshots"); }
  /// Where a file that is not ours lies while it is used, one at a time; no collection's folder.
  std::string incoming() const { return home_->path("incoming.snapshot"); }

  status add(archive::archive_writer& to, const std::string& collection,
             std::optional<std::uint32_t> only);
  status add_shard(archive::archive_writer& to, const std::string& collection, std::uint32_t shard);
  status keep_room() const;

  outcome<std::string> staged(const recover_snapshot_request& asked);
  status install(const recover_snapshot_request& asked, const std::string& path);
  status replace_collection(const recover_snapshot_request& asked, const collection_schema& as,
                            std::size_t which, const std::string& path);
  status create_anew(const std::string& name, const collection_schema& as);
  status empty_shard(const recover_snapshot_request& asked, const archive::collection_head& from);
  status write_points(const recover_snapshot_request& asked, std::size_t which,
                      const std::string& path);

  /// Asks the node, and waits for its answer.
  template <class Reply, class Request>
  outcome<Reply> ask(Request question) {
    auto promise = std::make_shared<std::promise<outcome<Reply>>>();
    auto answer = promise->get_future();
    door_.ask(std::move(question),
              [promise](outcome<Reply> told) { promise->set_value(std::move(told)); });
    return answer.get();
  }

  std::shared_ptr<house> home_;
  gateway_port& door_;
  storage::file_system& files_;
};

} // namespace grape::actors
