#include "tools/grapectl/conversation.hpp"

#include "net/http/json.hpp"
#include "tools/grapectl/tables.hpp"

#include <iostream>

namespace grape::ctl {

using payload::value;

exit_code complain(const surroundings& around, const question& what, exit_code code,
                   const std::string& why) {
  std::cerr << "grapectl: " << what.method << " " << around.node.url() << what.target << ": " << why
            << "\n";
  return code;
}

std::optional<value> tree_of(std::string text) {
  const auto read = http::json::document::parse(text);
  if (!read)
    return {};
  return read->root().tree();
}

std::string reason_of(const answer& refusal) {
  auto text = refusal.body;
  if (const auto tree = tree_of(refusal.body))
    if (const auto* error = at(*tree, {"status", "error"}).as_string())
      text = *error;
  return std::to_string(refusal.status) + (text.empty() ? "" : " " + text);
}

exit_code converse(const surroundings& around, const question& what,
                   const std::function<exit_code(const value&, const std::string& text)>& use) {
  const auto answered = ask(around.node, around.api_key, what, around.patience);
  if (!answered)
    return complain(around, what,
                    answered.error().code == errc::malformed ? exit_code::not_understood
                                                             : exit_code::unreachable,
                    answered.error().detail);
  return use_answer(around, what, *answered, use);
}

exit_code use_answer(const surroundings& around, const question& what, const answer& answered,
                     const std::function<exit_code(const value&, const std::string& text)>& use) {
  if (answered.status >= 300)
    return complain(around, what, exit_code::refused, reason_of(answered));
  const auto tree = tree_of(answered.body);
  if (!tree || at(*tree, {"result"}).is_null())
    return complain(around, what, exit_code::not_understood, "not an answer of a Grape node");
  return use(*tree, answered.body);
}

exit_code show(const surroundings& around, const question& what,
               const std::function<std::string(const value&)>& print) {
  return converse(around, what, [&](const value& tree, const std::string& text) {
    std::cout << (around.as_json ? text + "\n" : print(at(tree, {"result"})));
    return exit_code::ok;
  });
}

} // namespace grape::ctl
