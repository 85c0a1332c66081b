#pragma once

#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/request/write.hpp"
#include "core/vector/point.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caf {
class actor_system;
} // namespace caf

namespace grape {

/// Where a database is in its life.
enum class database_state : std::uint8_t {
  initializing, ///< Opening: no call is possible yet.
  ready,        ///< Open, nothing to do.
  busy,         ///< Open, answering.
  shutting,     ///< Closing; new calls answer `closed`.
  closed,       ///< Over. All calls answer `closed`.
  failed,       ///< Gave up; all calls answer why. Close it and open it again.
};

/// "ready" and so on.
std::string_view to_string(database_state state) noexcept;

/// A node of a cluster, as the others find it.
struct founding_member {
  std::string id;      ///< Its name: 1 to 64 of A-Z a-z 0-9 _ . -
  std::string address; ///< host:port, of its `[peer]`.
};

/// What makes a database one of several nodes that form a cluster, `graped` processes or others.
/// Without TLS files `bind` must be a loopback address, or `insecure` true.
struct cluster_options {
  std::string name = "grape"; ///< Of the cluster.
  std::string id;             ///< Of this node; one of the founders.
  std::vector<founding_member> founders; ///< The same on every founder.
  std::string bind = "127.0.0.1"; ///< A numeric address; where the others find this node.
  std::uint16_t port = 6335;
  bool insecure = false; ///< True: whoever reaches the port can read, change and exhaust the node.
  std::string tls_cert;  ///< PEM files; all three or none. Then only TLS 1.3 is spoken.
  std::string tls_key;
  std::string tls_ca;
};

struct database_options {
  std::string directory = "grape-data"; ///< Created if absent; one process at a time.
  bool durable = true;             ///< False: a power cut may cost the last writes, nothing else.
  std::uint32_t search_threads = 0; ///< 0 = as many as there are cores.
  std::uint32_t index_threads = 0;  ///< 0 = half of the cores.
  std::uint32_t cache_mb = 32;      ///< Of stored points kept in memory.
  std::uint32_t shard_number = 1;       ///< Of a new collection that does not say; 1..256.
  std::uint32_t replication_factor = 1; ///< The same; 1..64, a goal where there are fewer nodes.
  std::optional<cluster_options> cluster{}; ///< Nothing: alone, without a port or a network.
};

/// Of a collection that is sharded by keys: what a call is about. A write must name some; a read
/// that names none is about all.
using keys_of_shards = std::optional<shard_key_selector>;

/// One search by a vector.
struct search_request {
  std::string collection;
  dense_vector vector;
  std::string vector_name{}; ///< "" = the unnamed vector.
  std::uint64_t limit = 10;
  std::optional<payload::filter> filter{};
  std::optional<float> score_threshold{};
  bool exact = false;       ///< True: by brute force.
  bool with_payload = true;
  std::chrono::milliseconds timeout{60'000}; ///< 1 ms or more.
  read_level level = read_level::collection_default;
  keys_of_shards keys{};
};

/// Sizes of everything in a database.
struct database_stats {
  std::uint64_t collections = 0;
  std::uint64_t points = 0;
  std::uint64_t resident_bytes = 0; ///< Of the whole process.
  std::uint64_t uptime_s = 0;
};

struct database_health {
  database_state state = database_state::initializing;
  status why;                     ///< Of `failed`; ok otherwise.
  std::vector<std::string> notes; ///< What the start had to repair or give up, in words.
};

/// What a write waits for whose caller does not say: that it is visible.
inline const write_options visible_first{true, {}, write_ack::collection_default};

/// A whole Grape inside this process: alone, or one node of a cluster. All members may be called
/// from any thread. The blocking ones must not be called from a continuation of the library's own
/// threads, nor in an actor that is not detached. Nothing throws, prints or calls exit().
class database {
public:
  /// Returns when everything stored serves; in a cluster as soon as others can reach this node, at
  /// the latest after 3 s: calls that come before enough of the others are there answer
  /// `unavailable`. Errors: unavailable (another process has the directory), bad_config (it is
  /// another node's, or `cluster` makes no sense, or its port is taken), corrupted, io_error.
  static outcome<database> open(const database_options& options);

  /// The same on the actor system of the host, whose configuration `grape::prepare` must have seen
  /// (caf_host.hpp), and which must outlive the database. Others may be opened there as well, or
  /// this one again after `close`. Errors: also bad_config (what the system lacks).
  static outcome<database> open(caf::actor_system& on, const database_options& options);

  /// As `close`.
  ~database();

  database(database&&) noexcept;
  database& operator=(database&&) noexcept;

  /// A collection of unnamed vectors of one size, with `database_options::shard_number` shards in
  /// so many replicas as `replication_factor` says. Errors: already_exists, wrong_input.
  status create_collection(const std::string& name, std::uint32_t size,
                           metric distance = metric::cosine);

  /// A collection with all options there are. `shard_number`, `replication_factor` 0: as
  /// `database_options` say.
  status create_collection(const std::string& name, const collection_options& options);

  /// False if there was none.
  outcome<bool> drop_collection(const std::string& name);

  /// A part of a collection whose `sharding_method` is `custom`. Errors: not_found, bad_request.
  status create_shard_key(const std::string& collection, const add_shard_key& key);

  /// The key goes with all its points. Errors: not_found, bad_request.
  status drop_shard_key(const std::string& collection, const shard_key& key);

  /// Ascending.
  outcome<std::vector<shard_key>> shard_keys(const std::string& collection);

  /// Stores whole points; durable and visible on return, or as `how` says. Points that exist are
  /// replaced. Errors: also bad_request (options that the collection refuses).
  outcome<write_receipt> upsert(const std::string& collection, std::vector<point> points,
                                const write_options& how = visible_first,
                                const keys_of_shards& keys = {});

  /// The nearest points, best first. Never fewer than `limit` when so many match.
  outcome<std::vector<scored_record>> search(search_request wanted);

  /// Points by id, with payload and vectors, in the order asked; ids that are not there are left
  /// out.
  outcome<std::vector<record>> get(const std::string& collection, std::vector<point_id> ids,
                                   const keys_of_shards& keys = {});

  /// Removes points; ids that are not there are fine.
  outcome<write_receipt> remove(const std::string& collection, std::vector<point_id> ids,
                                const write_options& how = visible_first,
                                const keys_of_shards& keys = {});

  /// The same without waiting. The futures are always fulfilled, at the latest by `close`.
  std::future<outcome<write_receipt>> upsert_later(const std::string& collection,
                                                   std::vector<point> points,
                                                   const write_options& how = visible_first,
                                                   const keys_of_shards& keys = {});
  std::future<outcome<std::vector<scored_record>>> search_later(search_request wanted);
  std::future<outcome<std::vector<record>>> get_later(const std::string& collection,
                                                      std::vector<point_id> ids,
                                                      const keys_of_shards& keys = {});
  std::future<outcome<write_receipt>> remove_later(const std::string& collection,
                                                   std::vector<point_id> ids,
                                                   const write_options& how = visible_first,
                                                   const keys_of_shards& keys = {});

  outcome<database_stats> stats();

  database_health health() const;

  /// Answers what is under way, ends everything and unlocks the directory, within 4 s where nothing
  /// hangs. A second call does nothing.
  void close();

private:
  struct engine;

  explicit database(std::unique_ptr<engine> from) noexcept;

  static outcome<database> open_on(caf::actor_system* host, const database_options& options);

  std::unique_ptr<engine> engine_;
};

} // namespace grape
