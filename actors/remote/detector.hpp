#pragma once

#include "actors/interfaces.hpp"

#include <string>

namespace grape::actors {

namespace role {

inline const std::string detector = "detector";

} // namespace role

/// The connection to that node is no more.
struct connection_ended {
  node_number node;
};

/// DETECTOR as the links of its node know it.
using own_detector_actor = detector_actor::extend<
    // From a PEER_LINK: judge now, and tell whom it concerns whatever was thought before.
    caf::reacts_to<connection_ended>>;

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::connection_ended);
