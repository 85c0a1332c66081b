// Arbitrary requests to every route: "POST /collections/c/points?wait=true", and below it the body.
// A first line that names no route stands for one all the same. Each request gets exactly one
// answer, and that is JSON.

#include "net/http/api.hpp"
#include "net/http/json.hpp"
#include "net/http/routes.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/net/http/fake_gateway.hpp"

#include <array>
#include <string>

using namespace grape;
using namespace grape::http;

namespace {

/// A snapshot that is streamed is made, found and deleted.
constexpr std::size_t questions_max = 3;

/// The template with a name that is good everywhere in the place of each parameter.
std::string path_of(const route& served) {
  std::string out(served.path);
  for (auto open = out.find('{'); open != std::string::npos; open = out.find('{'))
    out.replace(open, out.find('}') + 1 - open, "7");
  return out;
}

std::string name_of(verb of) {
  constexpr std::array names{"GET", "PUT", "POST", "PATCH", "DELETE"};
  const auto place = static_cast<std::size_t>(of);
  return place < names.size() ? names[place] : "";
}

/// The route that the line begins with, else the one that its bytes happen to mean.
const route& route_of(std::string_view line) {
  for (const auto& served : routes())
    if (line == name_of(served.method) + " " + path_of(served))
      return served;
  std::size_t number = line.size();
  for (const auto c : line)
    number = number * 31 + static_cast<unsigned char>(c);
  return routes()[number % routes().size()];
}

void check_answer(const route& served, response answer) {
  // 405: of a cluster, to a node that is alone.
  GRAPE_CHECK(answer.status == 200 || answer.status == 400 || answer.status == 404
              || answer.status == 405 || answer.status == 422 || answer.status == 503);
  if (answer.content_type == "application/json")
    GRAPE_CHECK(json::document::parse(answer.body).ok());
  else
    GRAPE_CHECK(served.method == verb::get);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  const auto [line, body] = fuzz::split(fuzz::text_of(from, count), '\n');
  const auto [target, query] = fuzz::split(line, '?');
  const auto& served = route_of(target);
  fake_gateway house;
  const api under_test{house, api_options{.now_s = [] { return 0.0; }, .observe = {}}};
  auto answers = 0;
  under_test.handle(
    {served.method, path_of(served), std::string(query), {}, std::string(body)},
    [&](response answer) {
      ++answers;
      check_answer(served, std::move(answer));
    });
  GRAPE_CHECK(answers == 1);
  GRAPE_CHECK(house.asked.size() <= questions_max);
  return 0;
}
