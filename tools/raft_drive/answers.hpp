#pragma once

#include "tools/raft_drive/context_words.hpp"
#include "tools/raft_drive/node.hpp"

#include "core/raft/configuration.hpp"
#include "core/raft/message.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The answers of raft_drive as lines of JSON.
namespace grape::raft_drive::answers {

std::string ok();
std::string error(std::string_view what);
std::string proposed(const raft::proposal& became);

std::string state(node& of, const context_words& contexts);
std::string log(const raft::peer& of);
std::string wire(const std::vector<raft::message>& messages, const context_words& contexts);
std::string members(const raft::configuration& of); ///< Four lists.

} // namespace grape::raft_drive::answers
