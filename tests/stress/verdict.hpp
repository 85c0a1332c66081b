#pragma once

#include "tests/stress/client.hpp"

namespace grape::stress {

/// Judges what a house holds when nobody writes: each point against what is known of it, counts
/// against points, searches against distances computed here. Flaws go to `told`.
void judge_house(gateway_port& port, const std::string& when, const known_points& known,
                 tally& told);

} // namespace grape::stress
