#pragma once

#include "core/codec/pack.hpp"

#include <string>
#include <string_view>

namespace grape::codec {

/// A version byte, then the value.
template <class T>
std::string packed_as(char version, const T& value) {
  packer out;
  pack(out, value);
  return out.take().insert(0, 1, version);
}

/// The reverse of `packed_as`. `what` it is, for the text of the error. Errors: corrupted,
/// wrong_version.
template <class T>
outcome<T> unpacked_as(char version, std::string_view bytes, std::string_view what) {
  if (bytes.empty())
    return status{errc::corrupted, std::string{what} + " is empty"};
  if (bytes.front() != version)
    return status{errc::wrong_version,
                  std::string{what} + " has version "
                      + std::to_string(static_cast<int>(static_cast<unsigned char>(bytes.front())))
                      + "; this program speaks " + std::to_string(static_cast<int>(version))};
  auto value = unpacked<T>(bytes.substr(1));
  if (!value)
    return status{value.error().code, std::string{what} + ": " + value.error().detail};
  return value;
}

} // namespace grape::codec
