// Arbitrary requests to every route: the first byte picks the route, the rest of the first line is
// the query string, what follows is the body. Each gets exactly one answer, and that is JSON.

#include "net/http/api.hpp"
#include "net/http/json.hpp"
#include "net/http/routes.hpp"
#include "tests/net/http/fake_gateway.hpp"

#include "core/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace grape;
using namespace grape::http;

namespace {

/// The template with a name that is good everywhere in the place of each parameter.
std::string path_of(const route& served) {
  std::string out(served.path);
  for (auto open = out.find('{'); open != std::string::npos; open = out.find('{'))
    out.replace(open, out.find('}') + 1 - open, "7");
  return out;
}

void check_answer(const route& served, response answer) {
  GRAPE_CHECK(answer.status == 200 || answer.status == 400 || answer.status == 404
              || answer.status == 422 || answer.status == 503);
  if (answer.content_type == "application/json")
    GRAPE_CHECK(json::document::parse(answer.body).ok());
  else
    GRAPE_CHECK(served.method == verb::get);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  if (count == 0)
    return 0;
  const auto& served = routes()[from[0] % routes().size()];
  const std::string_view input{reinterpret_cast<const char*>(from) + 1, count - 1};
  const auto line = input.substr(0, input.find('\n'));
  const auto body = line.size() < input.size() ? input.substr(line.size() + 1) : std::string_view{};
  fake_gateway house;
  const api under_test{house, api_options{.now_s = [] { return 0.0; }, .observe = {}}};
  auto answers = 0;
  under_test.handle(
    {served.method, path_of(served), std::string(line), {}, std::string(body)},
    [&](response answer) {
      ++answers;
      check_answer(served, std::move(answer));
    });
  GRAPE_CHECK(answers == 1);
  GRAPE_CHECK(house.asked.size() <= 1);
  return 0;
}
