#include "core/cluster/slot_table.hpp"

#include "core/check.hpp"
#include "core/cluster/ring.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace grape::cluster {

namespace {

/// The canonical bytes of an id: what is hashed must never change.
std::string canonical_bytes(const point_id& id) {
  std::string bytes;
  if (id.is_number()) {
    bytes.push_back('\0');
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(id.number() >> shift & 0xff));
  } else {
    bytes.push_back('\1');
    bytes.append(reinterpret_cast<const char*>(id.name().bytes.data()), id.name().bytes.size());
  }
  return bytes;
}

std::uint32_t shard_named(std::string_view name) {
  std::uint32_t shard = 0;
  std::from_chars(name.data(), name.data() + name.size(), shard);
  return shard;
}

} // namespace

hash_slot slot_of(const point_id& id) {
  return hash_slot{static_cast<std::uint32_t>(sha256_head(canonical_bytes(id)) % hash_slots)};
}

slot_table::slot_table(epoch version, std::vector<shard_id> owners)
  : version_(version)
  , owners_(std::make_shared<const std::vector<shard_id>>(std::move(owners))) {
  GRAPE_CHECK(owners_->size() == hash_slots);
}

const std::vector<shard_id>& slot_table::owners() const noexcept {
  static const std::vector<shard_id> none;
  return owners_ ? *owners_ : none;
}

shard_id slot_table::shard_of(const point_id& id) const {
  GRAPE_CHECK(owners_ != nullptr);
  return (*owners_)[slot_of(id).value];
}

slot_table whole_table(epoch version) {
  static const slot_table first{epoch{1}, std::vector<shard_id>(hash_slots)};
  auto table = first;
  table.version_ = version;
  return table;
}

slot_table propose_slots(std::uint32_t shards) {
  GRAPE_CHECK(shards >= 1);
  if (shards == 1)
    return whole_table(epoch{1});
  constexpr std::uint32_t virtual_nodes = 64;
  ring proposal{virtual_nodes};
  for (std::uint32_t shard = 0; shard < shards; ++shard)
    proposal.add(std::to_string(shard));
  const auto fair_share = (hash_slots + shards - 1) / shards;
  std::vector<std::uint32_t> load(shards);
  std::vector<shard_id> owners;
  owners.reserve(hash_slots);
  for (std::uint32_t slot = 0; slot < hash_slots; ++slot) {
    const auto order = proposal.walk("slot " + std::to_string(slot));
    // Consistent hashing with bounded loads (Mirrokni et al., 2018): go on to the next that has
    // room. Some shard always has, because the shares add up to at least all slots.
    const auto chosen = std::find_if(order.begin(), order.end(), [&](std::string_view name) {
      return load[shard_named(name)] < fair_share;
    });
    GRAPE_CHECK(chosen != order.end());
    const auto shard = shard_named(*chosen);
    ++load[shard];
    owners.emplace_back(shard);
  }
  return {epoch{1}, std::move(owners)};
}

} // namespace grape::cluster
