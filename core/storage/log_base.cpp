#include "core/storage/log_base.hpp"

#include "core/codec/little_endian.hpp"
#include "core/raft/codec.hpp"

namespace grape::storage {

namespace {

constexpr std::size_t head_bytes = 5;

} // namespace

std::string encode_base(const log_base& base, bool restarts) {
  const auto mark = raft::encode(base.mark);
  std::string to(1, restarts ? '\1' : '\0');
  codec::append_little(to, static_cast<std::uint32_t>(mark.size()));
  return to + mark + base.staged;
}

outcome<base_payload> decode_base(std::string_view bytes) {
  if (bytes.size() < head_bytes)
    return status{errc::corrupted, "a cut base of a group"};
  const std::size_t mark_bytes = codec::read_little<std::uint32_t>(bytes.data() + 1);
  if (mark_bytes > bytes.size() - head_bytes)
    return status{errc::corrupted, "a cut base of a group"};
  auto mark = raft::decode_mark(bytes.substr(head_bytes, mark_bytes));
  if (!mark)
    return mark.error();
  return base_payload{{std::move(*mark), std::string(bytes.substr(head_bytes + mark_bytes))},
                      bytes[0] != 0};
}

} // namespace grape::storage
