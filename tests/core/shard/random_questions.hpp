#pragma once

#include "core/shard/remote.hpp"
#include "tests/core/codec/random_queries.hpp"
#include "tests/core/codec/random_records.hpp"

#include <algorithm>

namespace grape::testing {

/// Draws what shards are asked and what they answer, of every shape, from a seed.
class random_questions : public random_records {
public:
  using random_records::random_records;

  shard::question question() {
    switch (below(9)) {
      case 6: return shard::ask_facet{text(), any_filter(), u64(), coin()};
      case 0: return shard::ask_queries{some<shard::shard_query>([this] { return query(); })};
      case 1:
        return shard::ask_page{
            {perhaps<point_id>([this] { return id(); }), u64(), any_filter(), payloads(), names()}};
      case 2: return shard::ask_count{any_filter()};
      case 3: return shard::ask_records{ids(), payloads(), names()};
      case 4: return shard::ask_missing{ids()};
      case 5: return shard::ask_terms{some<shard::term_question>([this] { return terms(); })};
      case 7: return shard::ask_piece{text()};
      default: return shard::ask_figures{};
    }
  }

  shard::answer answer() {
    shard::answer made;
    made.applied = log_index{u64()};
    made.indexing = coin();
    made.staleness_ms = perhaps<std::uint64_t>([this] { return u64(); });
    switch (below(9)) {
      case 6:
        made.body = shard::shard_facet{some<facet_hit>([this] {
          return coin() ? facet_hit{text(), u64()} : facet_hit{i64(), u64()};
        })};
        break;
      case 0: made.body = some<shard::shard_hits>([this] { return hits(); }); break;
      case 1:
        made.body = shard::shard_page{some<record>([this] { return any_record(); }),
                                      perhaps<point_id>([this] { return id(); })};
        break;
      case 2: made.body = shard::shard_count{u64()}; break;
      case 3:
        made.body = shard::shard_records{some<record>([this] { return any_record(); })};
        break;
      case 4: made.body = shard::shard_missing{ids()}; break;
      case 5:
        made.body = shard::shard_terms{some<shard::term_counts>([this] {
          return shard::term_counts{u64(), some<std::uint64_t>([this] { return u64(); })};
        })};
        break;
      case 7: made.body = shard::piece_of_state{text(), text(), coin()}; break;
      default: {
        shard::shard_figures all{u64(), u64(), u64(), u64(), u64(), u64(), u64(), u64(), {}};
        all.field_points[text()] = u64();
        made.body = all;
      }
    }
    return made;
  }

  shard::shard_request request() {
    switch (below(3)) {
      case 0:
        return shard::remote_write{epoch{u64()}, schema_version{u64()}, coin(),
                                   static_cast<std::uint32_t>(u64()), text(),
                                   static_cast<write_ack>(below(4))};
      case 1: return shard::remote_schema{schema_version{u64()}, text()};
      default: return shard::remote_read{question(), static_cast<read_level>(below(5))};
    }
  }

  shard::shard_reply reply() {
    if (coin())
      return answer();
    return shard::remote_receipt{log_index{u64()}, static_cast<write_progress>(below(3)),
                                 static_cast<std::uint32_t>(u64())};
  }

private:
  bool coin() { return below(2) == 0; }

  float any_float() { return static_cast<float>(f64()); }

  template <class T, class Make>
  std::vector<T> some(Make make) {
    std::vector<T> made;
    for (auto left = below(4); left > 0; --left)
      made.push_back(make());
    return made;
  }

  template <class T, class Make>
  std::optional<T> perhaps(Make make) {
    return coin() ? std::optional<T>{make()} : std::nullopt;
  }

  std::optional<payload::filter> any_filter() {
    return perhaps<payload::filter>([this] { return filter(); });
  }

  payload_selector payloads() {
    return {static_cast<payload_selector::mode>(below(4)),
            some<std::string>([this] { return text(); })};
  }

  vector_selector names() {
    return {static_cast<vector_selector::mode>(below(3)),
            some<std::string>([this] { return text(); })};
  }

  shard::term_question terms() {
    return {text(),
            some<std::uint32_t>([this] { return static_cast<std::uint32_t>(below(1'000'000)); }),
            any_filter()};
  }

  shard::shard_query query() {
    shard::shard_query made;
    made.by = ranking();
    made.among = perhaps<std::vector<point_id>>([this] {
      auto some_ids = ids();
      std::sort(some_ids.begin(), some_ids.end());
      return some_ids;
    });
    if (auto* formula = std::get_if<shard::rank_by_formula>(&made.by)) {
      made.among.emplace();
      for (std::size_t i = 0; i < formula->scores.size(); ++i)
        made.among->push_back(point_id{i});
    }
    made.grouping = perhaps<shard::shard_grouping>([this] {
      return shard::shard_grouping{text(), u64(), u64(),
                                   some<payload::value>([this] { return value(); })};
    });
    made.vector_name = text();
    made.filter = any_filter();
    made.excluded = ids();
    std::sort(made.excluded.begin(), made.excluded.end());
    made.params = {perhaps<std::uint32_t>([this] { return static_cast<std::uint32_t>(u64()); }),
                   coin(), coin(),
                   perhaps<idf_population>([this] { return idf_population{any_filter()}; })};
    made.score_threshold = perhaps<float>([this] { return any_float(); });
    made.k = u64();
    made.with_payload = payloads();
    made.with_vectors = names();
    return made;
  }

  record any_record() {
    return {id(), u64(), perhaps<payload::object>([this] { return object(); }),
            perhaps<named_vectors>([this] { return vectors(); }),
            perhaps<order_value>([this] { return any_order_value(*this); })};
  }

  shard::shard_hits hits() {
    shard::shard_hits made;
    made.hits = some<scored_record>([this] { return scored_record{any_record(), any_float()}; });
    if (coin())
      for (std::size_t i = 0; i < made.hits.size(); ++i)
        made.groups.push_back(some<payload::value>([this] { return value(); }));
    made.visited = u64();
    made.plan = text();
    return made;
  }

  vector_value vector() {
    if (auto many = vectors(); !many.empty())
      return std::move(many.front().value);
    return some<float>([this] { return any_float(); });
  }

  std::vector<vector_value> vectors_of_any_kind() {
    return some<vector_value>([this] { return vector(); });
  }

  std::vector<shard::vector_pair> pairs() {
    return some<shard::vector_pair>([this] {
      auto positive = vector();
      return shard::vector_pair{std::move(positive), vector()};
    });
  }

  shard::ranking ranking() {
    switch (below(10)) {
      case 0: return shard::rank_by_id{};
      case 1: return shard::rank_nearest{vector()};
      case 2: {
        auto positive = vectors_of_any_kind();
        return shard::rank_best_score{std::move(positive), vectors_of_any_kind()};
      }
      case 3: {
        auto positive = vectors_of_any_kind();
        return shard::rank_sum_scores{std::move(positive), vectors_of_any_kind()};
      }
      case 4: {
        auto target = vector();
        return shard::rank_discover{std::move(target), pairs()};
      }
      case 5: return shard::rank_context{pairs()};
      case 6: {
        shard::rank_feedback made{vector(), any_float(), pairs(), {}};
        made.weights.resize(made.pairs.size(), any_float());
        return made;
      }
      case 7: return shard::rank_by_value{any_order_by(*this)};
      case 8: return shard::rank_by_chance{u64()};
      default: {
        shard::rank_by_formula made{any_formula(*this), {}};
        made.scores = some<std::vector<std::optional<float>>>([this] {
          return some<std::optional<float>>(
            [this] { return perhaps<float>([this] { return any_float(); }); });
        });
        return made;
      }
    }
  }
};

} // namespace grape::testing
