#pragma once

#include "core/codec/pack.hpp"

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// How the parts that records share are packed: scalars, optionals, lists, maps and unions.
namespace grape::codec {

inline void pack(packer& out, bool from) {
  out.boolean(from);
}

inline void unpack(unpacker& in, bool& to) {
  to = in.boolean();
}

inline void pack(packer& out, std::int64_t from) {
  out.i64(from);
}

inline void unpack(unpacker& in, std::int64_t& to) {
  to = in.i64();
}

inline void pack(packer& out, std::uint64_t from) {
  out.u64(from);
}

inline void unpack(unpacker& in, std::uint64_t& to) {
  to = in.u64();
}

inline void pack(packer& out, std::uint32_t from) {
  out.u64(from);
}

inline void unpack(unpacker& in, std::uint32_t& to) {
  to = static_cast<std::uint32_t>(in.u64(0xffff'ffff));
}

inline void pack(packer& out, double from) {
  out.f64(from);
}

inline void unpack(unpacker& in, double& to) {
  to = in.f64();
}

inline void pack(packer& out, const std::string& from) {
  out.str(from);
}

inline void unpack(unpacker& in, std::string& to) {
  to = in.str();
}

/// Enumerations travel as their number, which therefore never changes. `last` is the greatest.
template <class Enum>
void unpack_enum(unpacker& in, Enum& to, Enum last) {
  to = static_cast<Enum>(in.u64(static_cast<std::uint64_t>(last)));
}

template <class Enum>
void pack_enum(packer& out, Enum from) {
  out.u64(static_cast<std::uint64_t>(from));
}

/// A list of none or one, so that "absent" and "present, but nil" stay apart.
template <class T>
void pack(packer& out, const std::optional<T>& from) {
  out.array(from ? 1 : 0);
  if (from)
    pack(out, *from);
}

template <class T>
void unpack(unpacker& in, std::optional<T>& to) {
  to.reset();
  const auto count = in.array();
  if (count > 1)
    in.fail("more than one value where one is optional");
  else if (count == 1)
    unpack(in, to.emplace());
}

template <class T>
void pack(packer& out, const std::vector<T>& from) {
  out.array(from.size());
  for (const auto& each : from)
    pack(out, each);
}

template <class T>
void unpack(unpacker& in, std::vector<T>& to) {
  to.clear();
  for (auto left = in.array(); left > 0 && in.ok(); --left)
    unpack(in, to.emplace_back());
}

template <class T>
void pack(packer& out, const std::map<std::string, T>& from) {
  out.map(from.size());
  for (const auto& [key, value] : from) {
    out.str(key);
    pack(out, value);
  }
}

template <class T>
void unpack(unpacker& in, std::map<std::string, T>& to) {
  to.clear();
  for (auto left = in.map(); left > 0 && in.ok(); --left) {
    const auto key = in.str();
    if (!to.empty() && key <= to.rbegin()->first)
      in.fail("keys out of order");
    unpack(in, to.emplace_hint(to.end(), std::string(key), T{})->second);
  }
}

/// [number of the alternative, content]
template <class... Ts>
void pack_union(packer& out, const std::variant<Ts...>& from) {
  out.array(2);
  out.u64(from.index());
  std::visit([&](const auto& content) { pack(out, content); }, from);
}

template <class... Ts>
void unpack_union(unpacker& in, std::variant<Ts...>& to) {
  in.tuple(2);
  const auto wanted = in.u64(sizeof...(Ts) - 1);
  std::size_t number = 0;
  // Visits the alternatives in order; exactly one has the wanted number.
  (void)((number++ == wanted && (unpack(in, to.template emplace<Ts>()), true)) || ...);
}

} // namespace grape::codec
