#pragma once

#include "core/request/write.hpp"
#include "net/http/decoding.hpp"

namespace grape::http {

/// `{"points": [...]}` or, column by column, `{"batch": {"ids", "vectors", "payloads"}}`.
write_operation read_upsert(const node& of);

} // namespace grape::http
