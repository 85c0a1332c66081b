#pragma once

#include "actors/interfaces.hpp"

namespace grape::actors {

/// RAFT_GROUP to the ROUTERs of its node: who leads the group is known, as the house says.
struct leader_known {
  group_id group;
};

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::leader_known);
