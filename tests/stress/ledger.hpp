#pragma once

#include "tests/stress/content.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace grape::stress {

/// What is known of one id: it is one of these. Absent: no such point.
struct known_point {
  std::vector<std::optional<content>> may_be{std::nullopt};
  std::uint64_t changes = 0; ///< Begun so far.
  bool under_way = false;    ///< The last of them has no answer yet.

  /// Whether it surely exists.
  bool exists() const noexcept { return may_be.size() == 1 && may_be.front().has_value(); }
};

using known_points = std::map<std::uint64_t, known_point>;
using stored_points = std::map<std::uint64_t, content>;

/// What became of a write.
enum class fate : std::uint8_t { acknowledged, refused, unknown };

/// What a write makes of a point.
using change = std::function<std::optional<content>(const std::optional<content>&)>;

/// What one writer knows of its points. The writer changes it; `copy` may be called by anybody.
class ledger {
public:
  explicit ledger(std::uint64_t owner);

  std::uint64_t owner() const noexcept { return owner_; }

  /// A write to these ids leaves; the next call is `end`.
  void begin(const std::vector<std::uint64_t>& ids);

  /// Its answer came.
  void end(const std::vector<std::uint64_t>& ids, fate answer, const change& made);

  /// Only for the writer.
  const known_points& points() const noexcept { return points_; }

  known_points copy() const;

private:
  std::uint64_t owner_;
  mutable std::mutex mutex_; // Protects what follows from `copy`.
  known_points points_;
};

/// What is wrong with `stored`, all that was found of the `known` points: a sentence for each that
/// is lost, stale, or came back. At most `sentences_max`.
std::vector<std::string> flaws_of(const known_points& known, const stored_points& stored);

inline constexpr std::size_t sentences_max = 20;

/// Those that nothing was done to between the two moments.
known_points unchanged_between(const known_points& before, const known_points& after);

} // namespace grape::stress
