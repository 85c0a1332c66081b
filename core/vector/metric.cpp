#include "core/vector/metric.hpp"

namespace grape {

std::string_view to_string(metric kind) noexcept {
  switch (kind) {
    case metric::cosine: return "Cosine";
    case metric::dot: return "Dot";
    case metric::euclid: return "Euclid";
    case metric::manhattan: return "Manhattan";
  }
  return "unknown";
}

} // namespace grape
