#include "net/http/decode_formula.hpp"

#include "core/payload/datetime.hpp"
#include "core/payload/path.hpp"
#include "core/request/formula_names.hpp"
#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/json_writer.hpp"

#include <cmath>
#include <functional>
#include <vector>

namespace grape::http {

namespace {

expression read_expression(const node& of);

formula_operation operation_of(arithmetic kind) {
  formula_operation out;
  out.kind = kind;
  return out;
}

expression read_list(arithmetic kind, const node& of) {
  auto out = operation_of(kind);
  of.each_item([&](const node& item) { out.operands.push_back(read_expression(item)); });
  return {std::move(out)};
}

expression read_one(arithmetic kind, const node& of) {
  auto out = operation_of(kind);
  out.operands.push_back(read_expression(of));
  return {std::move(out)};
}

expression read_two(arithmetic kind, const node& of, std::string_view first,
                    std::string_view second) {
  auto out = operation_of(kind);
  for (const auto name : {first, second})
    if (const auto operand = of.need(name))
      out.operands.push_back(read_expression(*operand));
    else
      out.operands.emplace_back();
  if (kind == arithmetic::quotient)
    if (const auto by_zero = single_field(of, "by_zero_default"))
      out.by_zero = static_cast<double>(*by_zero);
  return {std::move(out)};
}

expression read_decay(decay_shape shape, const node& of) {
  formula_decay out;
  out.shape = shape;
  out.x.emplace_back();
  if (const auto x = of.need("x"))
    out.x.front() = read_expression(*x);
  if (const auto target = of.field("target"))
    out.x.push_back(read_expression(*target));
  const auto midpoint = static_cast<double>(single_field(of, "midpoint").value_or(0.5f));
  const auto scale = static_cast<double>(single_field(of, "scale").value_or(1.0f));
  const auto is_linear = shape == decay_shape::linear;
  json_writer shown;
  shown.number(midpoint);
  if (is_linear ? midpoint < 0 || midpoint > 1 : midpoint <= 0 || midpoint >= 1)
    of.refuse(errc::wrong_input,
              "Validation failed: "
                  + std::string(is_linear
                                    ? "Linear decay midpoint should be in the range [0.0, 1.0]"
                                    : "Decay midpoint should be in the range (0.0, 1.0)")
                  + ", got " + std::move(shown).take() + ".");
  if (scale <= 0) {
    json_writer printed;
    printed.number(scale);
    of.refuse(errc::wrong_input, "Validation failed: Decay scale should be non-zero positive, got "
                                     + std::move(printed).take() + ".");
  }
  switch (shape) {
    case decay_shape::linear: out.lambda = (1 - midpoint) / scale; break;
    case decay_shape::exponential: out.lambda = std::log(midpoint) / scale; break;
    case decay_shape::gauss: out.lambda = std::log(midpoint) / (scale * scale); break;
  }
  return {std::move(out)};
}

expression read_geo_distance(const node& of) {
  geo_distance out;
  if (const auto origin = of.need("origin")) {
    if (const auto latitude = origin->need("lat"))
      out.latitude = latitude->number();
    if (const auto longitude = origin->need("lon"))
      out.longitude = longitude->number();
  }
  if (const auto to = of.need("to"))
    out.path = read_path(*to);
  return {std::move(out)};
}

expression read_variable(const node& of) {
  const auto name = of.text();
  if (!name.starts_with('$')) {
    if (!payload::path::parse(name))
      of.malformed("Invalid payload variable: " + name);
    return {payload_variable{name}};
  }
  const auto index = score_index(name);
  if (!index)
    of.malformed(index.error().detail);
  return {score_variable{index ? *index : 0}};
}

/// Seconds since the epoch.
expression read_datetime(const node& of) {
  constexpr double micros_per_second = 1'000'000;
  const auto micros = payload::parse_datetime(of.text());
  if (!micros)
    of.malformed("'" + of.text() + "' is not in a supported date/time format, please use RFC 3339");
  return {static_cast<double>(micros.value_or(0)) / micros_per_second};
}

using reader = std::function<expression(const node&)>;

struct named_reader {
  std::string_view name;
  reader read;
};

/// Everything that is an object with one name in it, but for conditions.
const std::vector<named_reader>& readers() {
  const auto one = [](arithmetic kind) {
    return [kind](const node& of) { return read_one(kind, of); };
  };
  const auto list = [](arithmetic kind) {
    return [kind](const node& of) { return read_list(kind, of); };
  };
  const auto decay = [](decay_shape shape) {
    return [shape](const node& of) { return read_decay(shape, of); };
  };
  static const std::vector<named_reader> all{
      {"mult", list(arithmetic::product)},
      {"sum", list(arithmetic::sum)},
      {"neg", one(arithmetic::negative)},
      {"abs", one(arithmetic::absolute)},
      {"sqrt", one(arithmetic::square_root)},
      {"exp", one(arithmetic::exponential)},
      {"log10", one(arithmetic::decimal_logarithm)},
      {"ln", one(arithmetic::natural_logarithm)},
      {"div", [](const node& of) { return read_two(arithmetic::quotient, of, "left", "right"); }},
      {"pow", [](const node& of) { return read_two(arithmetic::power, of, "base", "exponent"); }},
      {"lin_decay", decay(decay_shape::linear)},
      {"exp_decay", decay(decay_shape::exponential)},
      {"gauss_decay", decay(decay_shape::gauss)},
      {"geo_distance", read_geo_distance},
      {"datetime", read_datetime},
      {"datetime_key", [](const node& of) { return expression{datetime_variable{read_path(of)}}; }},
  };
  return all;
}

expression read_expression(const node& of) {
  switch (of.type()) {
    case json::kind::integer:
    case json::kind::big:
    case json::kind::floating: return {static_cast<double>(of.single())};
    case json::kind::string: return read_variable(of);
    case json::kind::object: break;
    case json::kind::null:
    case json::kind::boolean:
    case json::kind::array:
      of.malformed("data did not match any variant of untagged enum Expression");
      return {};
  }
  for (const auto& [name, read] : readers())
    if (const auto inner = of.field(name))
      return read(*inner);
  return {condition_value{read_filter_condition(of)}};
}

} // namespace

formula read_formula(const node& of) {
  formula out;
  if (const auto score = of.need("formula"))
    out.score = read_expression(*score);
  if (const auto defaults = of.field("defaults"))
    defaults->each_entry([&](std::string_view name, const node& value) {
      if (name.starts_with('$')) {
        if (const auto index = score_index(name); !index)
          of.invalid(index.error().detail, "defaults");
        else if (!value.value().tree().is_number())
          of.broken_rule("Score default must be a number", "defaults");
      } else if (!payload::path::parse(name)) {
        of.invalid("Invalid payload variable: " + std::string(name), "defaults");
      }
      out.defaults.insert_or_assign(std::string(name), value.value().tree());
    });
  return out;
}

std::optional<order_value> read_start(const node& of) {
  if (of.is(json::kind::integer))
    return of.value().integer();
  if (of.is(json::kind::floating) || of.is(json::kind::big))
    return of.value().number();
  if (of.is(json::kind::string))
    if (const auto micros = payload::parse_datetime(of.text()))
      return order_value{*micros};
  of.malformed("data did not match any variant of untagged enum StartFrom");
  return std::nullopt;
}

} // namespace grape::http
