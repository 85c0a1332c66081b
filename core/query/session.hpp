#pragma once

#include "core/budget.hpp"
#include "core/cluster/metadata.hpp"
#include "core/outcome.hpp"
#include "core/query/query_run.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/request/snapshot.hpp"
#include "core/shard/question.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape::query {

/// Every read of the world, and the sizes of a collection.
using read_request
  = std::variant<query_request, query_batch_request, scroll_request, count_request,
                 retrieve_request, describe_collection_request, facet_request,
                 query_groups_request, matrix_request, export_request>;

/// The answer to a read: the alternative at the request's own position.
using read_answer
  = std::variant<query_reply, query_batch_reply, scroll_reply, count_reply, retrieve_reply,
                 collection_description, facet_reply, query_groups_reply, matrix_reply,
                 export_reply>;

/// Level, time and explanation that a read asks for.
read_options options_of(const read_request& asked);

/// The same with the level of its collection where it names none. Never `collection_default`.
read_options options_of(const read_request& asked, const cluster::metadata& known);

/// One question for one shard.
struct shard_ask {
  group_id group;
  std::shared_ptr<const shard::question> question;
};

/// One read, from the request to its answer, as a dialogue with the shards: whoever hosts it sends
/// the questions of a step, hands in all answers, and gets the next step. Pure; not thread-safe.
class read_session {
public:
  /// Ask these (there is at least one), or here is the answer, or the reason why there is none.
  using step = std::variant<std::vector<shard_ask>, read_answer, status>;

  /// `known` is the map by which the whole dialogue goes; `of` its epoch.
  read_session(read_request asked, std::shared_ptr<const cluster::metadata> known, epoch of);

  read_session(const read_session&) = delete; // Points into itself.
  read_session& operator=(const read_session&) = delete;

  step begin();

  /// The answers to the last step's questions, in their order. What is still to be computed from
  /// them alone stays within `left`; error: timed_out.
  step answered(std::vector<shard::answer> answers, budget left = {});

private:
  using records_by_id = std::map<point_id, record>;

  struct item {
    std::size_t run;
    run_ask ask;
  };

  step start(const query_request& asked);
  step start(const query_batch_request& asked);
  step start(const scroll_request& asked);
  step start(const count_request& asked);
  step start(const retrieve_request& asked);
  step start(const describe_collection_request& asked);
  step start(const facet_request& asked);
  step start(const query_groups_request& asked);
  step start(const matrix_request& asked);
  step start(const export_request& asked);

  step finish(const scroll_request& asked, std::vector<shard::answer>& answers);
  step finish(const count_request& asked, std::vector<shard::answer>& answers);
  step finish(const retrieve_request& asked, std::vector<shard::answer>& answers);
  step finish(const describe_collection_request& asked, std::vector<shard::answer>& answers);
  step finish(const facet_request& asked, std::vector<shard::answer>& answers);
  step finish(const export_request& asked, std::vector<shard::answer>& answers);

  step finish_queries(const query_request&);
  step finish_queries(const query_batch_request&);
  step finish_queries(const scroll_request&);
  step finish_queries(const query_groups_request&);
  step finish_queries(const matrix_request&);

  status find(const std::string& collection);
  step start_own(query_request query);
  step start_queries();
  outcome<std::string> looked_up_in(const query_part& part) const;
  step look_up_next();
  void looked_up(std::vector<shard::answer> answers);
  step plan_queries();
  step count_terms();
  step terms_counted(std::vector<shard::answer> answers);
  step begin_runs();
  step ask_next();
  std::map<shard_id, shard::shard_query> shares_of(const shard::shard_query& whole);
  step ask_shares(std::map<shard_id, std::vector<shard::shard_query>> by_shard) const;
  step queries_answered(std::vector<shard::answer> answers);
  step queries_done();
  query_reply reply_of(std::size_t which);
  step groups_looked_up(std::vector<shard::answer> answers);
  static void note_way(std::map<shard_id, shard_explanation>& ways, shard_id shard,
                       const shard::answer& answer, const shard::shard_hits& part);
  explanation explain(std::size_t which) const;
  step ask_all(shard::question question) const;
  step ask_owners(const cluster::collection_entry& of, shard::ask_records wanted) const;

  read_request asked_;
  std::shared_ptr<const cluster::metadata> known_;
  epoch epoch_;
  const cluster::collection_entry* entry_ = nullptr; // Of `known_`.
  std::unique_ptr<query_request> own_query_;         // What another request comes to.
  std::vector<const query_request*> queries_;        // Of `asked_`, or `own_query_`.
  std::map<std::string, std::vector<point_id>> to_look_up_; // Real collection name -> ids.
  std::map<std::string, records_by_id> found_;       // Real collection name -> what was looked up.
  std::string looking_up_;                           // The collection asked now; empty = none.
  std::optional<shard::shard_grouping> grouping_;
  std::vector<query_plan> plans_; // Until the runs begin.
  std::vector<shard::shard_query*> counting_for_; // Of `plans_`: who needs terms counted now.
  std::vector<query_run> runs_; // One for each of `queries_`.
  std::vector<item> items_;     // What the runs ask now.
  std::map<shard_id, std::vector<std::size_t>> items_of_shard_; // In the order of the questions.
  std::vector<std::map<shard_id, shard_explanation>> ways_;     // By run.
  query_groups_reply groups_;
  bool is_looking_up_groups_ = false;
  budget left_;
};

/// The point that a group's value names, if it can name one.
std::optional<point_id> id_of_group(const payload::value& group);

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) noexcept;

} // namespace grape::query
