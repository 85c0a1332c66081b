#pragma once

#include "actors/gateway.hpp"
#include "actors/recovery.hpp"
#include "core/archive/archive_file.hpp"
#include "core/archive/checkpoint.hpp"
#include "core/archive/snapshot_names.hpp"
#include "core/request/snapshot.hpp"
#include "core/request/upkeep.hpp"
#include "net/http/remote_snapshots.hpp"

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace grape::actors {

/// What is done with the files of snapshots, on a thread that may block: every function does. It
/// asks the node through `door` as a client would, and gives up with `closed` once that says so.
class archivist_work {
public:
  archivist_work(std::shared_ptr<house> home, gateway& door);

  /// Errors: not_found (the collection), those of its reads, no_space, io_error.
  outcome<snapshot_description> make(const make_snapshot_request& asked);

  outcome<snapshot_list> list(const list_snapshots_request& asked);

  /// Error: not_found.
  outcome<snapshot_file> find(const find_snapshot_request& asked);

  /// Error: not_found.
  outcome<changed> remove(const delete_snapshot_request& asked);

  // The same of all nodes of a cluster that can be asked. Errors also: those of fetching.
  outcome<snapshot_list> list_all(const list_snapshots_request& asked);
  outcome<snapshot_file> find_anywhere(const find_snapshot_request& asked);
  outcome<changed> remove_anywhere(const delete_snapshot_request& asked);

  /// Whatever goes wrong, everything is as it was. The file is read to its end before anything is
  /// begun. Errors: bad_request, forbidden (a path outside of the folder of snapshots), no_space,
  /// those of writes and of changes of the control plane.
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

  status add(archive::archive_writer& to, const std::string& collection,
             std::optional<std::uint32_t> only);
  status add_shard(archive::archive_writer& to, const std::string& collection, std::uint32_t shard);
  status keep_room() const;

  std::vector<http::remote_node> others(std::vector<std::string>& silent) const;
  outcome<snapshot_owner> by_real_name(snapshot_owner of) const;
  std::function<bool()> until_closing() const;
  status nowhere(const std::string& name, const std::vector<std::string>& silent) const;
  outcome<snapshot_file> bring(const std::string& url, const std::string& api_key);
  status fetch_to(const std::string& path, const std::string& url, const std::string& api_key);

  outcome<std::string> file_of(const recover_snapshot_request& asked, const std::string& own);
  outcome<std::string> file_at(const std::string& url) const;
  outcome<std::size_t> check(const recover_snapshot_request& asked, const std::string& path,
                             archive::collection_head& head);
  status check_room_for(const std::string& name, const collection_options& options,
                        std::uint32_t shards) const;
  status install(const recover_snapshot_request& asked, const std::string& path);
  status fill(recovery& into, std::optional<std::uint32_t> shard, std::size_t which,
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
  gateway& door_;
  storage::file_system& files_;
};

} // namespace grape::actors
