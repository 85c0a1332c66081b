#include "tools/bench/ingest_check.hpp"

#include "net/http/json.hpp"
#include "tools/bench/http_queries.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

namespace grape::bench {

namespace {

namespace json = http::json;

constexpr std::size_t sampled = 200;

status no_answer(const char* what) {
  return {errc::malformed, std::string("no ") + what + " in an answer"};
}

outcome<std::uint64_t> count(http_node& node, const std::string& path) {
  auto body = node.ask("POST", path + "/count", R"({"exact": true})");
  if (!body)
    return std::move(body).error();
  const auto document = json::document::parse(*body);
  if (!document)
    return document.error();
  const auto result = document->root().find("result");
  const auto number = result ? result->find("count") : std::nullopt;
  if (!number || number->type() != json::kind::integer)
    return no_answer("count");
  return static_cast<std::uint64_t>(number->integer());
}

/// One page of the walk; marks what it met. Returns where the next begins, if there is one.
outcome<std::optional<std::uint64_t>> walk_page(http_node& node, const std::string& path,
                                                std::uint64_t from, std::vector<bool>& met) {
  auto body = node.ask("POST", path + "/scroll",
                       R"({"limit": 10000, "with_payload": false, "offset": )"
                           + std::to_string(from) + "}");
  if (!body)
    return std::move(body).error();
  const auto document = json::document::parse(*body);
  if (!document)
    return document.error();
  const auto result = document->root().find("result");
  const auto points = result ? result->find("points") : std::nullopt;
  if (!points)
    return no_answer("points");
  points->each_item([&](json::value point) {
    const auto id = point.find("id");
    if (id && id->type() == json::kind::integer
        && static_cast<std::uint64_t>(id->integer()) < met.size())
      met[static_cast<std::size_t>(id->integer())] = true;
    return true;
  });
  const auto next = result->find("next_page_offset");
  if (!next || next->type() != json::kind::integer)
    return std::optional<std::uint64_t>{};
  return std::optional{static_cast<std::uint64_t>(next->integer())};
}

outcome<std::uint64_t> count_missing(http_node& node, const std::string& path, std::size_t rows) {
  std::vector<bool> met(rows);
  for (std::optional<std::uint64_t> from = 0; from;) {
    auto next = walk_page(node, path, *from, met);
    if (!next)
      return next.error();
    from = *next;
  }
  return static_cast<std::uint64_t>(std::count(met.begin(), met.end(), false));
}

outcome<double> share_found(http_node& node, const std::string& collection,
                            const matrix<float>& rows, const query_style& how, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> any(0, rows.rows() - 1);
  std::size_t found = 0;
  for (std::size_t i = 0; i < sampled; ++i) {
    const auto at = any(random);
    const auto ids = node.hits(
        collection, query_body(dense_vector(rows.row(at), rows.row(at) + rows.width), how));
    if (!ids)
      return ids.error();
    found += std::count(ids->begin(), ids->end(), at) > 0 ? 1 : 0;
  }
  return static_cast<double>(found) / static_cast<double>(sampled);
}

} // namespace

outcome<rows_seen> look_for_rows(http_node& node, const std::string& collection,
                                 const matrix<float>& rows, std::uint64_t seed) {
  const auto path = "/collections/" + collection + "/points";
  rows_seen made;
  const auto counted = count(node, path);
  if (!counted)
    return counted.error();
  made.counted = *counted;
  const auto missing = count_missing(node, path, rows.rows());
  if (!missing)
    return missing.error();
  made.missing = *missing;
  for (const auto exact : {true, false}) {
    query_style how;
    how.exact = exact;
    const auto share = share_found(node, collection, rows, how, seed);
    if (!share)
      return share.error();
    (exact ? made.found_exact : made.found) = *share;
  }
  return made;
}

} // namespace grape::bench
