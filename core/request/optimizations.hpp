#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What the background work on the vector indexes of a collection does, did and has before it, on
/// the node that was asked.
namespace grape {

struct optimizations_request {
  std::string collection;
};

/// A segment of one vector field of one shard. Its UUID is the same at each question.
struct optimizer_segment {
  std::string uuid;
  std::uint64_t points = 0; ///< Whose vector there is their current one.

  friend bool operator==(const optimizer_segment&, const optimizer_segment&) = default;
};

/// Work to be done: segments become one.
struct pending_optimization {
  std::string optimizer; ///< "indexing", "merge", "vacuum".
  std::vector<optimizer_segment> segments;

  friend bool operator==(const pending_optimization&, const pending_optimization&) = default;
};

/// Work that began.
struct optimization {
  enum class state : std::uint8_t { optimizing, done, cancelled, failed };

  std::string uuid; ///< Of the segment that comes out.
  pending_optimization what;
  state now = state::optimizing;
  std::string why; ///< It was cancelled or failed.
  std::uint64_t started_unix_ms = 0;
  std::uint64_t finished_unix_ms = 0; ///< 0 while it runs.
  std::uint64_t rows_done = 0;
  std::uint64_t rows_total = 0;

  friend bool operator==(const optimization&, const optimization&) = default;
};

struct optimizations {
  std::vector<optimization> running;
  std::vector<pending_optimization> queued; ///< The next step of each field.
  std::vector<optimization> completed;      ///< The newest first; only since the node began.
  std::vector<optimizer_segment> idle;      ///< Nothing is to be done with them.
};

} // namespace grape
