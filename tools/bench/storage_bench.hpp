#pragma once

#include "core/status.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// What `grape-bench storage` is told.
struct storage_bench_options {
  std::string folder; ///< Where to write; a folder of its own is made and removed. Empty: the
                      ///< system's for temporary files.
  std::string sample; ///< Folder of the shipped words.
  double seconds = 3; ///< At most, for each way of writing and reading.
  std::uint32_t cache_percent = 25; ///< Small cache for reads, of the stored bytes.
  std::uint64_t seed = 1;
  std::string json; ///< File to write; "-" for stdout; empty: none.
};

/// One way of writing.
struct write_figures {
  std::string name;
  bool synced = false;
  std::size_t points_per_entry = 1;
  std::size_t entries_per_sync = 1; ///< Writers that wait for the same sync.
  std::uint64_t points = 0;
  double seconds = 0;

  double per_s() const noexcept { return static_cast<double>(points) / seconds; }
};

/// One way of reading points, vectors and payload together, by id.
struct read_figures {
  std::string name;
  std::uint64_t cache_bytes = 0;
  std::uint64_t points = 0;
  double seconds = 0;
  double cache_hits = 0; ///< Share of the blocks asked for, 0..1.

  double per_s() const noexcept { return static_cast<double>(points) / seconds; }
};

/// What the same points take up.
struct size_figures {
  std::uint64_t points = 0;
  std::uint64_t json_bytes = 0;    ///< As a client sends them.
  std::uint64_t payload_bytes = 0; ///< Of that, the payloads.
  std::uint64_t packed_bytes = 0;  ///< As records, before any compression.
  std::uint64_t store_bytes = 0;   ///< In LevelDB's files: records, field keys and all.
  std::uint64_t payload_packed_bytes = 0; ///< Payload records.
  std::uint64_t payload_lz4_bytes = 0;    ///< The same in LZ4 frames of 100.
};

struct storage_bench_result {
  std::string folder;
  std::vector<write_figures> writes;
  std::vector<read_figures> reads;
  size_figures sizes;
};

/// Writes the shipped words through log and store in several ways, reads them back, and prints
/// the figures beside those that the mission names. Errors: io_error, no_space.
status run_storage_bench(const storage_bench_options& options);

} // namespace grape::bench
