#include "net/http/refusal.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::http;

TEST_SUITE("net.http.refusal") {
  TEST_CASE("every code has its status and its opening words") {
    struct row {
      errc code;
      unsigned status;
      const char* text;
    };
    const row rows[] = {
      {errc::wrong_input, 400, "Wrong input: why"},
      {errc::bad_request, 400, "Bad request: why"},
      {errc::malformed, 400, "why"},
      {errc::invalid, 422, "why"},
      {errc::not_found, 404, "Not found: why"},
      {errc::already_exists, 409, "Wrong input: why"},
      {errc::timed_out, 408, "Timeout: why"},
      {errc::too_large, 400, "Bad request: why"},
      {errc::no_space, 507, "Insufficient storage: why"},
      {errc::commit_unknown, 500, "Service internal error: why"},
      {errc::corrupted, 500, "Service internal error: why"},
      {errc::io_error, 500, "Service internal error: why"},
      {errc::internal, 500, "Service internal error: why"},
    };

    for (const auto& [code, status, text] : rows) {
      CAPTURE(to_string(code));
      const auto got = refusal({code, "why"}, 0.25);
      CHECK(got.status == status);
      CHECK(got.content_type == "application/json");
      CHECK(got.body == R"({"status":{"error":")" + std::string(text) + R"("},"time":0.25})");
      CHECK_FALSE(got.retry_after_s.has_value());
    }
  }

  TEST_CASE("a busy or absent server says when to come back, and that nothing was applied") {
    for (const auto code : {errc::overloaded, errc::unavailable, errc::stale_route, errc::closed}) {
      CAPTURE(to_string(code));
      const auto got = refusal({code, "why"}, 0);
      CHECK(got.status == 503);
      CHECK(got.retry_after_s == 1u);
      CHECK(got.body.ends_with(R"("time":0.0,"grape":{"applied":false}})"));
    }
  }

  TEST_CASE("who has no key reads plain text, who may not do this a refusal like others") {
    const auto stranger = refusal({errc::unauthenticated, "Must provide a key"}, 0);
    const auto guest = refusal({errc::forbidden, "reads only"}, 0);

    CHECK(stranger.status == 401);
    CHECK(stranger.body == "Must provide a key");
    CHECK(guest.status == 403);
    CHECK(guest.body == R"({"status":{"error":"Forbidden: reads only"},"time":0.0})");
    CHECK(stranger.content_type == "text/plain; charset=utf-8");
  }
}
