#pragma once

#include "core/cluster/metadata.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

/// Hidden collections that nobody fills or drops any more, by name: they are to be dropped. If
/// somebody does after all, swapping one that is gone is refused.
namespace grape::cluster {

/// Of owners that were started anew since, were removed, or are down for good.
std::vector<std::string> abandoned_recoveries(const metadata& state);

/// Of this node: those of earlier starts, and those not among the numbers it is `working` on.
std::vector<std::string> abandoned_here(const metadata& state, node_number self,
                                        std::uint64_t incarnation,
                                        const std::set<std::uint64_t>& working);

/// Whether the same question may get another answer later: who asks a recovery's questions may ask
/// them again, since none of them has an effect twice.
bool is_worth_repeating(errc why) noexcept;

} // namespace grape::cluster
