#pragma once

#include "core/codec/pack.hpp"
#include "core/ids.hpp"

#include <limits>

/// Tagged integers as MessagePack: the number alone.
namespace grape::codec {

template <class Tag, class Rep>
void pack_id(packer& out, id<Tag, Rep> from) {
  out.u64(from.value);
}

/// Fails `in` at a number that the id cannot hold.
template <class Tag, class Rep>
void unpack_id(unpacker& in, id<Tag, Rep>& to) {
  to = id<Tag, Rep>{static_cast<Rep>(in.u64(std::numeric_limits<Rep>::max()))};
}

} // namespace grape::codec
