#include "core/shard/question.hpp"

#include "core/shard/state_pieces.hpp"

#include <algorithm>
#include <utility>

namespace grape::shard {

namespace {

/// One overload per question: a forgotten one does not compile.
class reader {
public:
  reader(const view& from, budget& left) : from_(from), left_(left) {
  }

  outcome<answer> operator()(const ask_queries& asked) const {
    std::vector<shard_hits> all;
    all.reserve(asked.queries.size());
    for (const auto& query : asked.queries) {
      auto hits = from_.query(query, left_);
      if (!hits)
        return std::move(hits).error();
      all.push_back(std::move(*hits));
    }
    return answer{from_.applied(), std::move(all), false};
  }

  outcome<answer> operator()(const ask_page& asked) const {
    return wrap(from_.scroll(asked.scroll, left_));
  }

  outcome<answer> operator()(const ask_count& asked) const {
    auto count = from_.count(asked.filter, left_);
    if (!count)
      return std::move(count).error();
    return answer{from_.applied(), shard_count{*count}, false};
  }

  outcome<answer> operator()(const ask_records& asked) const {
    auto records = from_.retrieve(asked.ids, asked.with_payload, asked.with_vectors);
    if (!records)
      return std::move(records).error();
    return answer{from_.applied(), shard_records{std::move(*records)}, false};
  }

  outcome<answer> operator()(const ask_missing& asked) const {
    return answer{from_.applied(), shard_missing{from_.missing(asked.ids)}, false};
  }

  outcome<answer> operator()(const ask_facet& asked) const {
    auto hits = from_.facet(asked.key, asked.filter, left_);
    if (!hits)
      return std::move(hits).error();
    if (asked.alone && hits->size() > asked.limit)
      hits->resize(asked.limit);
    return answer{from_.applied(), shard_facet{std::move(*hits)}, false};
  }

  outcome<answer> operator()(const ask_figures&) const {
    return answer{from_.applied(), from_.figures(), false};
  }

  outcome<answer> operator()(const ask_terms& asked) const {
    shard_terms all;
    for (const auto& about : asked.about) {
      auto counts = from_.terms(about, left_);
      if (!counts)
        return std::move(counts).error();
      all.counts.push_back(std::move(*counts));
    }
    return answer{from_.applied(), std::move(all), false};
  }

  outcome<answer> operator()(const ask_piece& asked) const {
    auto piece = next_piece(from_.points(), asked.cursor);
    if (!piece)
      return std::move(piece).error();
    return answer{from_.applied(), std::move(*piece), false};
  }

private:
  outcome<answer> wrap(outcome<shard_page> page) const {
    if (!page)
      return std::move(page).error();
    return answer{from_.applied(), std::move(*page), false};
  }

  const view& from_;
  budget& left_;
};

} // namespace

bool can_answer(const answer& told, const question& asked) noexcept {
  if (told.body.index() != asked.index())
    return false;
  if (const auto* queries = std::get_if<ask_queries>(&asked))
    return std::get<std::vector<shard_hits>>(told.body).size() == queries->queries.size();
  const auto* terms = std::get_if<ask_terms>(&asked);
  if (terms == nullptr)
    return true;
  const auto& counts = std::get<shard_terms>(told.body).counts;
  return std::equal(counts.begin(), counts.end(), terms->about.begin(), terms->about.end(),
                    [](const term_counts& count, const term_question& about) {
                      return count.with_index.size() == about.indices.size();
                    });
}

outcome<answer> ask(const view& from, const question& asked, budget& left) {
  return std::visit(reader{from, left}, asked);
}

} // namespace grape::shard
