#include "tools/bench/common_options.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace grape::bench {

namespace {

/// An option whose value is one of the names.
template <class Value, class To>
void add_choice(CLI::App& to, const std::string& option, const std::map<std::string, Value>& names,
                To& chosen, const std::string& text) {
  const auto choose = [&chosen, names](const std::string& name) { chosen = names.at(name); };
  to.add_option_function<std::string>(option, choose, text)->check(CLI::IsMember(names));
}

} // namespace

void add_metric(CLI::App& to, metric& kind) {
  add_choice<metric>(to, "--metric",
                     {{"cosine", metric::cosine},
                      {"dot", metric::dot},
                      {"euclid", metric::euclid},
                      {"manhattan", metric::manhattan}},
                     kind, "cosine, dot, euclid or manhattan");
}

void add_isa(CLI::App& to, isa& with) {
  std::map<std::string, isa> names;
  for (const auto set : usable_isas())
    names.emplace(to_string(set), set);
  add_choice<isa>(to, "--isa", names, with, "Grape's code: portable, avx2, avx512");
}

void add_code(CLI::App& to, std::optional<coding>& code) {
  std::map<std::string, coding> names;
  for (const auto each : {coding::floats, coding::int8, coding::int4, coding::bits,
                          coding::bfloat16, coding::product})
    names.emplace(to_string(each), each);
  add_choice<coding>(to, "--code", names, code,
                     "floats, int8, int4, bits, bfloat16 or product: what walks compare");
}

} // namespace grape::bench
