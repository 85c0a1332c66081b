#pragma once

#include "core/payload/path.hpp"
#include "core/payload/value.hpp"
#include "core/request/options.hpp"

#include <vector>

namespace grape::payload {

/// A payload selector made ready to be applied to many payloads. Thread-safe once made.
class selection {
public:
  /// Errors: malformed if a path does not parse.
  static outcome<selection> make(const payload_selector& wanted);

  /// False: nobody asked for a payload, and none needs to be read.
  bool wants_payload() const noexcept { return mode_ != payload_selector::mode::none; }

  /// The parts of `from` that were asked for. Include keeps what lies at, above or below a named
  /// path; exclude drops what lies at or below one. Elements of arrays are named by `[]` only.
  object apply(const object& from) const;

private:
  payload_selector::mode mode_ = payload_selector::mode::none;
  std::vector<path> paths_;
};

} // namespace grape::payload
