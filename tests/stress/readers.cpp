#include "tests/stress/readers.hpp"

#include <set>

namespace grape::stress {

namespace {

scroll_request page_of(const std::string& of, std::optional<point_id> from, std::uint64_t limit) {
  scroll_request request;
  request.collection = of;
  request.offset = from;
  request.limit = limit;
  request.with_vectors.wanted = vector_selector::mode::all;
  return request;
}

/// Puts a page behind what was read; false: the ids do not ascend.
bool take(const scroll_reply& page, std::optional<point_id>& last) {
  for (const auto& each : page.points) {
    if (last && each.id <= *last)
      return false;
    last = each.id;
  }
  return true;
}

} // namespace

void searcher::run() {
  while (!over()) {
    if (below(4) == 0) {
      query_batch_request batch;
      batch.collection = collection;
      for (std::uint64_t i = 0; i < 8; ++i)
        batch.queries.push_back(some_query());
      const auto queries = batch.queries;
      const auto found = ask<query_batch_reply>("search batch", std::move(batch), helps_);
      for (std::size_t i = 0; found && i < found->replies.size(); ++i)
        check(queries[i], found->replies[i].points);
    } else {
      const auto query = some_query();
      if (const auto found = ask<query_reply>("search", query, helps_))
        check(query, found->points);
    }
  }
}

query_request searcher::some_query() {
  query_request made;
  made.collection = collection;
  const auto id = below(writers_ * ids_of_writer);
  if (below(6) == 0) {
    made.vector_name = "sparse";
    made.query = nearest_query{vector_value{sparse_vector{
        {static_cast<std::uint32_t>(below(groups)), static_cast<std::uint32_t>(100 + id % 50)},
        {1.0f, 1.0f}}}};
  } else {
    made.vector_name = "dense";
    made.query = nearest_query{vector_value{dense_of(id, below(1'000))}};
    made.params.exact = below(8) == 0;
  }
  if (below(2) == 0)
    made.filter =
        below(2) == 0 ? of_owner(below(writers_)) : of_group(below(writers_), below(groups));
  made.limit = 1 + below(20);
  made.with_payload.wanted = payload_selector::mode::all;
  made.with_vectors.wanted = vector_selector::mode::all;
  return made;
}

void searcher::check(const query_request& asked, const std::vector<scored_record>& hits) {
  const auto& target = std::get<nearest_query>(*asked.query).target;
  const auto* dense = std::get_if<dense_vector>(&std::get<vector_value>(target));
  std::set<point_id> seen;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const auto& hit = hits[i];
    if (!seen.insert(hit.point.id).second)
      tally_.flaw("search: point " + hit.point.id.text() + " twice");
    if (i > 0 && (dense ? hit.score < hits[i - 1].score : hit.score > hits[i - 1].score))
      tally_.flaw("search: hits are not in order");
    const auto holds = content_of(hit.point);
    if (!holds) {
      tally_.flaw("search: " + to_string(holds.error()));
      continue;
    }
    const auto id = hit.point.id.number();
    if (asked.filter && *asked.filter != of_owner(owner_of(id))
        && *asked.filter != of_group(owner_of(id), holds->group()))
      tally_.flaw("search: point " + hit.point.id.text() + " does not match the filter");
    if (dense
        && std::abs(hit.score - distance_between(*dense, dense_of(id, holds->version))) > 1e-3f)
      tally_.flaw("search: point " + hit.point.id.text() + " has the score of another vector");
  }
  if (hits.size() > asked.limit)
    tally_.flaw("search: more hits than asked for");
}

void browser::run() {
  while (!over()) {
    scroll();
    count();
    facets();
    grouped();
  }
}

void browser::scroll() {
  std::optional<point_id> next;
  std::optional<point_id> last;
  do {
    auto page = ask<scroll_reply>("scroll", page_of(collection, next, 100 + below(400)));
    if (!page)
      return;
    if (!take(*page, last))
      tally_.flaw("scroll: ids do not ascend");
    for (const auto& each : page->points)
      if (const auto holds = content_of(each); !holds)
        tally_.flaw("scroll: " + to_string(holds.error()));
    next = page->next;
  } while (next && !over());
}

void browser::count() {
  count_request request;
  request.collection = collection;
  if (below(2) == 0)
    request.filter = of_owner(below(writers_));
  const auto most = (request.filter ? 1 : writers_) * ids_of_writer;
  const auto counted = ask<count_reply>("count", std::move(request));
  if (counted && counted->count > most)
    tally_.flaw("count: " + std::to_string(counted->count) + " of " + std::to_string(most));
}

void browser::facets() {
  facet_request request;
  request.collection = collection;
  request.key = "group";
  request.filter = of_owner(below(writers_));
  const auto found = ask<facet_reply>("facet", std::move(request));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; found && i < found->hits.size(); ++i)
    sum += found->hits[i].count;
  if (sum > ids_of_writer)
    tally_.flaw("facet: the groups of one owner have " + std::to_string(sum) + " points");
}

void browser::grouped() {
  query_groups_request request;
  request.collection = request.query.collection = collection;
  request.query.vector_name = "dense";
  request.query.query = nearest_query{vector_value{dense_of(below(ids_of_writer), 1)}};
  request.query.limit = groups;
  request.query.with_payload.wanted = payload_selector::mode::all;
  request.group_by = "group";
  const auto found = ask<query_groups_reply>("groups", std::move(request));
  for (std::size_t i = 0; found && i < found->groups.size(); ++i)
    for (const auto& hit : found->groups[i].hits)
      if (const auto* group = hit.point.payload->find("group");
          !group || *group != found->groups[i].id)
        tally_.flaw("groups: point " + hit.point.id.text() + " is in another group");
}

outcome<stored_points> all_points(gateway_port& port, const std::string& of, tally& told) {
  stored_points found;
  std::optional<point_id> next;
  std::optional<point_id> last;
  do {
    auto promise = std::make_shared<std::promise<outcome<scroll_reply>>>();
    port.ask(page_of(of, next, 500), reply_to<scroll_reply>{[promise](outcome<scroll_reply> came) {
               promise->set_value(std::move(came));
             }});
    auto page = promise->get_future().get();
    if (!page)
      return std::move(page).error();
    if (!take(*page, last))
      told.flaw("scroll of " + of + ": ids do not ascend");
    for (const auto& each : page->points) {
      const auto holds = content_of(each);
      if (!holds)
        told.flaw("scroll of " + of + ": " + to_string(holds.error()));
      else
        found[each.id.number()] = *holds;
    }
    next = page->next;
  } while (next);
  return found;
}

} // namespace grape::stress
