#pragma once

#include "actors/gateway.hpp"
#include "core/cluster/metadata.hpp"
#include "core/outcome.hpp"
#include "core/request/write.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace grape::actors {

/// A collection that is filled where nobody sees it, and then takes the place of `target` or of one
/// of its shards. Blocks; not thread-safe. Ended before `take_place` has succeeded, it leaves
/// everything as it was; what is left over goes with the next look of CATALOG, or of COORDINATOR.
class recovery {
public:
  recovery(std::shared_ptr<house> home, gateway& door, std::string target);
  ~recovery();

  recovery(const recovery&) = delete;
  recovery& operator=(const recovery&) = delete;

  /// `schema`: of a whole collection, with the `keys` that it is sharded by; absent: a shard of
  /// `target` is to be replaced. Errors: those of a change of the control plane.
  status begin(std::optional<collection_schema> schema, const std::vector<add_shard_key>& keys);

  /// Writes in order; needs `begin`. What fails for a while, as while leaders change, is tried for
  /// a minute: the same once more changes nothing.
  status write(const std::vector<write_operation>& operations,
               const std::optional<shard_key_selector>& keys);

  /// Waits until what was written is indexed, and changes the places. `shard`: exactly where
  /// `begin` got no schema.
  status take_place(std::optional<shard_id> shard);

private:
  status commit(const cluster::metadata_command& command);
  status swap(std::optional<shard_id> shard);
  bool has_place(std::optional<shard_id> shard) const;
  status until_known(std::size_t keys);
  status create(const add_shard_key& key);
  status until_indexed();

  std::shared_ptr<house> home_;
  gateway& door_;
  std::string target_;
  cluster::recovery_owner owner_;
  std::string name_;
  bool has_taken_place_ = false;
  cluster::collection_entry entry_; ///< As it began.
  std::unique_ptr<gateway> inside_; ///< Names it as if it were not hidden.
};

} // namespace grape::actors
