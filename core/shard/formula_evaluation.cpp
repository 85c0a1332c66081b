#include "core/shard/formula_evaluation.hpp"

#include "core/payload/datetime.hpp"
#include "core/payload/evaluate.hpp"
#include "core/payload/steps.hpp"
#include "core/request/formula_names.hpp"

#include <charconv>
#include <cmath>
#include <numbers>

namespace grape::shard {

namespace {

/// A number in the words of the errors.
std::string printed(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return {text, end};
}

outcome<double> finite(double result, const std::string& of) {
  if (std::isfinite(result))
    return result;
  return status{errc::wrong_input,
                "The expression " + of + " = " + printed(result) + " produced a non-finite number"};
}

status no_value(const std::string& path, const char* kind, const char* why) {
  return {errc::wrong_input, std::string("Expected ") + kind + " value for " + path
                                 + " in the payload and/or in the formula defaults. Error: " + why};
}

constexpr const char* nowhere = "No value found in a payload nor defaults";

double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

/// Metres on a sphere with the Earth's mean radius.
double great_circle(double latitude, double longitude, double other_latitude,
                    double other_longitude) {
  constexpr double radius_m = 6'371'008.8;
  const auto up = std::sin(radians(other_latitude - latitude) / 2);
  const auto across = std::sin(radians(other_longitude - longitude) / 2);
  const auto part =
      up * up + std::cos(radians(latitude)) * std::cos(radians(other_latitude)) * across * across;
  return 2 * radius_m * std::asin(std::sqrt(part));
}

} // namespace

outcome<formula_evaluation> formula_evaluation::make(const formula& of) {
  formula_evaluation made{of};
  for (const auto& [name, value] : of.defaults) {
    if (!name.starts_with('$'))
      continue;
    const auto index = score_index(name);
    if (!index)
      return status{errc::bad_request, index.error().detail};
    if (value.is_number())
      made.default_scores_[*index] = value.number();
  }
  if (auto prepared = made.prepare(of.score); !prepared.ok())
    return prepared;
  return made;
}

status formula_evaluation::prepare(const expression& part) {
  const std::string* path = nullptr;
  if (const auto* number = std::get_if<payload_variable>(&part.node))
    path = &number->path;
  if (const auto* place = std::get_if<geo_distance>(&part.node))
    path = &place->path;
  if (const auto* time = std::get_if<datetime_variable>(&part.node))
    path = &time->path;
  if (path != nullptr && !paths_.contains(*path)) {
    auto parsed = payload::path::parse(*path);
    if (!parsed)
      return {errc::bad_request, "Invalid payload variable: " + *path};
    paths_.emplace(*path, std::move(*parsed));
  }
  const std::vector<expression>* inner = nullptr;
  if (const auto* operation = std::get_if<formula_operation>(&part.node))
    inner = &operation->operands;
  if (const auto* decay = std::get_if<formula_decay>(&part.node))
    inner = &decay->x;
  if (inner != nullptr)
    for (const auto& one : *inner)
      if (auto prepared = prepare(one); !prepared.ok())
        return prepared;
  return {};
}

outcome<float> formula_evaluation::score(const formula_input& of) const {
  const auto exact = value(of_->score, of);
  if (!exact)
    return exact.error();
  const auto narrow = static_cast<float>(*exact);
  const auto checked = finite(narrow, printed(*exact) + " as f32");
  if (!checked)
    return checked.error();
  return narrow;
}

outcome<double> formula_evaluation::value(const expression& of, const formula_input& in) const {
  constexpr std::uint64_t steps_of_a_term = 32;
  if (!payload::take_steps(in.work, steps_of_a_term))
    return status{errc::timed_out, "the deadline passed while a formula was evaluated"};
  return std::visit([&](const auto& node) { return value(node, in); }, of.node);
}

outcome<double> formula_evaluation::value(const score_variable& of, const formula_input& in) const {
  if (of.prefetch < in.scores.size() && in.scores[of.prefetch])
    return static_cast<double>(*in.scores[of.prefetch]);
  const auto instead = default_scores_.find(of.prefetch);
  return instead == default_scores_.end() ? 0.0 : instead->second;
}

/// What stands at the path, or its default: an array in place of several values.
std::optional<payload::value> formula_evaluation::find(const std::string& path,
                                                       const formula_input& in) const {
  payload::array all;
  payload::visit_values(in.payload, paths_.at(path), [&](const payload::value& found) {
    if (const auto* elements = found.as_array())
      all.insert(all.end(), elements->begin(), elements->end());
    else
      all.push_back(found);
    return true;
  });
  std::erase_if(all, [](const payload::value& one) { return one.is_null(); });
  if (!all.empty())
    return std::move(all.front());
  const auto instead = of_->defaults.find(path);
  return instead == of_->defaults.end() ? std::nullopt : std::optional{instead->second};
}

outcome<double> formula_evaluation::value(const payload_variable& of,
                                          const formula_input& in) const {
  const auto found = find(of.path, in);
  if (!found)
    return no_value(of.path, "number", nowhere);
  if (!found->is_number())
    return no_value(of.path, "number", "Value is not a number");
  return found->number();
}

outcome<double> formula_evaluation::value(const condition_value& of,
                                          const formula_input& in) const {
  payload::filter whole;
  whole.must.push_back(of.holds);
  return payload::matches(whole, in.id, in.payload, in.has_vector, in.meanings, in.work)
             ? 1.0
             : 0.0;
}

outcome<double> formula_evaluation::value(const geo_distance& of, const formula_input& in) const {
  const auto found = find(of.path, in);
  if (!found)
    return no_value(of.path, "geo point", nowhere);
  const auto* place = found->as_object();
  const auto* latitude = place == nullptr ? nullptr : place->find("lat");
  const auto* longitude = place == nullptr ? nullptr : place->find("lon");
  if (latitude == nullptr || longitude == nullptr || !latitude->is_number()
      || !longitude->is_number())
    return no_value(of.path, "geo point", "Value is not an object with lat and lon");
  return great_circle(of.latitude, of.longitude, latitude->number(), longitude->number());
}

outcome<double> formula_evaluation::value(const datetime_variable& of,
                                          const formula_input& in) const {
  constexpr double micros_per_second = 1'000'000;
  const auto found = find(of.path, in);
  if (!found)
    return no_value(of.path, "datetime", nowhere);
  const auto* text = found->as_string();
  const auto micros = text == nullptr ? std::nullopt : payload::parse_datetime(*text);
  if (!micros)
    return no_value(of.path, "datetime",
                    text == nullptr ? "Value is not a string" : "Value is not a datetime");
  return static_cast<double>(*micros) / micros_per_second;
}

outcome<double> formula_evaluation::value(const formula_operation& of,
                                          const formula_input& in) const {
  if (of.kind == arithmetic::product || of.kind == arithmetic::sum)
    return fold(of, in);
  if (of.kind == arithmetic::quotient)
    return quotient(of, in);
  const auto first = value(of.operands.front(), in);
  if (!first)
    return first;
  const auto x = *first;
  const auto shown = printed(x);
  switch (of.kind) {
    case arithmetic::negative: return -x;
    case arithmetic::absolute: return std::abs(x);
    case arithmetic::square_root: return finite(std::sqrt(x), "√" + shown);
    case arithmetic::exponential: return finite(std::exp(x), "exp(" + shown + ")");
    case arithmetic::decimal_logarithm: return finite(std::log10(x), "log10(" + shown + ")");
    case arithmetic::natural_logarithm: return finite(std::log(x), "ln(" + shown + ")");
    case arithmetic::power: {
      const auto exponent = value(of.operands.back(), in);
      if (!exponent)
        return exponent;
      return finite(std::pow(x, *exponent), shown + "^" + printed(*exponent));
    }
    case arithmetic::product:
    case arithmetic::sum:
    case arithmetic::quotient: break;
  }
  return x;
}

outcome<double> formula_evaluation::fold(const formula_operation& of,
                                         const formula_input& in) const {
  const auto is_product = of.kind == arithmetic::product;
  double result = is_product ? 1 : 0;
  for (const auto& operand : of.operands) {
    const auto next = value(operand, in);
    if (!next)
      return next;
    if (is_product && *next == 0)
      return 0.0;
    result = is_product ? result * *next : result + *next;
  }
  return result;
}

outcome<double> formula_evaluation::quotient(const formula_operation& of,
                                             const formula_input& in) const {
  const auto left = value(of.operands.front(), in);
  if (!left || *left == 0)
    return left ? 0.0 : left;
  const auto right = value(of.operands.back(), in);
  if (!right)
    return right;
  if (*right == 0 && of.by_zero)
    return *of.by_zero;
  return finite(*left / *right, printed(*left) + "/" + printed(*right));
}

outcome<double> formula_evaluation::value(const formula_decay& of, const formula_input& in) const {
  const auto x = value(of.x.front(), in);
  if (!x)
    return x;
  const auto target = of.x.size() == 2 ? value(of.x.back(), in) : outcome<double>{0.0};
  if (!target)
    return target;
  const auto far = std::abs(*x - *target);
  switch (of.shape) {
    case decay_shape::linear: return std::max(0.0, 1.0 - of.lambda * far);
    case decay_shape::exponential: return std::exp(of.lambda * far);
    case decay_shape::gauss: return std::exp(of.lambda * far * far);
  }
  return 0.0;
}

} // namespace grape::shard
