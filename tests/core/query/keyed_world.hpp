#pragma once

#include "core/query/filtered_write.hpp"
#include "core/query/plan_write.hpp"
#include "core/query/session.hpp"
#include "tests/core/shard/machine_world.hpp"

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace grape::test {

/// A collection that is sharded by keys, in one thread: each shard a machine, requests on their way
/// as they are planned.
class keyed_world {
public:
  keyed_world()
    : schema_(two_field_schema()) {
    schema_.options.echoed_params.set("sharding_method", payload::value{"custom"});
    change(cluster::create_collection{"cats", schema_.options});
    for (const auto& [field, index] : schema_.fields)
      change(cluster::set_field_index{"cats", field, index});
  }

  void add(const shard_key& key, std::uint32_t shards) {
    change(cluster::create_shard_key{"cats", {.key = key, .shards = shards}});
  }

  void drop(const shard_key& key) { change(cluster::drop_shard_key{"cats", key}); }

  outcome<write_receipt> write(write_operation operation, const shard_key_selector& keys) {
    write_request asked{.collection = "cats", .operations = {std::move(operation)}, .options = {}};
    asked.keys = {keys};
    if (query::chooses_by_filter(asked.operations))
      return write_by_filter(std::move(asked));
    auto planned = query::plan(std::move(asked), entry());
    if (!planned)
      return std::move(planned).error();
    for (const auto& [group, ids] : planned->must_exist)
      if (!std::get<shard::shard_missing>(ask({group, missing(ids)}).body).ids.empty())
        return status{errc::not_found, "a point that must exist"};
    return propose(planned->parts);
  }

  template <class Reply, class Request>
  Reply ask(Request asked) {
    asked.collection = "cats";
    if constexpr (requires { asked.queries; })
      for (auto& query : asked.queries)
        query.collection = "cats";
    query::read_session session{query::read_request{std::move(asked)}, known_, epoch{1}};
    auto step = session.begin();
    while (const auto* asks = std::get_if<std::vector<query::shard_ask>>(&step)) {
      REQUIRE_FALSE(asks->empty());
      std::vector<shard::answer> answers;
      for (const auto& one : *asks)
        answers.push_back(ask(one));
      step = session.answered(std::move(answers));
    }
    if (const auto* why = std::get_if<status>(&step))
      FAIL(to_string(*why));
    return std::get<Reply>(std::move(std::get<query::read_answer>(step)));
  }

  const cluster::collection_entry& entry() const { return *known_->find("cats"); }

private:
  static std::shared_ptr<const shard::question> missing(std::vector<point_id> ids) {
    return std::make_shared<const shard::question>(shard::ask_missing{std::move(ids)});
  }

  void change(const cluster::metadata_command& command) {
    auto next = std::make_shared<cluster::metadata>(*known_);
    REQUIRE(next->apply(command).ok());
    known_ = next;
    std::set<group_id> standing;
    for (const auto& [shard, group] : entry().groups) {
      standing.insert(group);
      if (!machines_.contains(group))
        machines_.emplace(group, std::make_unique<machine_world>(entry().schema));
    }
    std::erase_if(machines_, [&](const auto& one) { return !standing.contains(one.first); });
  }

  shard::answer ask(const query::shard_ask& asked) {
    budget unlimited;
    auto& machine = **machines_.at(asked.group);
    auto answer = shard::ask(*machine.snapshot(), *asked.question, unlimited);
    REQUIRE(answer.ok());
    return std::move(*answer);
  }

  write_receipt propose(const std::vector<query::planned_part>& parts) {
    write_receipt receipt;
    for (const auto& part : parts)
      receipt.operation_id =
          std::max(receipt.operation_id, machines_.at(part.group)->apply_bytes(part.bytes));
    return receipt;
  }

  outcome<write_receipt> write_by_filter(write_request asked) {
    auto planned = query::plan_by_filter(std::move(asked), entry(), 0);
    if (!planned)
      return std::move(planned).error();
    for (;;) {
      auto step = planned->talk->next(&entry(), 0);
      if (auto* whole = std::get_if<outcome<write_receipt>>(&step))
        return std::move(*whole);
      if (const auto* asks = std::get_if<std::vector<query::shard_ask>>(&step)) {
        std::vector<shard::answer> answers;
        for (const auto& one : *asks)
          answers.push_back(ask(one));
        planned->talk->answered(std::move(answers));
      } else {
        planned->talk->proposed(propose(std::get<query::filtered_write::proposals>(step).parts));
      }
    }
  }

  collection_schema schema_;
  std::shared_ptr<const cluster::metadata> known_ = std::make_shared<cluster::metadata>();
  std::map<group_id, std::unique_ptr<machine_world>> machines_;
};

} // namespace grape::test
