#include "core/cluster/metadata_exchange.hpp"

#include "core/codec/pack.hpp"

#include <utility>

namespace grape::cluster {

namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t fields = 4; // Version, kind, and two of their own.

std::string packed(std::uint64_t kind, std::uint64_t number, std::string_view bytes) {
  codec::packer out;
  out.array(fields);
  out.u64(version);
  out.u64(kind);
  out.u64(number);
  out.bin(bytes);
  return out.take();
}

struct record {
  std::uint64_t kind = 0;
  std::uint64_t number = 0;
  std::string_view bytes;
};

outcome<record> unpacked(std::string_view bytes, std::uint64_t kind_max) {
  codec::unpacker in{bytes};
  in.tuple(fields);
  const auto is = in.u64();
  if (in.ok() && is != version)
    return status{errc::wrong_version, "a question about the control plane has version "
                                           + std::to_string(is) + "; this program speaks 1"};
  record read;
  read.kind = in.u64(kind_max);
  read.number = in.u64();
  read.bytes = in.bin();
  if (auto whole = in.finish(); !whole.ok())
    return whole;
  return read;
}

constexpr std::uint64_t install_kind = 3;
constexpr std::uint64_t installed_kind = 2;

std::string packed_piece(const install_question& of) {
  codec::packer out;
  out.array(3);
  out.bin(of.message);
  out.u64(of.total);
  out.bin(of.piece);
  return out.take();
}

outcome<metadata_question> unpacked_piece(const record& read) {
  codec::unpacker in{read.bytes};
  in.tuple(3);
  install_question piece;
  piece.offset = read.number;
  piece.message = in.bin();
  piece.total = in.u64();
  piece.piece = in.bin();
  if (auto whole = in.finish(); !whole.ok())
    return whole;
  return metadata_question{std::move(piece)};
}

} // namespace

std::string encode(const metadata_question& of) {
  if (const auto* change = std::get_if<change_question>(&of))
    return packed(0, 0, change->command);
  if (const auto* mirror = std::get_if<mirror_question>(&of))
    return packed(1, mirror->have.value, {});
  if (const auto* piece = std::get_if<install_question>(&of))
    return packed(install_kind, piece->offset, packed_piece(*piece));
  return packed(2, std::get<confirm_question>(of).have.value, {});
}

std::string encode(const metadata_reply& of) {
  if (const auto* change = std::get_if<change_reply>(&of))
    return packed(0, change->index.value, change->changed ? "y" : "n");
  if (const auto* installed = std::get_if<install_reply>(&of))
    return packed(installed_kind, installed->have, {});
  const auto& mirror = std::get<mirror_reply>(of);
  return packed(1, mirror.applied.value, mirror.state);
}

outcome<metadata_question> decode_metadata_question(std::string_view bytes) {
  const auto read = unpacked(bytes, install_kind);
  if (!read)
    return read.error();
  if (read->kind == install_kind)
    return unpacked_piece(*read);
  if (read->kind == 2)
    return metadata_question{confirm_question{log_index{read->number}}};
  if (read->kind == 0)
    return metadata_question{change_question{std::string{read->bytes}}};
  return metadata_question{mirror_question{log_index{read->number}}};
}

outcome<metadata_reply> decode_metadata_reply(std::string_view bytes) {
  const auto read = unpacked(bytes, installed_kind);
  if (!read)
    return read.error();
  if (read->kind == installed_kind)
    return metadata_reply{install_reply{read->number}};
  if (read->kind == 1)
    return metadata_reply{mirror_reply{log_index{read->number}, std::string{read->bytes}}};
  if (read->bytes != "y" && read->bytes != "n")
    return status{errc::corrupted, "an answer of the control plane is neither yes nor no"};
  return metadata_reply{change_reply{read->bytes == "y", log_index{read->number}}};
}

} // namespace grape::cluster
