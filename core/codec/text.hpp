#pragma once

#include <string_view>

namespace grape::codec {

/// True if `text` is well-formed UTF-8 (RFC 3629: nothing overlong, no surrogates).
bool is_utf8(std::string_view text) noexcept;

/// True if each text in these MessagePack records is. Takes any bytes: what cannot be read is no
/// text.
bool has_only_utf8(std::string_view records) noexcept;

} // namespace grape::codec
