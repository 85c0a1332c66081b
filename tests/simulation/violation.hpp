#pragma once

#include <stdexcept>
#include <string>

namespace grape::simulation {

/// A broken law. Ends the run that it was found in.
struct violation : std::runtime_error {
  violation(const std::string& law_name, const std::string& detail)
    : std::runtime_error(law_name + ": " + detail)
    , law(law_name) {}

  std::string law;
};

} // namespace grape::simulation
