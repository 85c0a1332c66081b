#pragma once

// CAF's templates cost seconds to parse; every unit of this folder needs them.
#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>
