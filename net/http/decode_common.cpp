#include "net/http/decode_common.hpp"

#include "core/payload/path.hpp"
#include "net/http/json_writer.hpp"

namespace grape::http {

namespace {

std::string printed(double value) {
  json_writer out;
  out.number(value);
  return std::move(out).take();
}

void check_range(const node& of, std::uint64_t value, const whole_rule& rule) {
  const auto text = "value " + std::to_string(value) + " invalid, must be ";
  const auto low = value < rule.least;
  if (rule.most && (low || value > *rule.most))
    of.invalid(text + "from " + std::to_string(rule.least) + " to " + std::to_string(*rule.most));
  else if (low)
    of.invalid(text + std::to_string(rule.least) + " or larger");
}

} // namespace

std::optional<bool> boolean_field(const node& of, std::string_view key) {
  const auto found = of.field(key);
  return found ? std::optional{found->boolean()} : std::nullopt;
}

std::optional<std::uint64_t> whole_field(const node& of, std::string_view key,
                                         const whole_rule& rule) {
  const auto found = of.field(key);
  if (!found)
    return std::nullopt;
  const auto value = found->whole(rule.type_max, rule.type);
  check_range(*found, value, rule);
  return value;
}

std::optional<std::uint32_t> u32_field(const node& of, std::string_view key, std::uint64_t least) {
  const auto value = whole_field(of, key, u32_rule(least));
  return value ? std::optional{static_cast<std::uint32_t>(*value)} : std::nullopt;
}

std::optional<double> number_field(const node& of, std::string_view key) {
  const auto found = of.field(key);
  return found ? std::optional{found->number()} : std::nullopt;
}

std::optional<double> number_field(const node& of, std::string_view key, double least,
                                   double most) {
  const auto found = of.field(key);
  if (!found)
    return std::nullopt;
  const auto value = found->number();
  const auto text = "value " + printed(value) + " invalid, must be ";
  if (most == unbounded && value < least)
    found->invalid(text + printed(least) + " or larger");
  else if (value < least || value > most)
    found->invalid(text + "from " + printed(least) + " to " + printed(most));
  return value;
}

std::optional<float> single_field(const node& of, std::string_view key) {
  const auto found = of.field(key);
  return found ? std::optional{found->single()} : std::nullopt;
}

std::optional<std::string> text_field(const node& of, std::string_view key) {
  const auto found = of.field(key);
  return found ? std::optional{found->text()} : std::nullopt;
}

std::vector<std::string> read_texts(const node& of) {
  std::vector<std::string> out;
  of.each_item([&](const node& item) { out.push_back(item.text()); });
  return out;
}

std::string read_path(const node& of) {
  auto text = of.text();
  if (const auto parsed = payload::path::parse(text); !parsed)
    of.malformed(parsed.error().detail);
  return text;
}

std::vector<std::string> read_paths(const node& of) {
  std::vector<std::string> out;
  of.each_item([&](const node& item) { out.push_back(read_path(item)); });
  return out;
}

point_id read_id(const node& of) {
  const auto kind = of.type();
  if (kind == json::kind::big)
    return point_id{of.value().big()};
  if (kind == json::kind::integer && of.value().integer() >= 0)
    return point_id{static_cast<std::uint64_t>(of.value().integer())};
  if (kind == json::kind::string)
    if (const auto id = point_id::parse_uuid(of.value().text()))
      return *id;
  json_writer shown;
  shown.tree(of.value().tree());
  of.malformed("value " + std::move(shown).take()
               + " is not a valid point ID, valid values are either an unsigned integer or a UUID");
  return {};
}

std::vector<point_id> read_ids(const node& of) {
  std::vector<point_id> out;
  of.each_item([&](const node& item) { out.push_back(read_id(item)); });
  return out;
}

payload_selector read_payload_selector(const node& of, payload_selector when_absent) {
  using mode = payload_selector::mode;
  constexpr std::string_view expecting
    = "Expected a boolean, an array of strings, or an object with an include/exclude field";
  const auto found = of.field("with_payload");
  if (!found)
    return when_absent;
  if (found->is(json::kind::boolean))
    return {found->boolean() ? mode::all : mode::none, {}};
  if (found->is(json::kind::array))
    return {mode::include, read_paths(*found)};
  std::size_t fields = 0;
  if (found->is(json::kind::object))
    found->each_field([&](std::string_view, const node&) { ++fields; });
  if (fields == 1) {
    if (const auto include = found->field("include"))
      return {mode::include, read_paths(*include)};
    if (const auto exclude = found->field("exclude"))
      return {mode::exclude, read_paths(*exclude)};
  }
  found->malformed(std::string(expecting));
  return when_absent;
}

vector_selector read_vector_selector(const node& of) {
  using mode = vector_selector::mode;
  const auto found = of.field("with_vector", "with_vectors");
  if (!found)
    return {};
  if (found->is(json::kind::boolean))
    return {found->boolean() ? mode::all : mode::none, {}};
  if (found->is(json::kind::array))
    return {mode::named, read_texts(*found)};
  found->malformed("Expected a boolean, or an array of strings");
  return {};
}

namespace {

std::optional<shard_key> as_shard_key(const node& of) {
  if (of.is(json::kind::string))
    return of.text();
  if (of.is(json::kind::big))
    return of.value().big();
  if (of.is(json::kind::integer) && of.value().integer() >= 0)
    return static_cast<std::uint64_t>(of.value().integer());
  return std::nullopt;
}

/// As far as it has the right shape.
std::optional<shard_key_selector> as_selector(const node& of) {
  shard_key_selector out;
  if (of.is(json::kind::array)) {
    bool sound = true;
    of.each_item([&](const node& item) {
      auto key = as_shard_key(item);
      sound = sound && key;
      if (key)
        out.keys.push_back(*std::move(key));
    });
    return sound ? std::optional{std::move(out)} : std::nullopt;
  }
  auto key = as_shard_key(of);
  if (!key && of.is(json::kind::object)) {
    const auto target = of.field("target");
    const auto fallback = of.field("fallback");
    key = target ? as_shard_key(*target) : std::nullopt;
    out.fallback = fallback ? as_shard_key(*fallback) : std::nullopt;
    if (!out.fallback)
      return std::nullopt;
  }
  if (!key)
    return std::nullopt;
  out.keys.push_back(*std::move(key));
  return out;
}

} // namespace

shard_key read_shard_key(const node& of) {
  if (auto key = as_shard_key(of))
    return *std::move(key);
  of.malformed("data did not match any variant of untagged enum ShardKey");
  return {};
}

std::optional<shard_key_selector> shard_keys_field(const node& of) {
  const auto keys = of.field("shard_key");
  if (!keys)
    return std::nullopt;
  auto selector = as_selector(*keys);
  if (!selector)
    keys->malformed("data did not match any variant of untagged enum ShardKeySelector");
  return selector;
}

} // namespace grape::http
