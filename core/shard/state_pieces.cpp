#include "core/shard/state_pieces.hpp"

#include "core/shard/snapshot_source.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace grape::shard {

namespace {

/// Larger than between replicas: nobody waits for a piece while it is on its way.
constexpr std::size_t piece_bytes = std::size_t{1} << 20;

/// Nothing is left to say after this position.
bool is_end(const snapshot_position& at, log_index index) {
  return !at.walking && at.at >= index && !at.last;
}

} // namespace

outcome<piece_of_state> next_piece(storage::point_reader from, std::string_view cursor) {
  auto source = snapshot_source::open(std::move(from));
  if (!source)
    return std::move(source).error();
  snapshot_standing standing;
  if (!cursor.empty()) {
    auto at = decode_snapshot_position(cursor);
    if (!at)
      return status{errc::bad_request, "not a cursor of a shard's pieces"};
    standing.staged = *std::move(at);
  }
  const auto begin = source->begin(standing);
  if (standing.staged && begin != *standing.staged)
    return status{errc::unavailable, "too much of the shard changed meanwhile: begin anew"};
  if (is_end(begin, source->index())) {
    const snapshot_chunk nothing{
        .from = begin, .to = begin, .schema = {}, .erased = {}, .points = {}};
    return piece_of_state{encode(snapshot_question{nothing}), encode(begin), true};
  }
  const auto next = source->next(begin, piece_bytes);
  if (!next)
    return next.error();
  const auto* chunk = *next ? std::get_if<snapshot_chunk>(&**next) : nullptr;
  if (chunk == nullptr)
    return status{errc::internal, "a shard has no piece where one must follow"};
  return piece_of_state{encode(**next), encode(chunk->to), is_end(chunk->to, source->index())};
}

} // namespace grape::shard
