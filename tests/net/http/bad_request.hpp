#pragma once

#include "net/http/json_writer.hpp"
#include "tests/net/http/api_under_test.hpp"

#include <span>

namespace grape::http {

/// A request that must be refused before the house hears of it. The text stands in the table
/// exactly as a client reads it.
struct bad_request {
  verb method;
  const char* path;
  const char* query;
  const char* body;
  unsigned status;
  const char* text;
};

inline std::string error_body(const std::string& text) {
  json_writer out;
  out.text(text);
  return R"({"status":{"error":)" + std::move(out).take() + R"(},"time":0.0})";
}

inline void check_all(std::span<const bad_request> rows) {
  for (const auto& row : rows) {
    api_under_test api;

    const auto got = api.ask(row.method, row.path, row.body, row.query);

    CAPTURE(row.path);
    CAPTURE(row.query);
    CAPTURE(row.body);
    CHECK(got.status == row.status);
    CHECK(got.body == error_body(row.text));
    CHECK(got.content_type == "application/json");
    CHECK(api.house.asked.empty());
  }
}

} // namespace grape::http

// String literals join only with literals, so these are no constants.
#define FORMAT "Format error in JSON body: "
#define INVALID "Validation error in JSON body: "
