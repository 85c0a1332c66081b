#pragma once

#include "core/budget.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/shard/query.hpp"
#include "core/shard/view.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape::shard {

/// Queries of one request, answered from one view.
struct ask_queries {
  std::vector<shard_query> queries;

  friend bool operator==(const ask_queries&, const ask_queries&) = default;
};

struct ask_page {
  shard_scroll scroll;

  friend bool operator==(const ask_page&, const ask_page&) = default;
};

struct ask_count {
  std::optional<payload::filter> filter;

  friend bool operator==(const ask_count&, const ask_count&) = default;
};

struct ask_records {
  std::vector<point_id> ids;
  payload_selector with_payload;
  vector_selector with_vectors;

  friend bool operator==(const ask_records&, const ask_records&) = default;
};

/// Which of these ids do not exist?
struct ask_missing {
  std::vector<point_id> ids;

  friend bool operator==(const ask_missing&, const ask_missing&) = default;
};

struct ask_figures {
  friend bool operator==(const ask_figures&, const ask_figures&) = default;
};

/// How often does each value of this indexed field occur?
struct ask_facet {
  std::string key;
  std::optional<payload::filter> filter;
  std::uint64_t limit = 10; ///< How many values are wanted in the end. Zero is none.
  bool alone = false; ///< No other shard is asked: the `limit` most frequent values are enough.

  friend bool operator==(const ask_facet&, const ask_facet&) = default;
};

/// What `idf` needs to know, for several queries of one request.
struct ask_terms {
  std::vector<term_question> about;

  friend bool operator==(const ask_terms&, const ask_terms&) = default;
};

/// What comes next of the whole state, for an archive?
struct ask_piece {
  std::string cursor; ///< As the last piece said; empty = from the beginning.

  friend bool operator==(const ask_piece&, const ask_piece&) = default;
};

/// Everything a shard can be asked without changing it.
using question
  = std::variant<ask_queries, ask_page, ask_count, ask_records, ask_missing, ask_figures,
                 ask_facet, ask_terms, ask_piece>;

/// What `ask_records` finds, in the order asked.
struct shard_records {
  std::vector<record> records;

  friend bool operator==(const shard_records&, const shard_records&) = default;
};

/// What `ask_missing` finds, in the order given.
struct shard_missing {
  std::vector<point_id> ids;

  friend bool operator==(const shard_missing&, const shard_missing&) = default;
};

struct shard_count {
  std::uint64_t count = 0;

  friend bool operator==(const shard_count&, const shard_count&) = default;
};

/// What `ask_facet` finds: every value, or the most frequent ones, in the order of an answer.
struct shard_facet {
  std::vector<facet_hit> hits;

  friend bool operator==(const shard_facet&, const shard_facet&) = default;
};

/// What `ask_terms` finds, in the order asked.
struct shard_terms {
  std::vector<term_counts> counts;

  friend bool operator==(const shard_terms&, const shard_terms&) = default;
};

/// A piece of a shard's state. Pieces from different replicas, and from states that became newer
/// meanwhile, make one: that of the last piece.
struct piece_of_state {
  std::string chunk; ///< A `snapshot_chunk`, encoded.
  std::string cursor;
  bool complete = false; ///< It is the last one.

  friend bool operator==(const piece_of_state&, const piece_of_state&) = default;
};

/// How a question came to its answer, as whoever asked saw it. It does not travel.
struct answer_way {
  node_number by;                 ///< Who answered; 0 = not known.
  std::vector<node_number> asked; ///< All who were asked, in order.
  bool hedged = false;            ///< One was silent, and another was asked beside it.
  std::uint64_t took_us = 0;      ///< From the first question to the answer.

  friend bool operator==(const answer_way&, const answer_way&) = default;
};

/// The answer to a question: the alternative at the question's own position.
struct answer {
  log_index applied; ///< The state that was asked: every entry up to here, none after it.
  std::variant<std::vector<shard_hits>, shard_page, shard_count, shard_records, shard_missing,
               shard_figures, shard_facet, shard_terms, piece_of_state>
    body;
  bool indexing = false; ///< Background work on the shard's indexes is under way; its door knows.
  /// So many ms at most the state is behind what was committed when it was asked; nothing: nobody
  /// knows. 0 of a read whose level is not `eventual`. Its door knows.
  std::optional<std::uint64_t> staleness_ms = 0;
  answer_way way{};

  friend bool operator==(const answer&, const answer&) = default;
};

/// Whether `told` has the shape of an answer to `asked`: another node may say anything.
bool can_answer(const answer& told, const question& asked) noexcept;

/// Asks one view. Errors: those of the view's readers.
outcome<answer> ask(const view& from, const question& asked, budget& left);

} // namespace grape::shard
