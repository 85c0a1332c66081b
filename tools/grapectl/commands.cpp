#include "tools/grapectl/commands.hpp"

#include "tools/grapectl/conversation.hpp"
#include "tools/grapectl/tables.hpp"

#include <iostream>

namespace grape::ctl {

namespace {

using payload::value;

std::string collection_path(const std::string& name) {
  return "/collections/" + path_segment(name);
}

// A point id as JSON: digits are a number, the rest is a UUID.
std::string id_json(const std::string& id) {
  const bool digits = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  return digits ? id : payload::to_json(value{id});
}

std::string vector_json(const std::string& text) {
  return text.starts_with('[') ? text : "[" + text + "]";
}

} // namespace

exit_code show_status(const surroundings& around) {
  return show(around, {"GET", "/grape/v1/status", ""}, print_status);
}

exit_code show_actors(const surroundings& around) {
  return show(around, {"GET", "/grape/v1/actors", ""}, print_actors);
}

exit_code list_collections(const surroundings& around) {
  const question all{"GET", "/collections", ""};
  if (around.as_json)
    return show(around, all, {});
  return converse(around, all, [&around](const value& tree, const std::string&) {
    std::vector<row> rows{{"COLLECTION", "STATUS", "POINTS", "INDEXED", "SEGMENTS"}};
    auto code = exit_code::ok;
    if (const auto* names = at(tree, {"result", "collections"}).as_array())
      for (const auto& each : *names) {
        const auto name = cell_of(at(each, {"name"}), 255);
        const question one{"GET", collection_path(name), ""};
        const auto asked = converse(around, one, [&](const value& about, const std::string&) {
          rows.push_back({name, cell_of(at(about, {"result", "status"})),
                          cell_of(at(about, {"result", "points_count"})),
                          cell_of(at(about, {"result", "indexed_vectors_count"})),
                          cell_of(at(about, {"result", "segments_count"}))});
          return exit_code::ok;
        });
        if (asked != exit_code::ok)
          code = asked;
      }
    std::cout << table_of(rows);
    return code;
  });
}

exit_code describe(const surroundings& around, const std::string& collection) {
  return show(around, {"GET", collection_path(collection), ""},
              [&collection](const value& result) { return print_collection(collection, result); });
}

exit_code get_point(const surroundings& around, const std::string& collection,
                    const std::string& id) {
  return show(around, {"GET", collection_path(collection) + "/points/" + path_segment(id), ""},
              print_point);
}

exit_code search(const surroundings& around, const search_options& wanted) {
  std::string body = "{\"query\":";
  body += wanted.id.empty() ? vector_json(wanted.vector) : id_json(wanted.id);
  body += ",\"limit\":" + std::to_string(wanted.limit) + ",\"with_payload\":true";
  if (!wanted.using_vector.empty())
    body += ",\"using\":" + payload::to_json(value{wanted.using_vector});
  if (!wanted.filter.empty())
    body += ",\"filter\":" + wanted.filter;
  body += "}";
  return show(around, {"POST", collection_path(wanted.collection) + "/points/query", body},
              print_hits);
}

} // namespace grape::ctl
