#pragma once

#include "core/ids.hpp"
#include "core/index/segment.hpp"
#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace grape::shard {

/// The derived files of one vector field: a folder with one file per sealed segment. A file whose
/// segment was retired is removed when the last view that shows it dies, on that thread.
class segment_files {
public:
  /// `directory` is the replica's folder for segments; `field` the vector's name, any text.
  segment_files(storage::file_system& files, const std::string& directory,
                const std::string& field);

  const std::string& directory() const noexcept { return directory_; }

  std::string path_of(segment_id id) const;

  /// Creates the folder, and removes what an interrupted write left in it.
  status prepare();

  /// Segments that have a file, newest first.
  outcome<std::vector<segment_id>> present() const;

  outcome<std::shared_ptr<const index::segment>> open(segment_id id, index::code_place codes);

  /// Ties a segment to its file, which was written before.
  std::shared_ptr<const index::segment> adopt(std::shared_ptr<const index::segment> from);

  /// The file goes when nobody looks at the segment any more.
  void retire(segment_id id);

  /// The same for all segments that have a file.
  status retire_all();

  /// Removes a file that is of no use now.
  status discard(segment_id id);

private:
  struct tie;

  storage::file_system* files_;
  std::string directory_;
  std::map<segment_id, std::weak_ptr<tie>> ties_;
};

} // namespace grape::shard
