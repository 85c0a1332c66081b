#pragma once

#include "core/budget.hpp"
#include "core/cluster/metadata.hpp"
#include "core/cluster/shard_scope.hpp"
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
#include <utility>
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

  /// What it was made of, to ask the same again by a newer map.
  const read_request& asked() const noexcept { return asked_; }
  epoch planned_by() const noexcept { return epoch_; }

  /// The answers to the last step's questions, in their order. What is still to be computed from
  /// them alone stays within `left`; error: timed_out.
  step answered(std::vector<shard::answer> answers, budget left = {});

private:
  using records_by_id = std::multimap<point_id, record>;

  /// Where ids are looked up: a collection by its real name, and the keys that were named.
  struct lookup_place {
    std::string collection;
    std::optional<shard_key_selector> keys;

    friend auto operator<=>(const lookup_place&, const lookup_place&) = default;
  };

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
  outcome<lookup_place> looked_up_in(const query_part& part) const;
  const record* found_in(const lookup_place& place, const point_id& id, std::size_t which) const;
  step look_up_next();
  void looked_up(std::vector<shard::answer> answers);
  step plan_queries();
  step count_terms();
  step terms_counted(std::vector<shard::answer> answers);
  step begin_runs();
  step ask_next();
  bool concerns_nobody(const run_ask& ask, std::size_t which) const;
  std::map<shard_id, shard::shard_query> shares_of(const run_ask& ask, std::size_t which) const;
  step ask_shares(std::map<shard_id, std::vector<shard::shard_query>> by_shard);
  step queries_answered(std::vector<shard::answer> answers);
  step queries_done();
  query_reply reply_of(std::size_t which);
  step groups_looked_up(std::vector<shard::answer> answers);
  static void note_way(std::map<shard_id, shard_explanation>& ways, shard_id shard,
                       const shard::answer& answer, const shard::shard_hits& part);
  explanation explain(std::size_t which) const;
  step ask_all(shard::question question);
  step ask_owners(const cluster::collection_entry& of, const cluster::shard_scope& scope,
                  shard::ask_records wanted);
  using shard_questions
    = std::vector<std::pair<shard_id, std::shared_ptr<const shard::question>>>;
  step ask(const cluster::collection_entry& of, shard_questions what,
           const std::map<shard_id, const shard_key*>& keys);
  void name_keys(std::vector<shard::answer>& answers) const;
  repetition repetition_of(std::size_t which) const;

  read_request asked_;
  std::shared_ptr<const cluster::metadata> known_;
  epoch epoch_;
  const cluster::collection_entry* entry_ = nullptr; // Of `known_`.
  cluster::shard_scope scope_;                       // Of `asked_`.
  std::vector<shard_id> shards_asked_;               // By the last questions, in their order.
  std::vector<const shard_key*> keys_asked_;         // The keys of these; empty: there are none.
  std::unique_ptr<query_request> own_query_;         // What another request comes to.
  std::vector<const query_request*> queries_;        // Of `asked_`, or `own_query_`.
  std::vector<cluster::shard_scope> scopes_;         // Of `queries_`.
  std::map<lookup_place, std::vector<point_id>> to_look_up_;
  std::map<lookup_place, records_by_id> found_;
  std::optional<lookup_place> looking_up_; // What is asked now.
  std::optional<shard::shard_grouping> grouping_;
  std::vector<query_plan> plans_; // Until the runs begin.
  /// Who needs terms counted now: which of `plans_`, and what of it.
  std::vector<std::pair<std::size_t, shard::shard_query*>> counting_for_;
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
