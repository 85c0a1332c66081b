#pragma once

#include "core/budget.hpp"
#include "core/outcome.hpp"
#include "core/payload/field_meaning.hpp"
#include "core/payload/path.hpp"
#include "core/request/formula.hpp"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace grape::shard {

/// One candidate of a formula. What it refers to outlives the call.
struct formula_input {
  const point_id& id;
  const payload::object& payload;
  std::span<const std::optional<float>> scores; ///< By prefetch; fewer count as absent.
  std::function<bool(std::string_view)> has_vector;
  payload::field_meanings meanings = {}; ///< For conditions.
  budget* work = nullptr; ///< Its deadline is looked at on the way, at no cost in visits.
};

/// A formula made ready to be evaluated for many points. The formula outlives it. Thread-safe once
/// made.
class formula_evaluation {
public:
  /// Errors: bad_request if a path or a name of a default does not parse.
  static outcome<formula_evaluation> make(const formula& of);

  /// Errors: timed_out: the deadline of `work`; wrong_input: a value is missing or of another kind,
  /// or a result is not finite. The texts are those that Qdrant's clients know.
  outcome<float> score(const formula_input& of) const;

private:
  explicit formula_evaluation(const formula& of)
    : of_(&of) {}

  status prepare(const expression& part);

  outcome<double> value(const expression& of, const formula_input& in) const;
  outcome<double> value(double constant, const formula_input&) const { return constant; }
  outcome<double> value(const score_variable& of, const formula_input& in) const;
  outcome<double> value(const payload_variable& of, const formula_input& in) const;
  outcome<double> value(const condition_value& of, const formula_input& in) const;
  outcome<double> value(const geo_distance& of, const formula_input& in) const;
  outcome<double> value(const datetime_variable& of, const formula_input& in) const;
  outcome<double> value(const formula_operation& of, const formula_input& in) const;
  outcome<double> value(const formula_decay& of, const formula_input& in) const;
  outcome<double> fold(const formula_operation& of, const formula_input& in) const;
  outcome<double> quotient(const formula_operation& of, const formula_input& in) const;

  std::optional<payload::value> find(const std::string& path, const formula_input& in) const;

  const formula* of_;
  std::map<std::string, payload::path, std::less<>> paths_;
  std::map<std::size_t, double> default_scores_;
};

} // namespace grape::shard
