#include "core/raft/sealed.hpp"

#include "core/codec/crc32c.hpp"

namespace grape::raft::sealed {

namespace {

std::uint32_t seal_of(std::string_view value, std::size_t head_end) noexcept {
  const auto before = codec::crc32c(value.substr(0, 2));
  return codec::crc32c(value.substr(seal_bytes, head_end - seal_bytes), before);
}

} // namespace

status damaged(const char* what) {
  return {errc::corrupted, std::string("raft: ") + what};
}

std::string begin(value_kind what, std::size_t bytes) {
  std::string to;
  to.reserve(seal_bytes + bytes);
  to.push_back(static_cast<char>(version));
  to.push_back(static_cast<char>(what));
  to.append(4, '\0');
  return to;
}

void seal(std::string& value) {
  const auto sum = seal_of(value, value.size());
  std::memcpy(value.data() + 2, &sum, sizeof sum);
}

status check_begin(std::string_view bytes, value_kind what) {
  if (bytes.empty())
    return damaged("no bytes");
  if (static_cast<std::uint8_t>(bytes[0]) != version)
    return {errc::wrong_version,
            "raft: version " + std::to_string(static_cast<std::uint8_t>(bytes[0]))
              + ", this program reads version " + std::to_string(version)};
  if (bytes.size() < seal_bytes || static_cast<value_kind>(bytes[1]) != what)
    return damaged("another kind of value, or a cut one");
  return {};
}

bool is_sealed(std::string_view bytes, std::size_t head_end) noexcept {
  return codec::read_little<std::uint32_t>(bytes.data() + 2) == seal_of(bytes, head_end);
}

status check_whole(std::string_view bytes, value_kind what) {
  if (auto begun = check_begin(bytes, what); !begun.ok())
    return begun;
  return is_sealed(bytes, bytes.size()) ? status{} : damaged("a wrong checksum");
}

} // namespace grape::raft::sealed
