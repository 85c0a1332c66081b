#include "tools/simulate/arguments.hpp"

#include <charconv>
#include <functional>
#include <map>

namespace grape::simulate {

namespace {

template <class Number>
bool read(std::string_view text, Number& to) {
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, to);
  return error == std::errc{} && stop == end;
}

bool read_range(std::string_view text, arguments& to) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos)
    return read(text, to.last_seed) && (to.first_seed = 1) == 1;
  return read(text.substr(0, dots), to.first_seed) && read(text.substr(dots + 2), to.last_seed);
}

/// Calls `take` for each part between commas, until one is refused.
bool each_part(std::string_view text, const std::function<bool(std::string_view)>& take) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (!take(text.substr(0, comma)))
      return false;
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return true;
}

bool read_faults(std::string_view text, std::uint32_t& off) {
  return each_part(text, [&off](std::string_view name) {
    for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(simulation::fault::count_); ++i)
      if (to_string(static_cast<simulation::fault>(i)) == name) {
        off |= 1u << i;
        return true;
      }
    return false;
  });
}

bool read_ordinals(std::string_view text, std::set<std::uint64_t>& to) {
  return each_part(text, [&to](std::string_view part) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const auto dash = part.find('-');
    if (!read(part.substr(0, dash), first))
      return false;
    last = first;
    if (dash != std::string_view::npos && !read(part.substr(dash + 1), last))
      return false;
    for (auto i = first; i <= last; ++i)
      to.insert(i);
    return true;
  });
}

/// "nodes=3,campaigns=2,..." in any order; what is missing keeps its default.
bool read_bounds(std::string_view text, arguments& to) {
  auto& may = to.explored.emplace();
  return each_part(text, [&may](std::string_view part) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos)
      return false;
    const auto name = part.substr(0, equals);
    const auto value = part.substr(equals + 1);
    if (name == "nodes")
      return read(value, may.nodes) && may.nodes >= 1 && may.nodes <= 5;
    if (name == "campaigns")
      return read(value, may.campaigns);
    if (name == "proposals")
      return read(value, may.proposals);
    if (name == "crashes")
      return read(value, may.crashes);
    if (name == "seed")
      return read(value, may.seed);
    return name == "states" && read(value, may.states_max);
  });
}

/// A count from 1 to `most`.
bool read_count(std::string_view text, std::uint32_t most, std::optional<std::uint32_t>& to) {
  std::uint32_t count = 0;
  if (!read(text, count) || count == 0 || count > most)
    return false;
  to = count;
  return true;
}

using reader = std::function<bool(std::string_view, arguments&)>;

const std::map<std::string_view, reader>& with_value() {
  static const std::map<std::string_view, reader> all = {
      {"--seed",
       [](auto text, auto& to) {
         return read(text, to.first_seed) && (to.last_seed = to.first_seed, true);
       }},
      {"--seeds", [](auto text, auto& to) { return read_range(text, to); }},
      {"--threads", [](auto text, auto& to) { return read(text, to.workers) && to.workers > 0; }},
      {"--seconds", [](auto text, auto& to) { return read(text, to.seconds); }},
      {"--steps", [](auto text, auto& to) { return read(text, to.steps_max); }},
      {"--failures", [](auto text, auto& to) { return read(text, to.failures_max); }},
      {"--without", [](auto text, auto& to) { return read_faults(text, to.off); }},
      {"--suppress", [](auto text, auto& to) { return read_ordinals(text, to.suppressed); }},
      {"--explore", [](auto text, auto& to) { return read_bounds(text, to); }},
      {"--nodes", [](auto text, auto& to) { return read_count(text, 200, to.nodes); }},
      {"--shards", [](auto text, auto& to) { return read_count(text, 10'000, to.shards); }},
      {"--factor", [](auto text, auto& to) { return read_count(text, 7, to.factor); }},
      {"--trace", [](auto text, auto& to) { return to.trace_file = text, !text.empty(); }},
      {"--draw", [](auto text, auto& to) { return to.drawing_file = text, !text.empty(); }},
  };
  return all;
}

const std::map<std::string_view, bool arguments::*>& flags() {
  static const std::map<std::string_view, bool arguments::*> all = {
      {"--reference", &arguments::reference},
      {"--shrink", &arguments::shrinks},
      {"--digests", &arguments::prints_digests},
      {"--all-rare", &arguments::wants_all_rare},
      {"--cluster", &arguments::clustered},
      {"--modelled", &arguments::modelled},
      {"--help", &arguments::help},
  };
  return all;
}

} // namespace

outcome<arguments> parse(int count, const char* const* words) {
  arguments given;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (const auto flag = flags().find(word); flag != flags().end()) {
      given.*flag->second = true;
      continue;
    }
    const auto found = with_value().find(word);
    if (found == with_value().end())
      return status{errc::invalid, "unknown option " + std::string{word}};
    if (++i == count || !found->second(words[i], given))
      return status{errc::invalid, "no good value for " + std::string{word}};
  }
  if (given.first_seed > given.last_seed)
    return status{errc::invalid, "the first seed lies behind the last"};
  return given;
}

std::string_view usage() noexcept {
  return R"(usage: simulate [OPTION...]     runs Raft groups in virtual time, one per seed
  --seed S            one seed
  --seeds A..B        a range of seeds (both included); a lone B starts at 1
  --threads N         worker processes; a seed that aborts takes only its own worker along
  --seconds N         virtual seconds of storm before everything heals (60)
  --steps N           stop each run silently after so many steps
  --failures N        give up after so many failed seeds (10)
  --without KIND,..   kinds of faults that do not happen
  --suppress N,A-B,.. ordinals of faults that do not happen (a trace numbers them)
  --reference         the storm that throughput is measured with: five voters
  --shrink            of one failing seed: the fewest faults that still break a law
  --trace FILE        of one seed: every step as a line of JSON
  --draw FILE.svg     of one seed: a space-time diagram
  --digests           print only each seed's digest of everything that happened
  --all-rare          fail if a "sometimes" point was never hit
  --explore BOUNDS    instead: every order of steps of a small group, each state once; BOUNDS are
                      nodes=3,campaigns=2,proposals=1,crashes=1,states=1000000,seed=1
  --cluster           instead: whole clusters, with metadata, placement, moves and failure detector
    --nodes N           up to 7: every group is made of real Raft peers; more, or --modelled:
                        groups are modelled, and the last of the N nodes comes in the end
    --shards S          of one collection    --factor F   replicas of each shard
exit status: 0 all passed, 1 a law broke, 2 wrong arguments
)";
}

simulation::storm storm_of(std::uint64_t seed, const arguments& given) {
  const auto drawn =
      given.reference ? simulation::reference_storm(seed) : simulation::drawn_storm(seed);
  return simulation::without(drawn, given.off);
}

simulation::run_options options_of(const arguments& given) {
  simulation::run_options options;
  options.storm_for = given.seconds * simulation::second;
  options.steps_max = given.steps_max;
  options.suppressed = given.suppressed;
  return options;
}

fleet::weather weather_of(std::uint64_t seed, const arguments& given) {
  return fleet::drawn_weather(seed, {given.nodes, given.shards, given.factor});
}

fleet::world_options world_options_of(const arguments& given) {
  fleet::world_options options;
  options.storm_for = given.seconds * simulation::second;
  return options;
}

} // namespace grape::simulate
