#pragma once

#include <cstdint>
#include <optional>

namespace grape::index {

/// How a search uses the codes of segments, where they have some.
struct code_use {
  bool ignored = false; ///< True: walks compare the vectors themselves.
  /// False: what is found by codes keeps its place and a distance estimated from its code. Rows of
  /// tails, and what is looked at without a walk, are measured exactly all the same.
  bool rescored = true;
  /// So many candidates for each result are measured exactly, 1 or more. Absent: as many as the
  /// kind of code needs (see rescored_for).
  std::optional<double> oversampling = std::nullopt;

  friend bool operator==(const code_use&, const code_use&) = default;
};

/// How rows of a segment were found.
enum class search_way : std::uint8_t {
  walk,
  codes, ///< The codes of all that pass were looked at.
  rows,  ///< Themselves were.
};

/// How hard a segment is searched.
struct effort {
  // Implicit: most callers only say this.
  effort(std::uint32_t candidates) noexcept
    : ef(candidates) {}
  effort(std::uint32_t candidates, const code_use& how) noexcept
    : ef(candidates)
    , codes(how) {}

  std::uint32_t ef; ///< How many candidates a walk keeps; at least as many as it owes are.
  code_use codes{};
  search_way* way = nullptr; ///< Not null: told how the rows were found, if not by a walk.
};

} // namespace grape::index
