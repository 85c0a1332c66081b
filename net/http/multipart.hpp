#pragma once

#include "core/outcome.hpp"

#include <string_view>

namespace grape::http {

/// The content of the part called `name` of a multipart/form-data body (RFC 7578), a view into
/// `body`. `content_type` is the header's value, with the boundary. Errors: malformed, in words
/// for the client.
outcome<std::string_view> multipart_field(std::string_view body, std::string_view content_type,
                                          std::string_view name);

} // namespace grape::http
