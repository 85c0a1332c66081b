#pragma once

#include "core/cluster/metadata.hpp"
#include "core/outcome.hpp"
#include "core/request/cluster.hpp"

#include <optional>
#include <string>
#include <string_view>

/// How a node that comes later, or with an empty disk, is admitted to a cluster.
namespace grape::cluster {

/// Whether whoever asks may be a member of the cluster of `state`, which is named `cluster_name`:
/// its number, if it is one already; nothing: `command_to_admit` is to be committed first. Refused
/// for good, with a sentence for whoever runs that node: bad_request (other protocol or name),
/// already_exists (its disk belongs to another cluster, or to no node of this one; its address is
/// another node's). unavailable: nobody knows of a cluster here yet.
outcome<std::optional<node_number>> check_join(const metadata& state, std::string_view cluster_name,
                                               const join_request& asked);

metadata_command command_to_admit(const join_request& asked);

/// Between nodes, as bytes (MessagePack records with a version). Decoders take any bytes; errors:
/// corrupted, wrong_version.
std::string encode(const join_request& of);
std::string encode(const join_reply& of);
outcome<join_request> decode_join_request(std::string_view bytes);
outcome<join_reply> decode_join_reply(std::string_view bytes);

} // namespace grape::cluster
