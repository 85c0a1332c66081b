#pragma once

#include "core/client/message.hpp"
#include "core/cluster/metadata.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace grape::client {

/// The collections that one client watches, and what it was told of each. Knows nothing of what is
/// under way, so it takes no more memory however slow the client is. Not thread-safe.
class watch_list {
public:
  static constexpr std::size_t collections_max = 64;
  static constexpr std::size_t name_bytes_max = 4 * 255; ///< No collection has a longer one.

  /// News of it are due at once, also if it was watched before. Errors: overloaded, wrong_input (a
  /// name that is too long).
  status watch(const std::string& collection);

  void unwatch(const std::string& collection) { watched_.erase(collection); }

  bool empty() const noexcept { return watched_.empty(); }

  /// Those that exist, as they were asked for.
  std::vector<std::string> existing(const cluster::metadata& known) const;

  /// How far the shards of a collection were seen to be written, in their order, by a replica that
  /// may be behind another one seen before. `id` as in the news; of another one it is ignored.
  void written(const std::string& collection, std::uint64_t id,
               const std::vector<std::uint64_t>& indexes);

  /// What is not as it was told.
  std::vector<collection_news> due(const cluster::metadata& known);

  /// This has been told, or is on its way for sure.
  void told(const collection_news& news);

private:
  struct entry {
    bool is_new = true; ///< Never told.
    collection_news told;
    std::uint64_t id = 0; ///< Of the collection that `written` is of.
    std::vector<std::uint64_t> written;
  };

  std::map<std::string, entry> watched_;
};

} // namespace grape::client
