#include "core/cluster/ring.hpp"

#include "core/codec/sha256.hpp"

#include <algorithm>

namespace grape::cluster {

std::uint64_t sha256_head(std::string_view bytes) {
  const auto digest = codec::sha256(bytes);
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i)
    head = head << 8 | digest[i];
  return head;
}

void ring::add(std::string name, std::uint32_t weight) {
  const auto member = static_cast<std::uint32_t>(names_.size());
  for (std::uint32_t i = 0; i < virtual_nodes_ * weight; ++i)
    places_.emplace_back(sha256_head(name + "#" + std::to_string(i)), member);
  std::sort(places_.begin(), places_.end());
  names_.push_back(std::move(name));
}

std::vector<std::string_view> ring::walk(std::string_view key) const {
  std::vector<std::string_view> order;
  std::vector<bool> met(names_.size());
  const auto position = sha256_head(key);
  const auto start = std::lower_bound(places_.begin(), places_.end(),
                                      std::pair<std::uint64_t, std::uint32_t>{position, 0});
  for (std::size_t i = 0; i < places_.size() && order.size() < names_.size(); ++i) {
    const auto from = static_cast<std::size_t>(start - places_.begin());
    const auto member = places_[(from + i) % places_.size()].second;
    if (!met[member]) {
      met[member] = true;
      order.push_back(names_[member]);
    }
  }
  return order;
}

} // namespace grape::cluster
