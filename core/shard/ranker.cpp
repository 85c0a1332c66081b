#include "core/shard/ranker.hpp"

#include "core/payload/field_columns.hpp"
#include "core/request/order_less.hpp"
#include "core/shard/candidate_scorer.hpp"
#include "core/shard/field_vectors.hpp"
#include "core/shard/formula_evaluation.hpp"
#include "core/shard/view_state.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace grape::shard {

namespace {

std::size_t at_most(std::uint64_t k, std::size_t size) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(k, size));
}

/// Cuts to the first `k` by `less`, which has no ties.
template <class Less>
void keep_first(std::vector<ranked_slot>& all, std::uint64_t k, Less less) {
  const auto kept = all.begin() + static_cast<std::ptrdiff_t>(at_most(k, all.size()));
  std::partial_sort(all.begin(), kept, all.end(), less);
  all.erase(kept, all.end());
}

/// The finalizer of MurmurHash3 (Appleby), which spreads every bit over all.
std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 33)) * 0xff51'afd7'ed55'8ccdULL;
  bits = (bits ^ (bits >> 33)) * 0xc4ce'b9fe'1a85'ec53ULL;
  return bits ^ (bits >> 33);
}

} // namespace

std::uint64_t chance_of(std::uint64_t seed, const point_id& id) noexcept {
  if (id.is_number())
    return mixed(mixed(seed) ^ id.number());
  std::array<std::uint64_t, 2> halves{};
  const auto& bytes = id.name().bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    halves[i / 8] = halves[i / 8] << 8 | bytes[i];
  return mixed(mixed(mixed(seed + 1) ^ halves[0]) ^ halves[1]);
}

ranker::ranker(const view_state& from, const shard_query& wanted, const admitted_slots* admitted,
               budget& left, std::string& plan)
  : state_(&from)
  , wanted_(&wanted)
  , admitted_(admitted)
  , left_(&left)
  , plan_(&plan) {}

outcome<std::vector<ranked_slot>> ranker::best(std::uint64_t k) const {
  plan_->clear();
  return std::visit([&](const auto& kind) { return by(kind, k); }, wanted_->by);
}

bool ranker::is_excluded(slot of) const {
  return std::binary_search(wanted_->excluded.begin(), wanted_->excluded.end(),
                            state_->id_of[of.value]);
}

/// The points that the query is restricted to, if it is to some.
std::optional<std::vector<slot>> ranker::candidates() const {
  if (!wanted_->among)
    return std::nullopt;
  std::vector<slot> slots;
  for (const auto& id : *wanted_->among)
    if (const auto where = state_->ids.find(id))
      if ((admitted_ == nullptr || admitted_->slots.contains(*where)) && !is_excluded(*where))
        slots.push_back(*where);
  return slots;
}

template <class Visit>
void ranker::each_admitted(Visit&& visit) const {
  if (const auto some = candidates()) {
    for (const auto where : *some)
      visit(where);
    return;
  }
  const auto& all = admitted_ != nullptr ? admitted_->slots : *state_->live;
  all.for_each([&](slot where) {
    if (!is_excluded(where))
      visit(where);
  });
}

/// Cuts to the `k` with the largest scores.
void ranker::keep(std::vector<ranked_slot>& all, std::uint64_t k) const {
  keep_first(all, k, [this](const ranked_slot& a, const ranked_slot& b) {
    if (a.score != b.score)
      return a.score > b.score;
    return state_->id_of[a.where.value] < state_->id_of[b.where.value];
  });
}

void ranker::keep_ordered(std::vector<ranked_slot>& all, bool descending, std::uint64_t k) const {
  keep_first(all, k, [this, descending](const ranked_slot& a, const ranked_slot& b) {
    const auto& first = descending ? b : a;
    const auto& second = descending ? a : b;
    if (is_less(*first.order, *second.order) || is_less(*second.order, *first.order))
      return is_less(*first.order, *second.order);
    return state_->id_of[first.where.value] < state_->id_of[second.where.value];
  });
}

status ranker::spend(std::uint64_t visits) const {
  if (left_->spend(visits))
    return {};
  return {errc::timed_out,
          left_->late() ? "the search passed its deadline" : "the search used up its budget"};
}

ranker::found ranker::by(const rank_by_id&, std::uint64_t k) const {
  *plan_ = "first by id";
  std::vector<ranked_slot> all;
  if (admitted_ == nullptr && !wanted_->among) {
    const auto scanned =
        state_->reader.scan_metas({}, [&](const point_id& id, const storage::point_meta&) {
          const auto where = all.size() < k ? state_->ids.find(id) : std::nullopt;
          if (where && !is_excluded(*where))
            all.push_back({*where, 1.0f});
          return all.size() < k;
        });
    if (!scanned.ok())
      return scanned;
    return all;
  }
  each_admitted([&](slot where) { all.push_back({where, 1.0f}); });
  keep(all, k);
  return all;
}

ranker::found ranker::by(const rank_nearest& nearest, std::uint64_t k) const {
  const auto field = field_vectors::make(*state_, wanted_->vector_name);
  if (!field)
    return field.error();
  if (auto fits = field->accepts(nearest.target); !fits.ok())
    return fits;
  const auto kind = field->kind();
  const auto& threshold = wanted_->score_threshold;
  std::vector<ranked_slot> all;
  const auto add = [&](slot where, float similarity) {
    const auto score = score_from_distance(kind, -similarity);
    if (!threshold || (larger_is_better(kind) ? score > *threshold : score < *threshold))
      all.push_back({where, score});
  };
  if (const auto some = candidates()) {
    *plan_ = "rescoring of " + std::to_string(some->size());
    if (auto spent = spend(some->size()); !spent.ok())
      return spent;
    for (const auto where : *some)
      if (field->contains(where))
        add(where, field->similarity(where, nearest.target));
  } else {
    const auto owed = at_most(k, field->size()) + wanted_->excluded.size();
    const auto near =
        field->nearest(nearest.target, owed, wanted_->params, admitted_, *left_, *plan_);
    if (!near)
      return near.error();
    for (const auto& [where, similarity] : *near)
      if (!is_excluded(where))
        add(where, similarity);
  }
  keep_first(all, k, [&](const ranked_slot& a, const ranked_slot& b) {
    if (a.score != b.score)
      return larger_is_better(kind) ? a.score > b.score : a.score < b.score;
    return state_->id_of[a.where.value] < state_->id_of[b.where.value];
  });
  return all;
}

template <class SeveralVectors>
ranker::found ranker::by(const SeveralVectors&, std::uint64_t k) const {
  const auto field = field_vectors::make(*state_, wanted_->vector_name);
  if (!field)
    return field.error();
  const auto scorer = candidate_scorer::make(wanted_->by, *field);
  if (!scorer)
    return scorer.error();
  if (wanted_->among || wanted_->params.exact || scorer->guides().empty())
    return scan(*scorer, *field, k);
  return walk(*scorer, *field, k);
}

/// All points, or all candidates.
ranker::found ranker::scan(const candidate_scorer& scorer, const field_vectors& field,
                           std::uint64_t k) const {
  std::vector<ranked_slot> all;
  std::uint64_t scored = 0;
  each_admitted([&](slot where) {
    if (!field.contains(where) || !left_->spend(scorer.cost()))
      return;
    ++scored;
    const auto score = scorer.score(where);
    if (!wanted_->score_threshold || score > *wanted_->score_threshold)
      all.push_back({where, score});
  });
  if (left_->over())
    return spend(0);
  *plan_ += (plan_->empty() ? "" : ", ") + std::string(wanted_->among ? "rescoring" : "scoring")
            + " of " + std::to_string(scored);
  keep(all, k);
  return all;
}

/// Looks around the guides, farther and farther, until no point that was not met can be among the
/// best: the threshold algorithm of Fagin, Lotem and Naor (2001), with walks as its sorted lists.
ranker::found ranker::walk(const candidate_scorer& scorer, const field_vectors& field,
                           std::uint64_t k) const {
  constexpr std::size_t least = 64;
  constexpr std::size_t growth = 4;
  const auto size = admitted_ != nullptr ? std::min(admitted_->count, field.size()) : field.size();
  const auto owed = at_most(k, size) + wanted_->excluded.size();
  auto how = wanted_->params;
  how.rescore = true; // Bounds must hold.
  for (auto depth = std::max(least, 2 * owed); depth * scorer.guides().size() < size;
       depth *= growth) {
    plan_->clear();
    std::vector<slot> met;
    std::vector<float> bounds;
    for (const auto& guide : scorer.guides()) {
      const auto near = field.nearest(guide, depth, how, admitted_, *left_, *plan_);
      if (!near)
        return near.error();
      bounds.push_back(near->size() < depth ? -std::numeric_limits<float>::infinity()
                                            : near->back().similarity);
      for (const auto& one : *near)
        if (!is_excluded(one.where))
          met.push_back(one.where);
    }
    std::sort(met.begin(), met.end());
    met.erase(std::unique(met.begin(), met.end()), met.end());
    if (auto spent = spend(met.size() * scorer.cost()); !spent.ok())
      return spent;
    std::vector<ranked_slot> all;
    for (const auto where : met)
      all.push_back({where, scorer.score(where)});
    keep(all, k);
    if (all.size() < at_most(k, size) || all.back().score < scorer.most(bounds))
      continue;
    if (const auto& threshold = wanted_->score_threshold)
      std::erase_if(all, [&](const ranked_slot& one) { return !(one.score > *threshold); });
    return all;
  }
  return scan(scorer, field, k);
}

ranker::found ranker::by(const rank_by_value& value, std::uint64_t k) const {
  *plan_ = "by " + value.order.key;
  const auto* column = state_->columns.find(value.order.key);
  if (column == nullptr || !column->has_numbers())
    return status{errc::wrong_input,
                  "No range index for `order_by` key: `" + value.order.key
                      + "`. Please create one to use `order_by`. Check "
                        "https://qdrant.tech/documentation/concepts/indexing/#payload-index to see "
                        "which payload schemas support Range conditions"};
  const auto& order = value.order;
  std::vector<ranked_slot> all;
  each_admitted([&](slot where) {
    if (!left_->spend(1))
      return;
    auto numbers = column->numbers(where);
    std::sort(numbers.begin(), numbers.end(), is_less);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    for (const auto& number : numbers)
      if (!order.start_from
          || !(order.descending ? is_less(*order.start_from, number)
                                : is_less(number, *order.start_from)))
        all.push_back({where, 1.0f, number});
  });
  if (left_->over())
    return spend(0);
  keep_ordered(all, order.descending, k);
  return all;
}

ranker::found ranker::by(const rank_by_chance& chance, std::uint64_t k) const {
  *plan_ = "by chance";
  std::vector<std::pair<std::uint64_t, slot>> all;
  each_admitted([&](slot where) {
    all.emplace_back(chance_of(chance.seed, state_->id_of[where.value]), where);
  });
  if (auto spent = spend(all.size()); !spent.ok())
    return spent;
  const auto kept = all.begin() + static_cast<std::ptrdiff_t>(at_most(k, all.size()));
  std::partial_sort(all.begin(), kept, all.end(), [this](const auto& a, const auto& b) {
    if (a.first != b.first)
      return a.first < b.first;
    return state_->id_of[a.second.value] < state_->id_of[b.second.value];
  });
  std::vector<ranked_slot> first;
  for (auto at = all.begin(); at != kept; ++at)
    first.push_back({at->second, 1.0f});
  return first;
}

ranker::found ranker::by(const rank_by_formula& formula, std::uint64_t k) const {
  *plan_ = "formula";
  auto evaluation = formula_evaluation::make(formula.by);
  if (!evaluation)
    return std::move(evaluation).error();
  std::vector<ranked_slot> all;
  const auto& among = wanted_->among.value();
  for (std::size_t i = 0; i < among.size(); ++i) {
    const auto where = state_->ids.find(among[i]);
    if (!where)
      continue;
    if (auto spent = spend(1); !spent.ok())
      return spent;
    auto payload = state_->reader.payload(among[i]);
    if (!payload)
      return std::move(payload).error();
    const auto has_vector = [this, slot = *where](std::string_view name) {
      const auto field = state_->vectors.find(std::string(name));
      return field != state_->vectors.end() && field->second.contains(slot);
    };
    const auto score = evaluation->score(
        {among[i], *payload, formula.scores[i], has_vector, state_->columns.meanings(), left_});
    if (left_->over())
      return spend(0);
    if (!score)
      return score.error();
    if (!wanted_->score_threshold || *score >= *wanted_->score_threshold)
      all.push_back({*where, *score});
  }
  keep(all, k);
  return all;
}

} // namespace grape::shard
