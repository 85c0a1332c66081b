#include "read_json.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

namespace grape::payload {

namespace {

value tree_of(simdjson::dom::element from) {
  using simdjson::dom::element_type;
  switch (from.type()) {
    case element_type::ARRAY: {
      array elements;
      for (const auto child : simdjson::dom::array(from))
        elements.push_back(tree_of(child));
      return value{std::move(elements)};
    }
    case element_type::OBJECT: {
      object members;
      for (const auto field : simdjson::dom::object(from))
        members.set(std::string(field.key), tree_of(field.value));
      return value{std::move(members)};
    }
    case element_type::INT64: return value{std::int64_t{from}};
    case element_type::UINT64: return value{std::uint64_t{from}};
    case element_type::DOUBLE: return value{double{from}};
    case element_type::STRING: return value{std::string(std::string_view(from))};
    case element_type::BOOL: return value{bool{from}};
    case element_type::NULL_VALUE: break;
  }
  return {};
}

} // namespace

value read_json(std::string_view text) {
  CAPTURE(text);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto fault = parser.parse(text.data(), text.size()).get(root);
  REQUIRE(fault == simdjson::SUCCESS);
  return tree_of(root);
}

object read_object(std::string_view text) {
  auto tree = read_json(text);
  REQUIRE(tree.as_object() != nullptr);
  return *tree.as_object();
}

} // namespace grape::payload
