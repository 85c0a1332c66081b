#pragma once

#include "core/outcome.hpp"
#include "core/payload/filter.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may do what: keys and tokens as Qdrant has them. Pure.
namespace grape::http {

/// The keys of a node. An empty one is none; without any everything is open.
struct access_keys {
  std::string api_key;           ///< Everything.
  std::string read_only_api_key; ///< Every read.
  bool jwt_rbac = false;         ///< Tokens that are signed with `api_key` are accepted too.

  bool any() const noexcept { return !api_key.empty() || !read_only_api_key.empty(); }
};

/// What a route needs of whoever asks it.
enum class need : std::uint8_t {
  nothing,       ///< Open: who watches a node has no key.
  some_key,      ///< Any good one; the answer shows only what it may see.
  read,          ///< To read the points of the collection, or what it is.
  read_around,   ///< To read what surrounds the points: where they are, snapshots.
  write_points,  ///< To change the points of the collection.
  write_around,  ///< To change its payload indexes and snapshots.
  read_all,      ///< To read what belongs to no collection.
  manage,        ///< Everything.
};

/// What a route needs, by its template. What it does not know needs most.
need need_of(verb method, std::string_view path);

enum class collection_right : std::uint8_t { read, write, write_points };

struct collection_grant {
  std::string collection;
  collection_right right = collection_right::read;

  friend bool operator==(const collection_grant&, const collection_grant&) = default;
};

/// A point that must exist for a token to be good.
struct value_claim {
  std::string collection;
  payload::filter filter;

  friend bool operator==(const value_claim&, const value_claim&) = default;
};

/// What whoever asks may do.
struct access_grant {
  enum class scope : std::uint8_t { manage, read, collections };

  scope reaches = scope::manage;
  std::vector<collection_grant> collections; ///< Where it reaches collections only.
  std::optional<value_claim> must_exist;

  friend bool operator==(const access_grant&, const access_grant&) = default;
};

/// Error: forbidden. `collection`: the one that the route is about, if any.
status check_access(const access_grant& of, need wanted, std::string_view collection);

/// Whether any right on this collection is granted.
bool may_see(const access_grant& of, std::string_view collection);

/// Whether two texts are equal, in a time that does not tell where they differ.
bool is_same_secret(std::string_view one, std::string_view other);

/// What `presented` (a key or a token) allows at this time. Errors: unauthenticated (none, or one
/// that is not known), forbidden (a token with a wrong signature, or whose time is over).
outcome<access_grant> admit(const access_keys& keys, std::string_view presented,
                            std::uint64_t unix_s);

} // namespace grape::http
