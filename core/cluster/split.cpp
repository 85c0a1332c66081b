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

/// Deals one operation out. `copy_without_points` keeps what is not dealt (mode, keys, payload).
class dealer {
public:
  dealer(const slot_table& table, std::size_t shards, parts& out)
    : table_(table)
    , shards_(shards)
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
      for (std::uint32_t shard = 0; shard < shards_; ++shard)
        out_[shard_id{shard}].push_back(operation);
      return;
    }
    const auto ids = std::exchange(ids_of(operation.points), {});
    for (auto& [shard, mine] : split(ids, table_, shards_)) {
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
      const auto shard = table_.shard_of(id_of(one));
      auto& part = dealt.try_emplace(shard, operation).first->second;
      (part.*points).push_back(std::move(one));
    }
    for (auto& [shard, part] : dealt)
      out_[shard].push_back(std::move(part));
  }

  const slot_table& table_;
  std::size_t shards_;
  parts& out_;
};

} // namespace

parts split(std::vector<write_operation> operations, const slot_table& table,
            std::size_t shards) {
  parts out;
  if (shards == 1) {
    out.emplace(shard_id{0}, std::move(operations));
    return out;
  }
  dealer deal{table, shards, out};
  for (auto& operation : operations)
    std::visit([&deal](auto& kind) { deal(std::move(kind)); }, operation);
  return out;
}

std::map<shard_id, std::vector<point_id>> split(std::span<const point_id> ids,
                                                const slot_table& table, std::size_t shards) {
  std::map<shard_id, std::vector<point_id>> out;
  if (shards == 1) {
    out.emplace(shard_id{0}, std::vector<point_id>{ids.begin(), ids.end()});
    return out;
  }
  for (const auto& id : ids)
    out[table.shard_of(id)].push_back(id);
  return out;
}

} // namespace grape::cluster
