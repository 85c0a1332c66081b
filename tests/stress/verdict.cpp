#include "tests/stress/verdict.hpp"

#include "tests/stress/readers.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace grape::stress {

namespace {

constexpr std::uint64_t queries = 50;
constexpr std::size_t wanted = 10;
constexpr double recall_min = 0.9;

/// Asks until there is an answer, for at most so long as a house may need to heal.
template <class Reply, class Request>
outcome<Reply> ask_patiently(gateway_port& port, const Request& request) {
  for (int tries = 0;; ++tries) {
    auto promise = std::make_shared<std::promise<outcome<Reply>>>();
    port.ask(request, reply_to<Reply>{
                          [promise](outcome<Reply> came) { promise->set_value(std::move(came)); }});
    auto answer = promise->get_future().get();
    if (answer || !is_refusal(answer.error().code) || tries == 3'000)
      return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

using near_point = std::pair<float, std::uint64_t>;

std::vector<near_point> nearest(const stored_points& stored, const dense_vector& to,
                                std::optional<std::uint64_t> owner) {
  std::vector<near_point> all;
  for (const auto& [id, holds] : stored)
    if (!owner || owner_of(id) == *owner)
      all.emplace_back(distance_between(to, dense_of(id, holds.version)), id);
  std::sort(all.begin(), all.end());
  all.resize(std::min(all.size(), wanted));
  return all;
}

query_request query_to(const dense_vector& target, std::optional<std::uint64_t> owner, bool exact) {
  query_request made;
  made.collection = collection;
  made.vector_name = "dense";
  made.query = nearest_query{vector_value{target}};
  made.params.exact = exact;
  made.limit = wanted;
  if (owner)
    made.filter = of_owner(*owner);
  return made;
}

/// How many of the nearest are among the hits.
std::size_t found_of(const std::vector<near_point>& true_ones,
                     const std::vector<scored_record>& hits) {
  return static_cast<std::size_t>(
      std::count_if(true_ones.begin(), true_ones.end(), [&hits](const near_point& each) {
        return std::any_of(hits.begin(), hits.end(), [&each](const auto& hit) {
          return hit.point.id == point_id{each.second};
        });
      }));
}

void judge_searches(gateway_port& port, const std::string& when, const stored_points& stored,
                    tally& told) {
  std::size_t found = 0;
  std::size_t of = 0;
  for (std::uint64_t i = 0; i < queries; ++i) {
    const auto target = dense_of(i, 0);
    const auto owner = i % 2 == 0       ? std::nullopt
                       : stored.empty() ? std::optional<std::uint64_t>{0}
                                        : std::optional{owner_of(stored.rbegin()->first)};
    const auto true_ones = nearest(stored, target, owner);
    for (const auto exact : {true, false}) {
      const auto hits = ask_patiently<query_reply>(port, query_to(target, owner, exact));
      if (!hits)
        return told.flaw(when + ": a search was answered: " + to_string(hits.error()));
      const auto here = found_of(true_ones, hits->points);
      if (exact && here != true_ones.size())
        told.flaw(when + ": an exact search found " + std::to_string(here) + " of "
                  + std::to_string(true_ones.size()));
      found += exact ? 0 : here;
      of += exact ? 0 : true_ones.size();
    }
  }
  if (static_cast<double>(found) < recall_min * static_cast<double>(of))
    told.flaw(when + ": searches found " + std::to_string(found) + " of " + std::to_string(of));
}

} // namespace

void judge_house(gateway_port& port, const std::string& when, const known_points& known,
                 tally& told) {
  count_request counting;
  counting.collection = collection;
  const auto counted = ask_patiently<count_reply>(port, counting);
  const auto found = all_points(port, collection, told);
  if (!counted || !found)
    return told.flaw(when
                     + ": cannot be read: " + to_string(counted ? found.error() : counted.error()));
  told.flaw(when, flaws_of(known, *found));
  if (counted->count != found->size())
    told.flaw(when + ": counts " + std::to_string(counted->count) + " of "
              + std::to_string(found->size()) + " points");
  judge_searches(port, when, *found, told);
}

} // namespace grape::stress
