#pragma once

#include "core/outcome.hpp"
#include "core/request/cluster.hpp"
#include "net/http/json_writer.hpp"

#include <string>
#include <string_view>

/// POST /grape/v1/cluster/join, both sides of it.
namespace grape::http {

inline constexpr std::string_view join_path = "/grape/v1/cluster/join";

/// The body of the question.
std::string write_join_request(const join_request& of);

/// Errors: malformed, invalid (complete texts).
outcome<join_request> decode_join_request(std::string& body);

/// The result of the answer.
void write_join_reply(json_writer& out, const join_reply& of);

/// Of a whole answer with its envelope. Errors: malformed.
outcome<join_reply> read_join_reply(std::string body);

/// What a refusal says, as its envelope or as it is.
std::string read_refusal(std::string body);

} // namespace grape::http
