#pragma once

#include "core/cluster/coordinator.hpp"
#include "core/cluster/host_reports.hpp"
#include "core/outcome.hpp"

#include <string>
#include <string_view>
#include <variant>

/// What nodes and the coordinator tell each other, as bytes (MessagePack records with a version).
namespace grape::cluster {

/// A report to the coordinator, or an action that it wants done where it is sent.
using control_post = std::variant<host_report, group_action>;

/// Needs an action that is carried out by a node: change_members, build_indexes,
/// hand_leadership_over, delete_replica.
std::string encode(const control_post& of);

/// Takes any bytes. Errors: corrupted, wrong_version.
outcome<control_post> decode_control_post(std::string_view bytes);

} // namespace grape::cluster
