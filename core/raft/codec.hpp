#pragma once

#include "core/outcome.hpp"
#include "core/raft/message.hpp"
#include "core/raft/output.hpp"

#include <string>
#include <string_view>

/// The bytes of what Raft keeps and sends; integers are little-endian.
///
/// Every value: u8 version, u8 what it is, u32 CRC32C of these two and of the head, then the head.
/// Only a message goes on after its head: with the entries that the head counts. An entry: u32
/// CRC32C of all else, u32 payload bytes, u64 index, u64 term, u8 kind, payload.
///
/// Decoders take any bytes, allocate no more than a small multiple of what they are given, and
/// accept only what an encoder writes. Errors: wrong_version, corrupted.
namespace grape::raft {

std::string encode(const entry& of);
std::string encode(const message& of);
std::string encode(const configuration_change& of);
std::string encode(const snapshot_mark& of);
std::string encode(const hard_state& of);

outcome<entry> decode_entry(std::string_view bytes);
outcome<message> decode_message(std::string_view bytes);
outcome<configuration_change> decode_change(std::string_view bytes);
outcome<snapshot_mark> decode_mark(std::string_view bytes);
outcome<hard_state> decode_hard_state(std::string_view bytes);

/// How many bytes encode() makes of a message.
std::size_t encoded_bytes(const message& of) noexcept;

} // namespace grape::raft
