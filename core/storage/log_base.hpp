#pragma once

#include "core/outcome.hpp"
#include "core/storage/ordered_log.hpp"

#include <string>
#include <string_view>

namespace grape::storage {

/// The payload of a record of kind `base`: u8 whether the entries before it are gone, u32 bytes of
/// the mark, the mark as core/raft/codec.hpp writes it, the name of the staged folder.
struct base_payload {
  log_base base;
  bool restarts = false; ///< The log held no entry like the mark: it begins anew after it.
};

std::string encode_base(const log_base& base, bool restarts);

/// Errors name no file: corrupted, wrong_version.
outcome<base_payload> decode_base(std::string_view bytes);

} // namespace grape::storage
