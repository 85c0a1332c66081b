#include "core/cluster/metadata_store.hpp"

#include "core/codec/frame.hpp"
#include "core/codec/pack.hpp"

#include <string>
#include <utility>

namespace grape::cluster {

namespace {

constexpr std::string_view state_key = "control/state";
constexpr std::string_view applied_key = "control/applied";
constexpr std::string_view log_of_key = "control/log_of";
constexpr std::string_view staged_key = "control/staged";
constexpr std::size_t staged_bytes_max = std::size_t{1} << 30;
constexpr char applied_version = 1;

/// A version byte and eight bytes, big-endian.
std::string number_bytes(std::uint64_t number) {
  std::string out{applied_version};
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(number >> shift & 0xff));
  return out;
}

outcome<std::uint64_t> read_number(const std::string& bytes) {
  if (bytes.empty() || bytes[0] != applied_version)
    return status{errc::wrong_version, "the control plane's marker has an unknown version"};
  if (bytes.size() != 9)
    return status{errc::corrupted, "the control plane's marker is cut"};
  std::uint64_t number = 0;
  for (std::size_t i = 1; i < bytes.size(); ++i)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
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
  const auto index = read_number(**applied);
  if (!index)
    return index.error();
  saved_metadata saved{std::move(*restored), log_index{*index}};
  const auto log_of = from.get(log_of_key);
  if (!log_of)
    return log_of.error();
  if (*log_of) {
    const auto which = read_number(**log_of);
    if (!which)
      return which.error();
    saved.log_of = replica_id{static_cast<decltype(replica_id::value)>(*which)};
  }
  return saved;
}

namespace {

void put(storage::write_batch& into, const saved_metadata& what) {
  into.put(state_key, what.state.encode());
  into.put(applied_key, number_bytes(what.applied.value));
  if (what.log_of == replica_id{})
    into.erase(log_of_key);
  else
    into.put(log_of_key, number_bytes(what.log_of.value));
}

} // namespace

status save(storage::store& to, const saved_metadata& what) {
  storage::write_batch batch;
  put(batch, what);
  return to.commit(batch, storage::durability::synced);
}

outcome<std::optional<staged_metadata>> load_staged(const storage::store& from) {
  const auto bytes = from.get(staged_key);
  if (!bytes)
    return bytes.error();
  if (!*bytes)
    return std::optional<staged_metadata>{};
  const auto body = codec::decode_frame(**bytes, staged_bytes_max);
  if (!body)
    return body.error();
  codec::unpacker in{*body};
  in.tuple(3);
  staged_metadata staged;
  staged.name = in.str();
  staged.what.applied = log_index{in.u64()};
  const auto state = in.bin();
  if (auto read = in.finish(); !read.ok())
    return read;
  auto restored = metadata::restore(state);
  if (!restored)
    return std::move(restored).error();
  staged.what.state = std::move(*restored);
  return std::optional{std::move(staged)};
}

status stage(storage::store& to, const staged_metadata& what) {
  codec::packer out;
  out.array(3);
  out.str(what.name);
  out.u64(what.what.applied.value);
  out.bin(what.what.state.encode());
  storage::write_batch batch;
  batch.put(staged_key, codec::encode_frame(out.take(), codec::compression::none));
  return to.commit(batch, storage::durability::synced);
}

status save_settled(storage::store& to, const saved_metadata& what) {
  storage::write_batch batch;
  put(batch, what);
  batch.erase(staged_key);
  return to.commit(batch, storage::durability::synced);
}

bool may_be_shown(log_index now, std::optional<log_index> shown) noexcept {
  return !shown || now >= *shown;
}

} // namespace grape::cluster
