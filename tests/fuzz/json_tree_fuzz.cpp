// Arbitrary bytes as a JSON body: what parses is printed and parses again to the same tree.

#include "net/http/json.hpp"
#include "net/http/json_writer.hpp"

#include "tests/fuzz/input.hpp"

#include <string>

using namespace grape;
using namespace grape::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  std::string text(fuzz::text_of(from, count));
  const auto document = json::document::parse(text);
  if (!document) {
    GRAPE_CHECK(document.error().code == errc::malformed);
    GRAPE_CHECK(!document.error().detail.empty());
    return 0;
  }
  const auto tree = document->root().tree();
  json_writer out;
  out.tree(tree);
  auto printed = std::move(out).take();
  const auto again = json::document::parse(printed);
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK(again->root().tree() == tree);
  return 0;
}
