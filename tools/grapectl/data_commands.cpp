#include "tools/grapectl/data_commands.hpp"

#include "tools/grapectl/conversation.hpp"
#include "tools/grapectl/data_tables.hpp"

#include <algorithm>
#include <iostream>

namespace grape::ctl {

namespace {

using payload::value;

const std::string root = "/grape/v1/storage/";

/// `?collection=` and `?timeout=`: a little less than this side waits.
std::string parameters(const surroundings& around, const std::string& collection) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(around.patience).count();
  auto text = "?timeout=" + std::to_string(std::max<long>(1, seconds - seconds / 10));
  if (!collection.empty())
    text += "&collection=" + path_segment(collection);
  return text;
}

/// A report is shown also if it says that not all was done.
exit_code show_report(const surroundings& around, const question& what,
                      std::string (*print)(const value&)) {
  const auto answered = ask(around.node, around.api_key, what, around.patience);
  if (!answered)
    return complain(around, what, exit_code::unreachable, answered.error().detail);
  const auto print_it = [&](const value& tree, const std::string& text) {
    std::cout << (around.as_json ? text + "\n" : print(at(tree, {"result"})));
    return exit_code::ok;
  };
  if (answered->status < 300)
    return use_answer(around, what, *answered, print_it);
  const auto tree = tree_of(answered->body);
  if (tree && !at(*tree, {"result"}).is_null())
    (void)print_it(*tree, answered->body);
  return complain(around, what, exit_code::refused, reason_of(*answered));
}

} // namespace

exit_code tend_data(const surroundings& around, const data_options& wanted,
                    const std::string& verb) {
  const question what{verb == "size" ? "GET" : "POST",
                      root + verb + parameters(around, wanted.collection), ""};
  return show_report(around, what, print_report);
}

exit_code make_checkpoint(const surroundings& around, const data_options& wanted) {
  const auto body = wanted.name.empty() ? std::string{}
                                        : "{\"name\":" + payload::to_json(value{wanted.name}) + "}";
  return show_report(around,
                     {"POST", root + "checkpoints" + parameters(around, wanted.collection), body},
                     print_report);
}

exit_code list_checkpoints(const surroundings& around) {
  return show_report(around, {"GET", root + "checkpoints" + parameters(around, {}), ""},
                     print_checkpoints);
}

exit_code drop_checkpoint(const surroundings& around, const data_options& wanted) {
  return show_report(
      around,
      {"DELETE", root + "checkpoints/" + path_segment(wanted.name) + parameters(around, {}), ""},
      print_report);
}

exit_code back_up(const surroundings& around, const data_options& wanted) {
  const auto of =
      wanted.collection.empty() ? std::string{} : "?collection=" + path_segment(wanted.collection);
  return show(around, {"POST", root + "backup" + of, ""}, [](const value& result) {
    return cell_of(at(result, {"name"}), 255) + ": " + cell_of(at(result, {"size"}))
           + " bytes, sha256 " + cell_of(at(result, {"checksum"})) + "\n";
  });
}

exit_code restore(const surroundings& around, const data_options& wanted) {
  std::string body = wanted.backup ? R"({"backup":)" : R"({"checkpoint":)";
  body += payload::to_json(value{wanted.name});
  if (!wanted.collection.empty())
    body += ",\"collection\":" + payload::to_json(value{wanted.collection});
  if (!wanted.as.empty())
    body += ",\"as\":" + payload::to_json(value{wanted.as});
  return show(around, {"POST", root + "restore", body + "}"}, [](const value& result) {
    std::string told;
    if (const auto* all = at(result, {"collections"}).as_array())
      for (const auto& each : *all)
        told += cell_of(each, 255) + " is restored\n";
    return told;
  });
}

} // namespace grape::ctl
