// Arbitrary text as a path with its query string: no route, a refusal, or an answer; never more
// than one, and a name that reaches the house is one that may exist.

#include "net/http/api.hpp"
#include "net/http/routes.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/net/http/fake_gateway.hpp"

#include <string>

using namespace grape;
using namespace grape::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  if (count == 0)
    return 0;
  constexpr verb verbs[] = {verb::get, verb::put, verb::post, verb::patch, verb::del, verb::other};
  const auto [path, query] = fuzz::split(fuzz::text_of(from + 1, count - 1), '?');
  fake_gateway house;
  const api under_test{house, api_options{.now_s = [] { return 0.0; }, .observe = {}}};
  auto answers = 0;
  under_test.handle({verbs[from[0] % std::size(verbs)], std::string(path), std::string(query), {},
                     R"({"points": [1], "filter": {}})"},
                    [&](response) { ++answers; });
  GRAPE_CHECK(answers == 1);
  for (const auto& question : house.asked)
    if (const auto* about = std::get_if<describe_collection_request>(&question))
      GRAPE_CHECK(check_collection_name(about->collection, name_rule::any).ok());
  return 0;
}
