#include "core/cluster/metadata_store.hpp"

#include <string>

namespace grape::cluster {

namespace {

constexpr std::string_view state_key = "control/state";
constexpr std::string_view applied_key = "control/applied";
constexpr char applied_version = 1;

/// A version byte and eight bytes, big-endian.
std::string applied_bytes(log_index index) {
  std::string out{applied_version};
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(index.value >> shift & 0xff));
  return out;
}

outcome<log_index> read_applied(const std::string& bytes) {
  if (bytes.empty() || bytes[0] != applied_version)
    return status{errc::wrong_version, "the control plane's marker has an unknown version"};
  if (bytes.size() != 9)
    return status{errc::corrupted, "the control plane's marker is cut"};
  log_index index;
  for (std::size_t i = 1; i < bytes.size(); ++i)
    index.value = index.value << 8 | static_cast<unsigned char>(bytes[i]);
  return index;
}

} // namespace

outcome<saved_metadata> load(const storage::store& from) {
  const auto state = from.get(state_key);
  if (!state)
    return state.error();
  const auto applied = from.get(applied_key);
  if (!applied)
    return applied.error();
  if (!*state && !*applied)
    return saved_metadata{};
  if (!*state || !*applied)
    return status{errc::corrupted, "half of the control plane's state is missing"};
  auto restored = metadata::restore(**state);
  if (!restored)
    return std::move(restored).error();
  const auto index = read_applied(**applied);
  if (!index)
    return index.error();
  return saved_metadata{std::move(*restored), *index};
}

status save(storage::store& to, const saved_metadata& what) {
  storage::write_batch batch;
  batch.put(state_key, what.state.encode());
  batch.put(applied_key, applied_bytes(what.applied));
  return to.commit(batch, storage::durability::synced);
}

} // namespace grape::cluster
