#include "core/request/shard_key.hpp"

namespace grape {

std::string text_of(const shard_key& key) {
  if (const auto* number = std::get_if<std::uint64_t>(&key))
    return std::to_string(*number);
  return '"' + std::get<std::string>(key) + '"';
}

} // namespace grape
