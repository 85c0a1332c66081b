#pragma once

#include "core/payload/value.hpp"
#include "tools/grapectl/commands.hpp"

#include <functional>
#include <optional>
#include <string>

namespace grape::ctl {

/// JSON text as a tree; nothing if it is none.
std::optional<payload::value> tree_of(std::string text);

/// Says on stderr what went wrong with a question, and returns `code`.
exit_code complain(const surroundings& around, const question& what, exit_code code,
                   const std::string& why);

/// What a refusal says; a body that is no envelope is shown as it is.
std::string reason_of(const answer& refusal);

/// Deals with what can be wrong with an answer, and gives `use` the whole tree of a good one.
exit_code
use_answer(const surroundings& around, const question& what, const answer& answered,
           const std::function<exit_code(const payload::value&, const std::string& text)>& use);

/// Asks, deals with all that can go wrong, and gives `use` the whole tree of a good answer.
exit_code
converse(const surroundings& around, const question& what,
         const std::function<exit_code(const payload::value&, const std::string& text)>& use);

/// Asks, and prints the `result` of the answer, or the answer as it is.
exit_code show(const surroundings& around, const question& what,
               const std::function<std::string(const payload::value&)>& print);

} // namespace grape::ctl
