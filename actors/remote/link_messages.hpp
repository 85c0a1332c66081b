#pragma once

#include "core/ids.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What a node and whoever dials it say to each other: DOOR, and two PEER_LINKs. Who sent a message
/// says whose it is, so no handle stands in one.
namespace grape::actors {

/// A PEER_LINK to the DOOR it dialled. Answered by the PEER_LINK here that belongs to it, or
/// refused with a sentence.
struct link_knock {
  std::uint32_t protocol = 0; ///< link::protocol_version.
  node_number number;
  std::string name;
};

struct link_welcome {
  node_number number; ///< Of the one that was dialled.
};

/// What both say before anything else, once they know their cluster: an encoded link::hello.
struct link_hello {
  std::string bytes;
};

/// The sender ends the connection, and says why.
struct link_farewell {
  errc code = errc::closed;
  std::string why;
};

/// One frame of a link::outbox.
struct link_frame {
  std::string bytes;
};

/// How far are you in forming the cluster? Answered from what is on the disk.
struct founding_question {};

struct founding_reply {
  std::uint8_t stage = 0; ///< cluster::founding_stage.
  std::string cluster_id;
  std::string cluster_name;
  std::vector<std::string> founders;
};

/// May this node be a member? An encoded join_request; META of whoever is asked answers.
struct join_question {
  std::string bytes;
};

struct join_answer {
  std::string bytes; ///< An encoded join_reply.
};

// What stays on its node.

/// FOUNDER to a PEER_LINK: put this to that node.
struct join_inquiry {
  join_question question;
};

/// FOUNDER to a PEER_LINK: put a `founding_question` to that node.
struct founding_inquiry {};

/// News: the cluster is formed, and who this node is stands in the house.
struct cluster_formed {};

} // namespace grape::actors
