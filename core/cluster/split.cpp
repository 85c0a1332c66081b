#include "core/cluster/split.hpp"

#include <utility>

namespace grape::cluster {

namespace {

using parts = std::map<shard_id, std::vector<write_operation>>;

/// Of a selector that is no filter.
std::vector<point_id>& ids_of(point_selector& points) {
  auto* of_one_state = std::get_if<unchanged_points>(&points);
  return of_one_state != nullptr ? of_one_state->ids : std::get<std::vector<point_id>>(points);
}

/// Deals one operation out to the shards of one part of its scope. What is not dealt (mode, keys,
/// payload) is copied.
class dealer {
public:
  dealer(const shard_part& part, parts& out)
    : part_(part)
    , out_(out) {
  }

  void operator()(upsert_points&& operation) {
    deal(std::move(operation), &upsert_points::points, [](const point& one) { return one.id; });
  }

  void operator()(update_vectors&& operation) {
    deal(std::move(operation), &update_vectors::points,
         [](const point_vectors& one) { return one.id; });
  }

  template <class Selecting>
  void operator()(Selecting&& operation) {
    if (std::holds_alternative<payload::filter>(operation.points)) {
      for (const auto shard : part_.shards)
        out_[shard].push_back(operation);
      return;
    }
    std::map<shard_id, std::vector<point_id>> dealt;
    for (const auto& id : std::exchange(ids_of(operation.points), {}))
      dealt[part_.shard_of(id)].push_back(id);
    for (auto& [shard, mine] : dealt) {
      auto part = operation;
      ids_of(part.points) = std::move(mine);
      out_[shard].push_back(std::move(part));
    }
  }

private:
  template <class Operation, class Member, class IdOf>
  void deal(Operation&& operation, Member points, IdOf id_of) {
    auto all = std::move(operation.*points);
    (operation.*points).clear();
    std::map<shard_id, Operation> dealt;
    for (auto& one : all) {
      const auto shard = part_.shard_of(id_of(one));
      auto& part = dealt.try_emplace(shard, operation).first->second;
      (part.*points).push_back(std::move(one));
    }
    for (auto& [shard, part] : dealt)
      out_[shard].push_back(std::move(part));
  }

  const shard_part& part_;
  parts& out_;
};

void deal_out(write_operation&& operation, const shard_part& part, parts& out) {
  if (part.shards.size() == 1)
    out[part.shards.front()].push_back(std::move(operation));
  else
    std::visit([deal = dealer{part, out}](auto& kind) mutable { deal(std::move(kind)); },
               operation);
}

} // namespace

parts split(std::vector<scoped_operation> operations) {
  parts out;
  for (auto& [operation, scope] : operations)
    for (std::size_t i = 0; i < scope->size(); ++i) {
      const auto is_last = i + 1 == scope->size();
      deal_out(is_last ? std::move(operation) : write_operation{operation}, (*scope)[i], out);
    }
  return out;
}

std::map<shard_id, std::vector<point_id>> split(std::span<const point_id> ids,
                                                const shard_scope& scope) {
  std::map<shard_id, std::vector<point_id>> out;
  for (const auto& part : scope) {
    if (part.shards.size() == 1) {
      out.emplace(part.shards.front(), std::vector<point_id>{ids.begin(), ids.end()});
      continue;
    }
    for (const auto& id : ids)
      out[part.shard_of(id)].push_back(id);
  }
  return out;
}

} // namespace grape::cluster
