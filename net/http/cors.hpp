#pragma once

#include "net/http/message.hpp"

#include <optional>
#include <string_view>

/// Pages of other sites, as browsers ask for them (the Fetch standard, 3.2). Any origin may ask
/// anything: what they may do, keys decide, and no cookie stands for one. Pure.
namespace grape::http {

/// The answer to the question whether a page may ask what `wanted_method` says; nothing: `asked` is
/// no such question. 400 where it does not say of which origin the page is.
std::optional<response> preflight_answer(const request& asked);

/// Lets a page of this origin read the answer; no change without an origin.
void allow_origin(std::string_view origin, response& answer);

} // namespace grape::http
