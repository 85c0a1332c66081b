#include "actors/gateway.hpp"

#include "actors/answer_once.hpp"
#include "actors/conversation.hpp"
#include "actors/reporting.hpp"
#include "actors/supervision/families.hpp"
#include "core/cluster/cluster_picture.hpp"
#include "core/query/filtered_write.hpp"
#include "core/query/plan_write.hpp"

#include <algorithm>
#include <exception>

namespace grape::actors {

namespace {

/// The router's own patience with the shards is shorter.
constexpr std::chrono::seconds read_grace{5};
constexpr std::chrono::minutes write_patience{7};

gateway_actor::behavior_type bridge(gateway_pointer self, const std::shared_ptr<house>& home) {
  self->state.home = home;
  return {
    reports(self),
    [self](const parcel<bridged_question>& asked) { asked.value->carry(self); },
    [self](tick_now) {
      auto& state = self->state;
      state.waits.look(self);
      if (const auto known = state.home->known.get())
        state.moves.look(known->state, state.home->host.now_ms());
    },
  };
}

/// Counts what came out, for the metrics.
void count(house& home, const metrics::counter& kind, const status& result) {
  kind.add();
  if (result.code == errc::overloaded)
    home.counted.refused.add();
  else if (result.code == errc::internal || result.code == errc::io_error
           || result.code == errc::corrupted || result.code == errc::commit_unknown)
    home.counted.failed.add();
}

query::admission_limits limits_of(const house& home) {
  return {.width = home.search_threads(),
          .wait_us_max = std::uint64_t{home.config.search.wait_ms_max} * 1'000};
}

status too_many_reads() {
  return {errc::overloaded, "too many reads are waiting"};
}

/// What a read counts for.
std::size_t searches_of(const query_batch_request& asked) {
  return std::max<std::size_t>(asked.queries.size(), 1);
}

template <class Request>
std::size_t searches_of(const Request&) {
  return 1;
}

/// To GATEWAY number `number`. While the node closes the question is destroyed here; it answers so.
void carry(const std::shared_ptr<house>& home, std::size_t number,
           std::function<void(gateway_pointer)> question) {
  if (!home->closing)
    caf::anon_send(home->board.get<gateway_actor>(role::gateway(number)),
                   wrap(bridged_question{std::move(question)}));
}

/// Answers with what a read came to.
template <class Reply>
void conclude(house& home, query::read_session::step end, answer_once<Reply>& answer) {
  if (auto* found = std::get_if<query::read_answer>(&end)) {
    count(home, home.counted.reads, {});
    return answer(std::move(std::get<Reply>(*found)));
  }
  auto& refused = std::get<status>(end);
  count(home, home.counted.reads, refused);
  answer(std::move(refused));
}

/// Lets ROUTER number `number` go on with a read.
template <class Reply>
void ask_router(const std::shared_ptr<house>& home, std::size_t number,
                const std::shared_ptr<conversation>& talk,
                const std::shared_ptr<answer_once<Reply>>& answer) {
  carry(home, number, [talk, answer, number](gateway_pointer self) {
    const auto within = std::chrono::milliseconds{talk->how.timeout_ms} + read_grace;
    self->state.waits.ask<parcel<query::read_answer>>(
      self, self->state.home->board.get<router_actor>(role::router(number)), within,
      parcel<conversation>{talk},
      [answer, home = self->state.home](parcel<query::read_answer>& found) {
        conclude(*home, std::move(*found.value), *answer);
      },
      [answer, home = self->state.home](const caf::error& why) {
        conclude(*home, to_status(why), *answer);
      });
  });
}

/// What the shards are told, or the conversation that will say it.
status plan_into(routed_write& routed, write_request& asked,
                 const cluster::collection_entry& entry, std::uint64_t now_ms) {
  if (query::chooses_by_filter(asked.operations)) {
    auto planned = query::plan_by_filter(std::move(asked), entry, now_ms);
    if (!planned)
      return std::move(planned).error();
    routed.must_exist = std::move(planned->must_exist);
    routed.by_filter = std::move(planned->talk);
    return {};
  }
  const auto how = asked.options;
  auto planned = query::plan(std::move(asked), entry);
  if (!planned)
    return std::move(planned).error();
  routed.must_exist = std::move(planned->must_exist);
  for (auto& part : planned->parts)
    routed.parts.push_back({part.group, planned->routed_by, planned->validated_against,
                            how.wait, how.timeout_ms.value_or(0), std::move(part.bytes), how.ack});
  return {};
}

} // namespace

gateway_actor spawn_gateway(caf::actor_system& system, std::shared_ptr<house> home,
                            std::size_t number) {
  return enrolled(*home, role::gateway(number), system.spawn(bridge, home));
}

gateway::gateway(std::shared_ptr<house> home)
  : home_(std::move(home))
  , reads_(std::make_shared<read_gate>(limits_of(*home_), home_->host.now_us))
  , strict_(std::make_shared<strict_gate>(home_->host.now_ms)) {
  started_ms_ = home_->host.now_ms();
}

gateway::gateway(const gateway& other, lent_threads)
  : home_(other.home_)
  , reads_(other.reads_)
  , strict_(other.strict_)
  , started_ms_(other.started_ms_)
  , works_on_callers_(true) {
}

gateway::gateway(const gateway& other, insider in)
  : home_(other.home_)
  , reads_(other.reads_)
  , strict_(other.strict_)
  , sees_(std::move(in.sees))
  , started_ms_(other.started_ms_) {
}

void gateway::carry(std::function<void(gateway_pointer)> question) {
  actors::carry(home_, next_++ % routers, std::move(question));
}

/// Plans, asks and merges on one thread, in a place of SEARCH_POOL, if all shards concerned show a
/// view that answers; else on the way of the actors, where a read may wait.
template <class Reply, class Request>
void gateway::read(Request asked, reply_to<Reply> reply,
                   std::shared_ptr<read_gate::pass> pass) {
  const auto home = home_;
  auto answer = once<Reply>(std::move(reply), lost_read(*home));
  if (home->closing)
    return; // `answer` says so.
  const auto known = seen();
  if (!known)
    return conclude(*home, status{errc::unavailable, "the node is starting"}, *answer);
  auto talk = std::make_shared<conversation>(query::read_request{std::move(asked)}, known,
                                             home->host.now_ms());
  auto job = [home, talk, answer, pass, number = next_++ % routers] {
    try {
      if (pass && !pass->is_fresh())
        conclude(*home, too_many_reads(), *answer);
      else if (answer_from_views(*home, *talk))
        conclude(*home, std::move(*talk->next), *answer);
      else
        ask_router<Reply>(home, number, talk, answer);
    } catch (const std::exception&) {
      // Out of memory for one read, which hears so from `answer`: the node lives on.
    }
  };
  const auto pool = home->search_pool.get();
  if (!pool)
    return conclude(*home, status{errc::unavailable, "the search threads are being renewed"},
                    *answer);
  if (works_on_callers_ && pool->run_here(job))
    return;
  if (!pool->post(std::move(job)) && !home->closing)
    conclude(*home, status{errc::overloaded, "too many searches are waiting"}, *answer);
}

status gateway::refusal_of_reads() {
  if (reads_->is_open())
    return {};
  auto told = too_many_reads();
  count(*home_, home_->counted.reads, told);
  return told;
}

/// Refuses before anything has been done for a read that would only wait.
template <class Reply, class Request>
void gateway::read_if_admitted(Request asked, reply_to<Reply> reply) {
  if (const auto known = home_->known.get())
    if (auto strict = strict_->enter(known->state, asked); !strict.ok()) {
      count(*home_, home_->counted.reads, strict);
      return reply(std::move(strict));
    }
  const auto pass = reads_->enter(searches_of(asked));
  if (!pass) {
    auto told = too_many_reads();
    count(*home_, home_->counted.reads, told);
    return reply(std::move(told));
  }
  auto until_answered = [pass, reply = std::move(reply)](outcome<Reply> found) {
    pass->end(); // Also after the way of the actors.
    reply(std::move(found));
  };
  read<Reply>(std::move(asked), std::move(until_answered), pass);
}

bool gateway::work() {
  const auto pool = home_->search_pool.get();
  return works_on_callers_ && pool && pool->run_waiting();
}

void gateway::write(write_request asked, reply_to<write_receipts> reply) {
  auto answer = once<write_receipts>(std::move(reply), lost_write(*home_));
  const auto known = seen();
  if (!known)
    return (*answer)(status{errc::unavailable, "the node is starting"});
  const auto name = known->state.resolve(asked.collection);
  if (!name)
    return (*answer)(name.error());
  const auto operations = asked.operations.size();
  routed_write routed{.collection = *name,
                      .parts = {},
                      .by_filter = {},
                      .must_exist = {},
                      .deadline_ms = home_->host.now_ms() + read_options{}.timeout_ms};
  if (auto planned = plan_into(routed, asked, *known->state.find_exact(*name),
                               home_->host.now_ms());
      !planned.ok())
    return (*answer)(std::move(planned));
  if (routed.parts.empty() && !routed.by_filter)
    return (*answer)(write_receipts{
      std::vector<write_receipt>(operations, {0, write_progress::completed, 0})});
  const auto router_number = next_.load() % routers;
  carry([answer, question = wrap(std::move(routed)), router_number,
         operations](gateway_pointer self) {
    const auto home = self->state.home;
    self->state.waits.ask<shard_receipt>(
      self, home->board.get<router_actor>(role::router(router_number)), write_patience, question,
      [answer, home, operations](const shard_receipt& receipt) {
        count(*home, home->counted.writes, {});
        (*answer)(write_receipts{std::vector<write_receipt>(
          operations, {receipt.index.value, receipt.progress, receipt.copies})});
      },
      [answer, home](const caf::error& why) {
        auto told = to_write_status(why);
        count(*home, home->counted.writes, told);
        (*answer)(std::move(told));
      });
  });
}

void gateway::ask(describe_collection_request asked, reply_to<collection_description> reply) {
  auto with_warnings = [home = home_, name = asked.collection,
                        reply = std::move(reply)](outcome<collection_description> found) {
    const auto known = home->known.get();
    if (const auto* entry = known && found ? known->state.find(name) : nullptr)
      for (auto& warning : cluster::replication_warnings(known->state, *entry))
        found->warnings.push_back(std::move(warning));
    reply(std::move(found));
  };
  read<collection_description>(std::move(asked), std::move(with_warnings), nullptr);
}

void gateway::ask(query_request asked, reply_to<query_reply> reply) {
  read_if_admitted<query_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(query_batch_request asked, reply_to<query_batch_reply> reply) {
  read_if_admitted<query_batch_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(query_groups_request asked, reply_to<query_groups_reply> reply) {
  read_if_admitted<query_groups_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(matrix_request asked, reply_to<matrix_reply> reply) {
  read_if_admitted<matrix_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(scroll_request asked, reply_to<scroll_reply> reply) {
  read_if_admitted<scroll_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(count_request asked, reply_to<count_reply> reply) {
  read_if_admitted<count_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(facet_request asked, reply_to<facet_reply> reply) {
  read_if_admitted<facet_reply>(std::move(asked), std::move(reply));
}

void gateway::ask(retrieve_request asked, reply_to<retrieve_reply> reply) {
  read_if_admitted<retrieve_reply>(std::move(asked), std::move(reply));
}

// Also asked by gateway_strict.cpp.
template void gateway::read(describe_collection_request, reply_to<collection_description>,
                            std::shared_ptr<read_gate::pass>);
template void gateway::read(count_request, reply_to<count_reply>,
                            std::shared_ptr<read_gate::pass>);

void gateway::ask(export_request asked, reply_to<export_reply> reply) {
  read<export_reply>(std::move(asked), std::move(reply), nullptr);
}

} // namespace grape::actors
