#pragma once

#include "core/storage/ordered_log.hpp"
#include "net/http/server.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape {

/// A node's name and the address at which its peers find it.
struct founder {
  std::string id;
  std::string address; ///< host:port

  friend bool operator==(const founder&, const founder&) = default;
};

/// [node]
struct node_settings {
  std::string id = "n1";                ///< Identity, never a host name. [A-Za-z0-9_.-]{1,64}.
  std::string data_dir = "grape-data";  ///< Relative to where the node is started.
  bool test_hooks = false;              ///< True: actors can be killed over HTTP. Tests only.

  friend bool operator==(const node_settings&, const node_settings&) = default;
};

/// [http]
struct http_settings {
  std::string bind = "127.0.0.1"; ///< A numeric IPv4 or IPv6 address.
  std::uint16_t port = 6333;      ///< 0 = any free port.
  std::string advertise; ///< host:port for others and in answers; see advertised_http_address.
  std::uint32_t io_threads = 1;   ///< 1..64
  std::uint32_t connections_max = 4096;                   ///< 1..1,000,000; over: 503.
  std::uint32_t in_flight_max = 1024; ///< 1..1,000,000, for the sake of memory; over: 503.
  std::uint64_t body_bytes_max = 32ull << 20;             ///< 1 KiB..1 GiB; over: 400.
  std::uint64_t body_bytes_in_flight_max = 256ull << 20;  ///< At least body_bytes_max; over: 503.
  /// Of a snapshot that is uploaded, which goes to the disk; 0 = what the disk has room for.
  std::uint64_t upload_bytes_max = 0;
  std::uint64_t answer_bytes_in_flight_max = 512ull << 20; ///< 1 MiB..1 TiB; over: 503.
  std::uint32_t header_bytes_max = 16'384;                ///< 1,024..1 MiB; over: 431.
  std::uint32_t idle_timeout_s = 75;                      ///< 1..86,400
  std::string api_key;           ///< Allows everything; "" = none. Nodes send theirs when joining.
  std::string read_only_api_key; ///< Allows every read; "" = none. Without keys all is open.
  bool enable_cors = true; ///< Pages of any origin may ask; keys decide what.
  bool jwt_rbac = false; ///< True: tokens (HS256, signed with api_key) are accepted too.

  friend bool operator==(const http_settings&, const http_settings&) = default;
};

/// [peer] How CAF speaks to other nodes and to CAF clients.
struct peer_settings {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 6335;
  std::string advertise; ///< host:port for others; empty = bind:port.
  bool insecure = false; ///< True: plain BASP on an address that is not loopback.
  std::string tls_cert;  ///< PEM files; all three or none.
  std::string tls_key;
  std::string tls_ca;

  friend bool operator==(const peer_settings&, const peer_settings&) = default;
};

/// True: every connection with other nodes is encrypted, and both sides prove who they are.
bool uses_tls(const peer_settings& of) noexcept;

/// [cluster]
struct cluster_settings {
  std::string name = "grape";
  std::vector<founder> founders;  ///< The same on every founder; empty = a single node.
  std::vector<std::string> join;  ///< HTTP addresses of members, for a node that comes later.
  std::uint32_t repair_delay_s = 300; ///< 1..86,400; how long a node may be away unreplaced.

  friend bool operator==(const cluster_settings&, const cluster_settings&) = default;
};

/// False: the node is alone, and stays alone.
bool is_clustered(const cluster_settings& of) noexcept;

/// The founders in order of name: the first one is node number 1, and so on.
std::vector<founder> founders_in_order(const cluster_settings& of);

/// [raft]
struct raft_settings {
  std::uint32_t tick_ms = 100;       ///< 10..10,000
  std::uint32_t heartbeat_ticks = 2; ///< 1..1,000
  std::uint32_t election_ticks = 10; ///< At least 3 heartbeats, at most 10,000.
  std::uint32_t snapshot_mb_per_s = 64; ///< 0..1,048,576 MiB/s to other nodes; 0 = no limit.

  friend bool operator==(const raft_settings&, const raft_settings&) = default;
};

/// [storage]
struct storage_settings {
  storage::fsync_policy fsync = storage::fsync_policy::always;
  std::uint32_t workers = 2;          ///< 1..64 threads that write LevelDB.
  std::uint32_t cache_mb = 64;        ///< 1..1,048,576 MiB of LevelDB blocks, for all shards.
  std::uint32_t write_buffer_mb = 4;  ///< 1..1,024 MiB per shard; more while shards are few.
  std::uint32_t log_segment_mb = 64;  ///< 1..1,024 MiB per file of the log.
  std::uint32_t sync_interval_s = 30;  ///< 1..3,600 s between two synced stores.
  std::uint32_t sync_interval_mb = 64; ///< 1..65,536 MiB of log between two synced stores.

  friend bool operator==(const storage_settings&, const storage_settings&) = default;
};

/// [search]
struct search_settings {
  std::uint32_t threads = 0;      ///< 0..256; 0 = as many as there are cores.
  std::uint32_t wait_ms_max = 10; ///< 1..600,000 ms a read is expected to wait; over: 503.
  std::uint32_t queue_max = 16'384; ///< 1..1,000,000 waiting reads of one shard each; over: 503.

  friend bool operator==(const search_settings&, const search_settings&) = default;
};

/// [index]
struct index_settings {
  std::uint32_t threads = 0; ///< 0..256 threads that build graphs; 0 = half of the cores.

  friend bool operator==(const index_settings&, const index_settings&) = default;
};

/// [collections] What a new one has whose creator does not say.
struct collection_settings {
  std::uint32_t shard_number = 1;       ///< 1..16,384
  std::uint32_t replication_factor = 1; ///< 1..64; held as a goal where there are fewer nodes.

  friend bool operator==(const collection_settings&, const collection_settings&) = default;
};

/// [limits] What the clients of one node may pile up.
struct limit_settings {
  std::uint32_t collections_max = 1'000;         ///< 1..1,000,000
  std::uint32_t shards_per_collection_max = 256; ///< 1..16,384

  friend bool operator==(const limit_settings&, const limit_settings&) = default;
};

/// Everything a node is told, with the defaults that hold when it is told nothing.
struct node_config {
  node_settings node;
  http_settings http;
  peer_settings peer;
  cluster_settings cluster;
  raft_settings raft;
  storage_settings storage;
  search_settings search;
  index_settings index;
  collection_settings collections;
  limit_settings limits;

  friend bool operator==(const node_config&, const node_config&) = default;
};

/// Where other nodes find this one: host:port, as it says, or as the founders say.
std::string advertised_address(const node_config& of);

/// Where others, people and programs, reach its HTTP: `http.advertise`, else bind and port; for a
/// bind that means every interface with the host of `advertised_address` in its place.
std::string advertised_http_address(const node_config& of);

/// What [http] means to the server.
http::server_options server_options_of(const http_settings& from);

} // namespace grape
