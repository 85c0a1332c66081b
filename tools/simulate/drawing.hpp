#pragma once

#include "tests/simulation/trace.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace grape::simulate {

/// A space-time diagram of one run: time goes to the right, every node has a lane coloured by its
/// role, messages are lines from lane to lane. Keeps what it is shown until `svg`.
class drawing {
public:
  void add(const simulation::record& next);

  /// The last `seconds` of what was shown; where a law broke is at the right edge.
  std::string svg(const std::string& title, double seconds) const;

private:
  std::vector<simulation::record> records_;
};

} // namespace grape::simulate
