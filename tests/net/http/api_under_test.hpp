#pragma once

#include "net/http/api.hpp"
#include "tests/net/http/fake_gateway.hpp"

#include <doctest/doctest.h>

namespace grape::http {

/// The API over such a house, with a clock that always shows the same second.
struct api_under_test {
  fake_gateway house;
  api served{house, api_options{.now_s = [] { return 5.0; }, .observe = {}}};

  response ask(verb method, std::string path, std::string body = {}, std::string query = {}) {
    std::optional<response> got;
    served.handle({method, std::move(path), std::move(query), {}, std::move(body)},
                  [&](response answer) {
                    REQUIRE_FALSE(got.has_value());
                    got = std::move(answer);
                  });
    REQUIRE(got.has_value());
    return *std::move(got);
  }

  /// The only question that the house was asked.
  template <class Question>
  const Question& only() const {
    REQUIRE(house.asked.size() == 1);
    REQUIRE(std::holds_alternative<Question>(house.asked.front()));
    return std::get<Question>(house.asked.front());
  }
};

/// `{"result": ..., "status": "ok", "time": 0.0}`
inline std::string success(const std::string& result) {
  return R"({"result":)" + result + R"(,"status":"ok","time":0.0})";
}

} // namespace grape::http
