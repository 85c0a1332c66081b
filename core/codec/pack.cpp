#include "core/codec/pack.hpp"

#include <msgpack/pack.hpp>

#include <bit>
#include <limits>
#include <utility>

namespace grape::codec {

namespace {

/// What msgpack-c writes into.
struct sink {
  std::string& bytes;

  void write(const char* from, std::size_t count) { bytes.append(from, count); }
};

/// MessagePack counts in 32 bits; a longer thing is a fault of ours, refused long before.
std::uint32_t counted(std::size_t count) {
  GRAPE_CHECK(count <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(count);
}

template <class Write>
void write_to(std::string& bytes, const Write& write) {
  sink to{bytes};
  msgpack::packer<sink> native{to};
  write(native);
}

/// By hand, as msgpack-c turns whole floats into integers, and 5.0 must stay 5.0.
template <class Raw>
void append_floating(std::string& bytes, char lead, Raw raw) {
  char out[1 + sizeof(Raw)] = {lead};
  for (auto i = sizeof(Raw); i > 0; --i, raw >>= 8)
    out[i] = static_cast<char>(raw & 0xff);
  bytes.append(out, sizeof out);
}

using kind = unpacker::kind;

kind kind_of(unsigned char lead) noexcept {
  if (lead <= 0x7f)
    return kind::unsigned_integer;
  if (lead <= 0x8f)
    return kind::map;
  if (lead <= 0x9f)
    return kind::array;
  if (lead <= 0xbf)
    return kind::str;
  if (lead >= 0xe0)
    return kind::signed_integer;
  constexpr kind by_lead[] = {
    kind::nil, kind::unknown, kind::boolean, kind::boolean, kind::bin, kind::bin, kind::bin,
    kind::unknown, kind::unknown, kind::unknown, kind::f32, kind::f64, kind::unsigned_integer,
    kind::unsigned_integer, kind::unsigned_integer, kind::unsigned_integer, kind::signed_integer,
    kind::signed_integer, kind::signed_integer, kind::signed_integer, kind::unknown,
    kind::unknown, kind::unknown, kind::unknown, kind::unknown, kind::str, kind::str, kind::str,
    kind::array, kind::array, kind::map, kind::map};
  return by_lead[lead - 0xc0];
}

/// Sign-extends the low `bytes` bytes.
std::int64_t widened(std::uint64_t raw, std::size_t bytes) noexcept {
  const auto shift = 64 - 8 * bytes;
  return static_cast<std::int64_t>(raw << shift) >> shift;
}

} // namespace

void packer::array(std::size_t count) {
  write_to(bytes_, [&](auto& to) { to.pack_array(counted(count)); });
}

void packer::map(std::size_t count) {
  write_to(bytes_, [&](auto& to) { to.pack_map(counted(count)); });
}

void packer::nil() {
  write_to(bytes_, [](auto& to) { to.pack_nil(); });
}

void packer::boolean(bool value) {
  write_to(bytes_, [&](auto& to) { value ? to.pack_true() : to.pack_false(); });
}

void packer::u64(std::uint64_t value) {
  write_to(bytes_, [&](auto& to) { to.pack_uint64(value); });
}

void packer::i64(std::int64_t value) {
  write_to(bytes_, [&](auto& to) { to.pack_int64(value); });
}

void packer::f32(float value) {
  append_floating(bytes_, '\xca', std::bit_cast<std::uint32_t>(value));
}

void packer::f64(double value) {
  append_floating(bytes_, '\xcb', std::bit_cast<std::uint64_t>(value));
}

void packer::str(std::string_view text) {
  write_to(bytes_, [&](auto& to) {
    to.pack_str(counted(text.size()));
    to.pack_str_body(text.data(), counted(text.size()));
  });
}

void packer::bin(std::string_view bytes) {
  write_to(bytes_, [&](auto& to) {
    to.pack_bin(counted(bytes.size()));
    to.pack_bin_body(bytes.data(), counted(bytes.size()));
  });
}

std::string packer::take() noexcept {
  return std::exchange(bytes_, {});
}

unpacker::kind unpacker::peek() const noexcept {
  if (!ok() || at_ == input_.size())
    return kind::end;
  return kind_of(static_cast<unsigned char>(input_[at_]));
}

unsigned char unpacker::take_byte() noexcept {
  return static_cast<unsigned char>(take_big_endian(1));
}

std::uint64_t unpacker::take_big_endian(std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (const auto byte : take_bytes(bytes))
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::string_view unpacker::take_bytes(std::uint64_t count) noexcept {
  if (!ok())
    return {};
  if (count > input_.size() - at_) {
    fail("ends too early");
    return {};
  }
  const auto taken = input_.substr(at_, static_cast<std::size_t>(count));
  at_ += taken.size();
  return taken;
}

std::size_t unpacker::array() noexcept {
  if (peek() != kind::array) {
    fail("expected an array");
    return 0;
  }
  const auto lead = take_byte();
  const auto count = lead <= 0x9f ? lead & 0x0fu : take_big_endian(lead == 0xdc ? 2 : 4);
  if (count > input_.size() - at_) {
    fail("array longer than what follows");
    return 0;
  }
  return static_cast<std::size_t>(count);
}

std::size_t unpacker::map() noexcept {
  if (peek() != kind::map) {
    fail("expected a map");
    return 0;
  }
  const auto lead = take_byte();
  const auto count = lead <= 0x8f ? lead & 0x0fu : take_big_endian(lead == 0xde ? 2 : 4);
  if (count > (input_.size() - at_) / 2) {
    fail("map longer than what follows");
    return 0;
  }
  return static_cast<std::size_t>(count);
}

void unpacker::tuple(std::size_t count) noexcept {
  if (array() != count)
    fail("record of another length");
}

void unpacker::nil() noexcept {
  if (peek() != kind::nil)
    return fail("expected nil");
  take_byte();
}

bool unpacker::boolean() noexcept {
  if (peek() != kind::boolean) {
    fail("expected a boolean");
    return false;
  }
  return take_byte() == 0xc3;
}

std::uint64_t unpacker::u64() noexcept {
  if (peek() == kind::signed_integer) {
    const auto value = i64();
    if (value < 0)
      fail("expected an unsigned integer");
    return ok() ? static_cast<std::uint64_t>(value) : 0;
  }
  if (peek() != kind::unsigned_integer) {
    fail("expected an unsigned integer");
    return 0;
  }
  const auto lead = take_byte();
  return lead <= 0x7f ? lead : take_big_endian(std::size_t{1} << (lead - 0xcc));
}

std::uint64_t unpacker::u64(std::uint64_t most) noexcept {
  const auto value = u64();
  if (value <= most)
    return value;
  fail("integer out of range");
  return 0;
}

std::int64_t unpacker::i64() noexcept {
  if (peek() == kind::unsigned_integer)
    return static_cast<std::int64_t>(u64(std::numeric_limits<std::int64_t>::max()));
  if (peek() != kind::signed_integer) {
    fail("expected an integer");
    return 0;
  }
  const auto lead = take_byte();
  if (lead >= 0xe0)
    return widened(lead, 1);
  const auto bytes = std::size_t{1} << (lead - 0xd0);
  return widened(take_big_endian(bytes), bytes);
}

float unpacker::f32() noexcept {
  if (peek() != kind::f32) {
    fail("expected a float");
    return 0;
  }
  take_byte();
  return std::bit_cast<float>(static_cast<std::uint32_t>(take_big_endian(4)));
}

double unpacker::f64() noexcept {
  if (peek() != kind::f64) {
    fail("expected a double");
    return 0;
  }
  take_byte();
  return std::bit_cast<double>(take_big_endian(8));
}

std::string_view unpacker::str() noexcept {
  if (peek() != kind::str) {
    fail("expected a string");
    return {};
  }
  const auto lead = take_byte();
  return take_bytes(lead <= 0xbf ? lead & 0x1fu
                                 : take_big_endian(std::size_t{1} << (lead - 0xd9)));
}

std::string_view unpacker::bin() noexcept {
  if (peek() != kind::bin) {
    fail("expected bytes");
    return {};
  }
  const auto lead = take_byte();
  return take_bytes(take_big_endian(std::size_t{1} << (lead - 0xc4)));
}

bool unpacker::enter() noexcept {
  if (++depth_ > depth_max)
    fail("nested too deeply");
  return ok();
}

void unpacker::leave() noexcept {
  --depth_;
}

void unpacker::fail(const char* why) noexcept {
  if (ok())
    why_ = why;
}

status unpacker::finish() const {
  if (ok() && at_ == input_.size())
    return {};
  return {errc::corrupted, "record: " + std::string(ok() ? "bytes left over" : why_) + " at byte "
                             + std::to_string(at_)};
}

} // namespace grape::codec
