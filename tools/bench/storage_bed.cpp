#include "tools/bench/storage_bed.hpp"

#include <thread>

namespace grape::bench {

namespace {

constexpr group_id group{1};
constexpr auto sync_bytes = std::uint64_t{node_defaults.sync_interval_mb} << 20;
constexpr auto write_buffer_bytes = std::size_t{node_defaults.write_buffer_mb} << 20;

/// A thread for each compaction; they are few and long.
class thread_lane final : public storage::background_lane {
public:
  void post(std::function<void()> job) override { std::thread(std::move(job)).detach(); }
};

collection_schema word_schema() {
  collection_schema made;
  made.options.single_unnamed = true;
  made.options.vectors[""] = {.size = 100, .distance = metric::cosine, .hnsw = {}, .echoed = {}};
  for (const auto* field : {"rank", "letters"})
    made.fields[field] = {field_type::integer, {}};
  made.fields["initial"] = {field_type::keyword, {}};
  return made;
}

outcome<std::shared_ptr<storage::store>> open_store(const std::string& folder,
                                                    std::size_t cache_bytes) {
  return storage::open_leveldb(storage::posix_file_system(), folder + "/points",
                               {.lane = std::make_shared<thread_lane>(),
                                .cache = std::make_shared<storage::block_cache>(cache_bytes),
                                .write_buffer_bytes = write_buffer_bytes});
}

} // namespace

outcome<std::unique_ptr<storage_bed>> storage_bed::open(const bed_options& options) {
  auto& files = storage::posix_file_system();
  if (auto made = files.create_directories(options.folder + "/points"); !made.ok())
    return made;
  std::unique_ptr<storage_bed> bed{new storage_bed};
  auto log = storage::log_file::open(files, options.folder + "/log", {.fsync = options.fsync});
  if (!log)
    return std::move(log).error();
  bed->log_ = std::move(*log);
  auto store = open_store(options.folder, options.cache_bytes);
  if (!store)
    return std::move(store).error();
  bed->store_ = std::move(*store);
  auto machine = shard::machine::open({.files = &files,
                                       .points = bed->store_,
                                       .segments_directory = options.folder + "/segments",
                                       .schema = word_schema()});
  if (!machine)
    return std::move(machine).error();
  bed->machine_ = std::move(*machine);
  return bed;
}

status storage_bed::write(std::span<const std::string> commands) {
  auto index = machine_->applied();
  std::vector<storage::log_record> records;
  for (const auto& command : commands)
    records.push_back({group, index = index.next(), term{1}, command});
  if (auto logged = log_->append(records); !logged.ok())
    return logged;
  for (const auto& record : records) {
    const auto applied = machine_->apply(record.index, record.payload);
    if (!applied)
      return applied.error();
    if (!applied->result.ok())
      return applied->result;
  }
  if (machine_->bytes_unsynced() < sync_bytes)
    return {};
  if (auto synced = machine_->sync(); !synced.ok())
    return synced;
  return log_->release(group, machine_->applied_durable());
}

status storage_bed::settle() {
  if (auto synced = machine_->sync(); !synced.ok())
    return synced;
  if (auto released = log_->release(group, machine_->applied_durable()); !released.ok())
    return released;
  return store_->compact();
}

outcome<std::unique_ptr<storage::point_store>>
storage_bed::open_points(const std::string& folder, std::size_t cache_bytes) {
  auto store = open_store(folder, cache_bytes);
  if (!store)
    return std::move(store).error();
  return storage::point_store::open(std::move(*store));
}

} // namespace grape::bench
