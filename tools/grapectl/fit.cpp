#include "tools/grapectl/fit.hpp"

#include "core/query/fit.hpp"
#include "tools/grapectl/conversation.hpp"
#include "tools/grapectl/tables.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <optional>

namespace grape::ctl {

namespace {

using payload::value;

struct labelled_query {
  payload::array prefetch;
  std::vector<point_id> relevant;
};

std::optional<point_id> id_of(const value& from) {
  if (const auto* number = from.as_int(); number != nullptr && *number >= 0)
    return point_id{static_cast<std::uint64_t>(*number)};
  if (const auto* number = from.as_big())
    return point_id{*number};
  const auto* name = from.as_string();
  const auto parsed = name ? point_id::parse_uuid(*name) : outcome<point_id>{errc::malformed, ""};
  return parsed ? std::optional{*parsed} : std::nullopt;
}

std::optional<labelled_query> read_line(const std::string& line) {
  const auto tree = tree_of(line);
  if (!tree)
    return {};
  const auto* prefetch = at(*tree, {"prefetch"}).as_array();
  const auto* relevant = at(*tree, {"relevant"}).as_array();
  if (prefetch == nullptr || prefetch->empty() || relevant == nullptr)
    return {};
  labelled_query made{*prefetch, {}};
  for (const auto& each : *relevant) {
    const auto id = id_of(each);
    if (!id)
      return {};
    made.relevant.push_back(*id);
  }
  return made;
}

std::optional<query::hit_list> hits_of(const value& answer) {
  const auto* points = at(answer, {"points"}).as_array();
  if (points == nullptr)
    return {};
  query::hit_list made;
  for (const auto& each : *points) {
    const auto id = id_of(at(each, {"id"}));
    if (!id || !at(each, {"score"}).is_number())
      return {};
    made.emplace_back();
    made.back().point.id = *id;
    made.back().score = static_cast<float>(at(each, {"score"}).number());
  }
  return made;
}

std::uint64_t limit_of(const value& prefetch) {
  constexpr std::uint64_t limit_default = 10;
  const auto* given = at(prefetch, {"limit"}).as_int();
  return given != nullptr && *given > 0 ? static_cast<std::uint64_t>(*given) : limit_default;
}

/// Queries that score what all prefetches found, each as one of them does.
payload::array rescoring(const payload::array& prefetches) {
  std::uint64_t most = 0;
  for (const auto& each : prefetches)
    most += limit_of(each);
  payload::array made;
  for (const auto& each : prefetches) {
    auto again = each.as_object() ? *each.as_object() : payload::object{};
    again.erase("filter");
    again.erase("score_threshold");
    again.set("prefetch", value{prefetches});
    again.set("limit", value{most});
    made.emplace_back(std::move(again));
  }
  return made;
}

/// Asks each prefetch as a query of its own, in one batch.
exit_code ask_prefetches(const surroundings& around, const fit_options& wanted,
                         const labelled_query& of, query::labelled_lists& into) {
  const auto searches = wanted.rescore ? rescoring(of.prefetch) : of.prefetch;
  const question all{"POST",
                     "/collections/" + path_segment(wanted.collection) + "/points/query/batch",
                     "{\"searches\":" + payload::to_json(value{searches}) + "}"};
  return converse(around, all, [&](const value& tree, const std::string&) {
    const auto* answers = at(tree, {"result"}).as_array();
    const auto strange = [&] {
      return complain(around, all, exit_code::not_understood, "not an answer of a Grape node");
    };
    if (answers == nullptr || answers->size() != of.prefetch.size())
      return strange();
    for (const auto& each : *answers) {
      auto hits = hits_of(each);
      if (!hits)
        return strange();
      // The best stands first: where that is the smallest, scores are distances.
      into.ascending.push_back(!hits->empty() && hits->front().score < hits->back().score);
      into.lists.push_back(std::move(*hits));
    }
    return exit_code::ok;
  });
}

std::string shortest(float from) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), from).ptr;
  return {text.data(), end};
}

std::string query_json(const learned_fusion& by, bool rescore) {
  std::string weights;
  for (const auto each : by.weights)
    weights += (weights.empty() ? "" : ",") + shortest(each);
  return "{\"grape\":{\"fusion\":\"learned\",\"weights\":[" + weights
         + "],\"bias\":" + shortest(by.bias) + (rescore ? ",\"rescore\":true}}" : "}}");
}

exit_code complain_of(const std::string& place, exit_code code, const std::string& why) {
  std::cerr << "grapectl: " << place << ": " << why << "\n";
  return code;
}

} // namespace

exit_code fit(const surroundings& around, const fit_options& wanted) {
  std::ifstream file{wanted.file};
  if (!file)
    return complain_of(wanted.file, exit_code::wrong_usage, "cannot be read");
  query::candidates found;
  std::size_t queries = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    const auto place = wanted.file + ":" + std::to_string(++number);
    if (line.empty())
      continue;
    const auto read = read_line(line);
    if (!read)
      return complain_of(place, exit_code::wrong_usage,
                         R"(expected {"prefetch":[queries],"relevant":[ids]})");
    query::labelled_lists lists{{}, {}, read->relevant};
    const auto asked = ask_prefetches(around, wanted, *read, lists);
    if (asked != exit_code::ok)
      return asked;
    if (const auto added = query::add_candidates(found, lists); !added.ok())
      return complain_of(place, exit_code::wrong_usage, added.detail);
    ++queries;
  }
  const auto made = query::fit_fusion(found, {wanted.l2});
  if (!made)
    return complain_of(wanted.file, exit_code::refused, made.error().detail);
  std::cerr << std::fixed << std::setprecision(3) << "grapectl: " << queries << " queries, "
            << found.relevant.size() << " candidates, " << made->relevant << " relevant; mean loss "
            << made->loss << " nats, by their share alone " << made->loss_of_share << "\n";
  std::cout << query_json(made->by, wanted.rescore) << "\n";
  return exit_code::ok;
}

} // namespace grape::ctl
