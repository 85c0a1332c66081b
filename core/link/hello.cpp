#include "core/link/hello.hpp"

#include <algorithm>

namespace grape::link {

namespace {

std::string named(const std::string& name) {
  return "node `" + name + "`";
}

std::string named(const hello& of) {
  return named(of.node_name) + " (number " + std::to_string(of.number.value) + ")";
}

status check_cluster(const hello& own, const hello& theirs) {
  if (theirs.protocol != own.protocol)
    return {errc::wrong_version,
            named(theirs) + " speaks version " + std::to_string(theirs.protocol)
                + " of the protocol between nodes, " + named(own) + " version "
                + std::to_string(own.protocol) + ": run the same release on both"};
  if (theirs.cluster_name != own.cluster_name)
    return {errc::bad_config, named(theirs) + " belongs to cluster `" + theirs.cluster_name + "`, "
                                  + named(own) + " to `" + own.cluster_name
                                  + "`: [cluster] name must be the same on every node"};
  if (theirs.cluster_id != own.cluster_id)
    return {errc::bad_config, named(theirs) + " belongs to the cluster with the id "
                                  + theirs.cluster_id + ", " + named(own) + " to the one with "
                                  + own.cluster_id
                                  + ": clusters do not mix; a node that changes its cluster starts "
                                    "with an empty data directory"};
  return {};
}

/// That number and name are those of one other member.
status check_identity(const known_peers& known, const hello& own, const hello& theirs) {
  if (theirs.number == own.number && theirs.incarnation == own.incarnation)
    return {errc::bad_config, named(own)
                                  + " was connected with itself: an address in [cluster] "
                                    "founders or [peer] advertise of another node is its"};
  if (theirs.number == own.number)
    return {errc::bad_config, named(theirs) + " has the number of " + named(own)
                                  + ": each needs a data directory of its own, not a copy"};
  const auto by_name = std::find_if(known.begin(), known.end(), [&](const auto& peer) {
    return peer.second.name == theirs.node_name;
  });
  if (by_name != known.end() && by_name->first != theirs.number)
    return {errc::bad_config, named(theirs) + " has number " + std::to_string(by_name->first.value)
                                  + " in this cluster: start it from the data directory of "
                                  + named(theirs.node_name)};
  const auto peer = known.find(theirs.number);
  if (peer == known.end())
    return {errc::not_found, named(theirs) + " is not known to " + named(own)
                                 + ": it must announce itself by POST /grape/v1/cluster/join to "
                                   "the HTTP address of any member ([cluster] join)"};
  if (peer->second.name != theirs.node_name)
    return {errc::bad_config, "number " + std::to_string(theirs.number.value) + " is "
                                  + named(peer->second.name) + " in this cluster, not "
                                  + named(theirs.node_name)
                                  + ": start each node from its own data directory"};
  return {};
}

status other_disk(const hello& theirs) {
  return {errc::corrupted, named(theirs)
                               + " comes with another disk than before: with a lost disk it is a "
                                 "new node; run `grapectl node replace "
                               + theirs.node_name + "` against another node"};
}

status check_boots(std::uint64_t before, const hello& theirs) {
  if (theirs.incarnation.boots >= before)
    return {};
  return {errc::corrupted, named(theirs) + " comes with start "
                               + std::to_string(theirs.incarnation.boots)
                               + " of its disk, but start " + std::to_string(before)
                               + " was here before: the process is an old one, or its data "
                                 "directory was restored from a copy; stop it, or run `grapectl "
                                 "node replace "
                               + theirs.node_name + "` against another node"};
}

/// That the node did not lose, or go back on, what it promised before.
status check_incarnation(const incarnation& accepted, const hello& theirs) {
  const auto& now = theirs.incarnation;
  if (now.disk != accepted.disk)
    return other_disk(theirs);
  if (auto newer = check_boots(accepted.boots, theirs); !newer.ok())
    return newer;
  if (now.boots == accepted.boots && now.drawn != accepted.drawn)
    return {errc::corrupted, named(theirs) + " comes with start " + std::to_string(now.boots)
                                 + " of its disk, but another process was that start: two "
                                   "processes run from copies of one data directory; stop one"};
  return {};
}

} // namespace

status check_hello(const known_peers& known, const hello& own, const hello& theirs) {
  if (auto same = check_cluster(own, theirs); !same.ok())
    return same;
  if (auto right = check_identity(known, own, theirs); !right.ok())
    return right;
  const auto& before = known.at(theirs.number);
  if (before.accepted)
    if (auto same = check_incarnation(*before.accepted, theirs); !same.ok())
      return same;
  if (before.disk != 0 && before.disk != theirs.incarnation.disk)
    return other_disk(theirs);
  return check_boots(before.boots, theirs);
}

} // namespace grape::link
