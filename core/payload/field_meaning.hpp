#pragma once

#include <functional>
#include <string_view>

namespace grape::payload {

class text_analyzer;

/// What the index of a field changes in the meaning of conditions on it.
struct field_meaning {
  bool uuids = false; ///< Strings that name the same UUID are equal, however they are spelled.
  const text_analyzer* text = nullptr; ///< Makes the words of a text index; null without one.
};

/// The meaning of conditions on the field at a path, in any spelling of it. Empty: no field has an
/// index that changes it.
using field_meanings = std::function<field_meaning(std::string_view field)>;

} // namespace grape::payload
