#include "net/http/access.hpp"

#include "core/codec/sha256.hpp"
#include "net/http/token.hpp"

#include <algorithm>

namespace grape::http {

namespace {

constexpr std::string_view of_collection = "/collections/{collection_name}";

/// Paths below a collection's points that read although they are POSTed.
constexpr std::string_view posted_reads[] = {
    "/points",        "/points/scroll",    "/points/count",     "/points/query",
    "/points/search", "/points/recommend", "/points/discover",  "/facet",
};

bool is_below(std::string_view path, std::string_view root) {
  return path == root || (path.starts_with(root) && path[root.size()] == '/');
}

bool is_posted_read(std::string_view path) {
  return std::any_of(std::begin(posted_reads), std::end(posted_reads), [path](auto root) {
    return path == root || (root != "/points" && is_below(path, root));
  });
}

/// `path`: what stands behind the collection.
need need_in_collection(verb method, std::string_view path) {
  const auto reads = method == verb::get;
  if (path.empty())
    return reads ? need::read : need::manage;
  if (path == "/exists" || path == "/optimizations" || path == "/shards"
      || path == "/shards/delete")
    return reads ? need::read : need::manage;
  if (is_below(path, "/points") || is_below(path, "/facet"))
    return reads || (method == verb::post && is_posted_read(path)) ? need::read
                                                                   : need::write_points;
  // Whoever is sent a snapshot of a shard has it made.
  const auto makes = path.starts_with("/shards/") && path.ends_with("/snapshot");
  if (reads && !makes)
    return need::read_around;
  const auto recovers = path.find("/recover") != path.npos || path.find("/upload") != path.npos;
  if (is_below(path, "/index") || is_below(path, "/vectors")
      || ((path.starts_with("/snapshots") || path.starts_with("/shards/")) && !recovers))
    return need::write_around;
  return need::manage;
}

status forbidden(std::string why) {
  return {errc::forbidden, std::move(why)};
}

status check_collection(const collection_grant& of, need wanted) {
  const auto around = wanted == need::read_around || wanted == need::write_around;
  if (around && of.right == collection_right::write_points)
    return forbidden("Only points access is allowed for collection " + of.collection);
  const auto writes = wanted == need::write_points || wanted == need::write_around;
  if (writes && of.right == collection_right::read)
    return forbidden("Write access to collection " + of.collection + " is required");
  return {};
}

const collection_grant* grant_for(const access_grant& of, std::string_view collection) {
  const auto at = std::find_if(of.collections.begin(), of.collections.end(),
                               [collection](const auto& one) {
                                 return one.collection == collection;
                               });
  return at == of.collections.end() ? nullptr : &*at;
}

} // namespace

need need_of(verb method, std::string_view path) {
  const auto reads = method == verb::get;
  if (path == "/" || path == "/healthz" || path == "/livez" || path == "/readyz")
    return need::nothing;
  if (path == "/collections" && reads)
    return need::some_key;
  if (is_below(path, of_collection))
    return need_in_collection(method, path.substr(of_collection.size()));
  // What lies on disks, and what is in it, is more than what its reader may see.
  return reads && !is_below(path, "/grape/v1/storage") ? need::read_all : need::manage;
}

status check_access(const access_grant& of, need wanted, std::string_view collection) {
  using scope = access_grant::scope;
  if (wanted == need::nothing || wanted == need::some_key || of.reaches == scope::manage)
    return {};
  const auto reads
      = wanted == need::read || wanted == need::read_around || wanted == need::read_all;
  if (of.reaches == scope::read)
    return reads ? status{} : forbidden("Global manage access is required");
  if (wanted == need::manage)
    return forbidden("Manage access for this operation is required");
  if (wanted == need::read_all)
    return forbidden("Global access is required");
  const auto* grant = grant_for(of, collection);
  if (grant == nullptr)
    return forbidden("Access to collection " + std::string(collection) + " is required");
  return check_collection(*grant, wanted);
}

bool may_see(const access_grant& of, std::string_view collection) {
  return of.reaches != access_grant::scope::collections || grant_for(of, collection) != nullptr;
}

bool is_same_secret(std::string_view one, std::string_view other) {
  const auto left = codec::sha256(one);
  const auto right = codec::sha256(other);
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    difference |= static_cast<unsigned>(left[i] ^ right[i]);
  return difference == 0;
}

outcome<access_grant> admit(const access_keys& keys, std::string_view presented,
                            std::uint64_t unix_s) {
  using scope = access_grant::scope;
  if (!keys.any())
    return access_grant{};
  if (presented.empty())
    return status{errc::unauthenticated,
                  "Must provide an API key or an Authorization bearer token"};
  if (!keys.api_key.empty() && is_same_secret(keys.api_key, presented))
    return access_grant{};
  if (!keys.read_only_api_key.empty() && is_same_secret(keys.read_only_api_key, presented))
    return access_grant{scope::read, {}, {}};
  if (keys.jwt_rbac && !keys.api_key.empty())
    if (auto of_token = read_token(presented, keys.api_key, unix_s);
        of_token || of_token.error().code != errc::malformed)
      return of_token;
  return status{errc::unauthenticated, "Invalid API key or JWT"};
}

} // namespace grape::http
