#pragma once

#include "core/cluster/slot_table.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/collection.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape::cluster {

/// What the control plane knows of one collection.
struct collection_entry {
  collection_id id;
  collection_schema schema;
  slot_table slots;
  std::vector<group_id> groups; ///< The ordered log of each shard, by shard_id.

  friend bool operator==(const collection_entry&, const collection_entry&) = default;
};

/// One change of the control plane, as it stands in the metadata group's log.
struct create_collection {
  std::string name;
  collection_options options;
};

struct update_collection {
  std::string name;
  collection_changes changes;
};

struct delete_collection {
  std::string name;
};

struct change_aliases {
  std::vector<alias_action> actions;
};

struct set_field_index {
  std::string name;
  std::string field;
  std::optional<field_schema> schema; ///< Absent: the index is dropped.
};

using metadata_command = std::variant<create_collection, update_collection, delete_collection,
                                      change_aliases, set_field_index>;

std::string encode(const metadata_command& of);
outcome<metadata_command> decode_metadata_command(std::string_view bytes);

/// The control plane's replicated state: collections, aliases, schema versions, slot tables.
/// A function of its log alone. Not thread-safe; copies are independent.
class metadata {
public:
  /// Applies one command, all or nothing. True: it changed something; false: there was nothing to
  /// change (deleting an absent collection). Errors carry the texts clients know:
  /// already_exists, not_found, wrong_input, bad_request.
  outcome<bool> apply(const metadata_command& command);

  /// The collection that a name or an alias means, or null.
  const collection_entry* find(std::string_view name_or_alias) const;

  /// The collection of exactly this name, or null.
  const collection_entry* find_exact(std::string_view name) const;

  /// The real name behind a name or alias; errors: not_found.
  outcome<std::string> resolve(std::string_view name_or_alias) const;

  const std::map<std::string, collection_entry, std::less<>>& collections() const noexcept {
    return collections_;
  }

  const std::map<std::string, std::string, std::less<>>& aliases() const noexcept {
    return aliases_;
  }

  /// The whole state as bytes, for the control plane's store; `restore(encode()) == *this`.
  std::string encode() const;
  static outcome<metadata> restore(std::string_view bytes);

  friend bool operator==(const metadata&, const metadata&) = default;

private:
  friend struct metadata_change;

  std::map<std::string, collection_entry, std::less<>> collections_;
  std::map<std::string, std::string, std::less<>> aliases_; ///< alias -> collection
  collection_id next_collection_{1};
  group_id next_group_{1}; ///< 0 is the metadata group itself.
};

} // namespace grape::cluster
