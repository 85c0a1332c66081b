#pragma once

#include "grape/caf_host.hpp"

#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// A cluster, used from the actor system of a program that is no node of it.
namespace grape {

// What a client is asked. The handle is an actor of the program's own system, so nothing here is
// serialised on the way to it. Each request is over after its `timeout` (1 ms to 49 days), whatever
// happens: `timed_out` for a read, and for a change `unavailable` if it surely did not leave,
// `commit_unknown` if it did. The requester's own timeout is best a little longer.

/// Stores whole points. Answered when they are durable and visible, or, without `wait`, when they
/// are as durable as `ack` says. Errors: also bad_request (a pair that the collection refuses).
struct upsert_request {
  std::string collection;
  std::vector<point> points;
  std::chrono::milliseconds timeout{30'000};
  bool wait = true;
  write_ack ack = write_ack::collection_default;
  keys_of_shards keys{};
};

/// Removes points; ids that are not there are fine.
struct remove_request {
  std::string collection;
  std::vector<point_id> ids;
  std::chrono::milliseconds timeout{30'000};
  bool wait = true;
  write_ack ack = write_ack::collection_default;
  keys_of_shards keys{};
};

/// Points by id, with payload and vectors, in the order asked.
struct get_request {
  std::string collection;
  std::vector<point_id> ids;
  std::chrono::milliseconds timeout{30'000};
  read_level level = read_level::collection_default;
  keys_of_shards keys{};
};

/// Options that leave the number of shards and of replicas, 0 each, to the node that is asked: to
/// what its `[collections]` says.
inline collection_options as_configured() {
  collection_options options;
  options.shard_number = 0;
  options.replication_factor = 0;
  return options;
}

struct create_request {
  std::string collection;
  collection_options options = as_configured();
  std::chrono::milliseconds timeout{60'000};
};

struct drop_request {
  std::string collection;
  std::chrono::milliseconds timeout{60'000};
};

/// A part of a collection whose `sharding_method` is `custom`.
struct create_key_request {
  std::string collection;
  add_shard_key key;
  std::chrono::milliseconds timeout{60'000};
};

/// The key goes with all its points.
struct drop_key_request {
  std::string collection;
  shard_key key;
  std::chrono::milliseconds timeout{60'000};
};

/// The answer to a search, best first, or to a get.
struct found_points {
  std::vector<scored_record> points;
};

struct stored_points {
  std::vector<record> points;
};

/// How a collection that is watched is now. News are states: the watcher compares them with what it
/// knows, and reads what it wants to know more of.
struct collection_news {
  std::string collection; ///< As it was asked for.
  bool exists = false;
  std::uint64_t id = 0;      ///< Another one when it was dropped and made again.
  std::uint64_t version = 0; ///< Of its schema.
  /// By shard: a log index that grows with each write, and with some events that are none. After a
  /// change of nodes it may be smaller for a moment.
  std::vector<std::uint64_t> written;
  /// States that came since the last news and are not told, because this watcher was busy.
  std::uint64_t skipped = 0;
  /// Not ok: these are the last news, and why: `overloaded` for a watcher that did not take news
  /// for 30 s, or as the node says that refused to tell more. Watch again.
  status ended;
};

/// Who watches. The next news are sent when the handler of the last ones has returned: a watcher
/// has at most one of each collection in its mailbox, however slow it is.
using watcher_actor = caf::typed_actor<caf::reacts_to<collection_news>>;

/// News of the collection, at once and then as they come, at most a second late in a healthy
/// cluster; whether it exists or not; also after a change of nodes. Ends with the watcher, too.
struct watch_request {
  std::string collection;
  watcher_actor watcher;
};

struct unwatch_request {
  std::string collection;
  watcher_actor watcher;
};

/// The handle: an actor that dials one of the nodes, puts what it is asked to it, and goes on with
/// another one when that is lost. Reads under way are asked again there; of a change nobody may
/// know what became of it: `commit_unknown`. Errors are of category "grape", see `to_status`.
/// `anon_send_exit` ends it and closes its connection.
using client_actor = caf::typed_actor<
    caf::replies_to<upsert_request>::with<write_receipt>,
    caf::replies_to<remove_request>::with<write_receipt>,
    caf::replies_to<search_request>::with<found_points>,
    caf::replies_to<get_request>::with<stored_points>,
    // True; false where there was none to drop. Errors: already_exists, wrong_input.
    caf::replies_to<create_request>::with<bool>, caf::replies_to<drop_request>::with<bool>,
    caf::reacts_to<watch_request>, caf::reacts_to<unwatch_request>,
    // True. Errors: not_found, bad_request.
    caf::replies_to<create_key_request>::with<bool>,
    caf::replies_to<drop_key_request>::with<bool>>;

struct client_options {
  /// Nodes of one cluster, host:port of their `[peer]`; the first one is dialled first.
  std::vector<std::string> nodes;
  std::string name = "client"; ///< For people, at most 64 bytes.
  std::string tls_cert;        ///< PEM files; all three or none. `prepare` must have had them too.
  std::string tls_key;
  std::string tls_ca;
};

/// As `prepare` (caf_host.hpp), with the TLS files of a client.
void prepare(caf::actor_system_config& config, const client_options& client);

/// Begins to dial and returns at once: requests wait for a node as long as they may. Needs a system
/// whose configuration `grape::prepare` has seen. Errors: bad_config (what the system lacks, an
/// address that is none, a TLS file that is no good).
outcome<client_actor> connect(caf::actor_system& system, const client_options& options);

/// The same for one node without TLS.
outcome<client_actor> connect(caf::actor_system& system, const std::string& node);

/// What an error of a request means; those of CAF's own are `unavailable` or `timed_out`.
status to_status(const caf::error& why);

} // namespace grape

/// These stay within the program.
#define GRAPE_CLIENT_MESSAGE(type)                                                                 \
  template <>                                                                                      \
  struct caf::allowed_unsafe_message_type<grape::type> : std::true_type {}

GRAPE_CLIENT_MESSAGE(upsert_request);
GRAPE_CLIENT_MESSAGE(remove_request);
GRAPE_CLIENT_MESSAGE(search_request);
GRAPE_CLIENT_MESSAGE(get_request);
GRAPE_CLIENT_MESSAGE(create_request);
GRAPE_CLIENT_MESSAGE(drop_request);
GRAPE_CLIENT_MESSAGE(watch_request);
GRAPE_CLIENT_MESSAGE(unwatch_request);
GRAPE_CLIENT_MESSAGE(write_receipt);
GRAPE_CLIENT_MESSAGE(found_points);
GRAPE_CLIENT_MESSAGE(stored_points);
GRAPE_CLIENT_MESSAGE(collection_news);

#undef GRAPE_CLIENT_MESSAGE
