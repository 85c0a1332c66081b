#pragma once

#include "core/outcome.hpp"
#include "core/shard/question.hpp"

#include <string>
#include <string_view>

/// What a shard is asked and what it answers as bytes, for shards on other nodes: a version byte,
/// then MessagePack. `decode_x(encode(x)) == x` for all floats but NaN, which stay as they are.
/// There is no checksum: the frames of a link have one. Alternatives have the number of their
/// place in the variant: append, never renumber.
namespace grape::shard {

std::string encode(const question& of);
std::string encode(const answer& of);

/// Take any bytes. Errors: corrupted, wrong_version.
outcome<question> decode_question(std::string_view bytes);
outcome<answer> decode_answer(std::string_view bytes);

} // namespace grape::shard
