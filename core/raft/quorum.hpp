#pragma once

#include "core/raft/configuration.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace grape::raft {

enum class vote_result : std::uint8_t { pending, won, lost };

/// The highest value that a majority reaches, of one value per voter in any order; nothing if
/// there are none. Reorders them. Allocates nothing.
std::optional<log_index> majority_of(std::span<log_index> values) noexcept;

/// The highest index that a majority of `voters` has, and in a joint state a majority of
/// `outgoing` too; nothing if there is no voter at all. `acked` answers 0 for a replica that is
/// unknown. Needs no allocation for groups of up to 16 voters.
std::optional<log_index> committed(const configuration& members,
                                   const std::function<log_index(replica_id)>& acked);

/// How a vote stands. `voted` answers nothing for those that have not answered yet. Without any
/// voter it is won, so that an empty half of a joint state decides nothing.
vote_result count_votes(const configuration& members,
                        const std::function<std::optional<bool>(replica_id)>& voted);

} // namespace grape::raft
