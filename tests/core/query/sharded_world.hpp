#pragma once

#include "core/cluster/split.hpp"
#include "core/query/session.hpp"
#include "tests/core/shard/machine_world.hpp"

#include <memory>
#include <vector>

namespace grape::test {

/// One collection over several shards in one thread, asked by sessions.
class sharded_world {
public:
  sharded_world(const collection_schema& schema, std::uint32_t shards,
                const std::vector<point>& points) {
    auto state = std::make_shared<cluster::metadata>();
    cluster::create_collection made{"words", schema.options};
    made.options.shard_number = shards;
    REQUIRE(state->apply(made).ok());
    made.name = "others";
    REQUIRE(state->apply(made).ok());
    known_ = state;
    const auto& entry = *known_->find("words");
    for (std::uint32_t i = 0; i < shards; ++i)
      shards_.push_back(std::make_unique<machine_world>(schema));
    std::vector<upsert_points> parts(shards);
    for (const auto& one : points)
      parts[entry.slots.shard_of(one.id).value].points.push_back(one);
    for (std::uint32_t i = 0; i < shards; ++i)
      if (!parts[i].points.empty())
        shards_[i]->write({parts[i]});
  }

  machine_world& shard(std::size_t which) { return *shards_[which]; }

  outcome<query::read_answer> ask(query::read_request asked) {
    query::read_session session{std::move(asked), known_, epoch{1}};
    auto step = session.begin();
    while (const auto* asks = std::get_if<std::vector<query::shard_ask>>(&step)) {
      REQUIRE_FALSE(asks->empty());
      ++rounds_;
      std::vector<shard::answer> answers;
      for (const auto& one : *asks) {
        budget unlimited;
        auto answer = shard::ask(*shards_[place_of(one.group)]->operator*().snapshot(),
                                 *one.question, unlimited);
        if (!answer)
          return std::move(answer).error();
        REQUIRE(shard::can_answer(*answer, *one.question));
        answers.push_back(std::move(*answer));
      }
      step = session.answered(std::move(answers));
    }
    if (auto* why = std::get_if<status>(&step))
      return std::move(*why);
    return std::get<query::read_answer>(std::move(step));
  }

  /// Questions and answers so far.
  std::size_t rounds() const noexcept { return rounds_; }

private:
  std::size_t place_of(group_id group) const {
    for (const auto* name : {"words", "others"}) {
      for (const auto& [shard, of] : known_->find(name)->groups)
        if (of == group)
          return shard.value;
    }
    FAIL("a group of the collection");
    return 0;
  }

  std::shared_ptr<const cluster::metadata> known_;
  std::vector<std::unique_ptr<machine_world>> shards_;
  std::size_t rounds_ = 0;
};

} // namespace grape::test
