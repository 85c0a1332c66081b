#pragma once

#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/request/write.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a CAF client asks the node that it dialled, and what it hears, as bytes: a version byte,
/// then MessagePack. `decode_x(encode(x))` is x again. There is no checksum: the frames of a link
/// have one. Alternatives have the number of their place in the variant: append, never renumber.
namespace grape::client {

/// What a client's knock names; a node refuses any other.
inline constexpr std::uint32_t protocol_version = 2;

/// From now on tell me how this collection is, whether it exists or not.
struct watch_collection {
  std::string collection; ///< A name or an alias.
};

/// No longer.
struct unwatch_collection {
  std::string collection;
};

/// How long a request may take stands in its envelope, not here: `read.timeout_ms` and
/// `options.timeout_ms` do not travel.
using request = std::variant<write_request, query_request, retrieve_request, count_request,
                             create_collection_request, delete_collection_request, watch_collection,
                             unwatch_collection, change_shard_keys_request,
                             list_shard_keys_request>;

/// The answer: to a write, a query, a retrieval, a count; a list of keys; to the others a
/// `changed`.
using reply = std::variant<write_receipts, std::vector<scored_record>, std::vector<record>,
                           count_reply, changed, shard_key_list>;

/// How a collection that is watched is now. What changed since the last news is for the watcher to
/// see; whatever was between the two is not told.
struct collection_news {
  std::string collection; ///< As it was asked for.
  bool exists = false;
  std::uint64_t id = 0;      ///< Another one when it was dropped and made again.
  std::uint64_t version = 0; ///< Of its schema.
  /// By shard: the log index up to which it was seen applied. It grows with each write, and with
  /// some events that are none.
  std::vector<std::uint64_t> written;

  friend bool operator==(const collection_news&, const collection_news&) = default;
};

std::string encode(const request& of);
std::string encode(const reply& of);
std::string encode(const collection_news& of);

/// Take any bytes. Errors: corrupted, wrong_version.
outcome<request> decode_request(std::string_view bytes);
outcome<reply> decode_reply(std::string_view bytes);
outcome<collection_news> decode_news(std::string_view bytes);

} // namespace grape::client
