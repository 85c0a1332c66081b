#pragma once

#include "actors/house.hpp"
#include "actors/shard_place.hpp"
#include "core/archive/checkpoint.hpp"
#include "core/request/upkeep.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace grape::actors {

/// One verb on its way through this node.
struct upkeep_task {
  storage_request asked;
  std::uint64_t deadline_ms = 0;                          ///< On the node's clock.
  std::vector<std::shared_ptr<const shard_place>> places; ///< Replicas with data, as in `told`.
  node_upkeep told; ///< `shards` has one for each place, and more from a checkpoint's list.
};

/// What CARETAKER has done on a thread that may be blocked. Thread-safe: one verb at a time.
class upkeep_work {
public:
  explicit upkeep_work(std::shared_ptr<house> home);

  /// Does the verb, as far as it is not REPLICA's or LOG_WRITER's. Shards whose result is not ok
  /// already are left alone. What could not be done says so in `told`.
  void run(upkeep_task& task);

  /// Bytes by kind; does not wait for a verb that runs.
  void measure(upkeep_task& task) const;

private:
  struct open_copy;

  std::string folder_of(const std::string& checkpoint) const;
  bool is_over(const upkeep_task& task) const;
  using shard_work = std::function<status(const shard_place&, const shard::view&, shard_upkeep&)>;
  void each_shard(upkeep_task& task, const shard_work& work) const;
  void measure_shard(const shard_place& place, const shard::view& view, shard_upkeep& told) const;
  void compact(upkeep_task& task) const;
  void warm(upkeep_task& task) const;
  void digest(upkeep_task& task) const;
  void make_checkpoint(upkeep_task& task) const;
  status begin_checkpoint(const std::string& folder) const;
  outcome<archive::checkpoint_record> record_of(const upkeep_task& task) const;
  void list_checkpoints(upkeep_task& task) const;
  status delete_checkpoint(upkeep_task& task);
  status read_checkpoint(upkeep_task& task);
  outcome<storage::point_reader> reader_of(const std::string& checkpoint,
                                           const std::string& collection, std::uint32_t shard);

  std::shared_ptr<house> home_;
  storage::file_system& files_;
  std::mutex one_at_a_time_;
  std::shared_ptr<open_copy> open_; // Of a checkpoint that is being read; null: none.
};

} // namespace grape::actors
