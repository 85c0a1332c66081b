#include "core/cluster/node_identity.hpp"

#include "core/codec/crc32c.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <utility>

namespace grape::cluster {

namespace {

constexpr std::string_view head
  = "# Whose data this is. Written by graped; do not edit: the last line sums up all others.\n";
constexpr std::string_view head_without_sum
  = "# Whose data this is. Written by graped; do not edit.\n";

constexpr std::array stage_names{"empty", "agreed", "formed"};

/// What the first versions wrote.
std::string few_lines_of(std::string_view first, const node_identity& who) {
  return std::string(first) + "node_id = \"" + who.node_id + "\"\ncluster_id = \"" + who.cluster_id
         + "\"\nincarnation = " + std::to_string(who.incarnation) + "\n";
}

std::string lines_of(const node_identity& who) {
  return few_lines_of(head, who) + "disk = " + std::to_string(who.disk)
         + "\nnumber = " + std::to_string(who.number.value) + "\nfounding = \""
         + stage_names[static_cast<std::size_t>(who.founding)] + "\"\n";
}

std::string sum_of(std::string_view text) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", codec::crc32c(text));
  return digits;
}

std::string summed(const std::string& text) {
  return text + "crc32c = \"" + sum_of(text) + "\"\n";
}

template <class Number>
void read_number(const std::string& digits, Number& to) {
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), to);
}

/// The values of `key = "text"` and `key = number` lines, which is all there may be.
std::map<std::string, std::string, std::less<>> fields_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> fields;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto equals = line.find(" = ");
    if (equals == std::string_view::npos)
      continue;
    auto value = line.substr(equals + 3);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    fields.emplace(line.substr(0, equals), value);
  }
  return fields;
}

} // namespace

std::string print_identity(const node_identity& who) {
  return summed(lines_of(who));
}

outcome<node_identity> parse_identity(std::string_view text) {
  auto fields = fields_of(text);
  node_identity who;
  who.node_id = fields["node_id"];
  who.cluster_id = fields["cluster_id"];
  read_number(fields["incarnation"], who.incarnation);
  const auto is_early = !who.node_id.empty() && !who.cluster_id.empty();
  if (is_early
      && (text == summed(few_lines_of(head, who)) || text == few_lines_of(head_without_sum, who)))
    return who;
  read_number(fields["disk"], who.disk);
  read_number(fields["number"], who.number.value);
  const auto stage = std::find(stage_names.begin(), stage_names.end(), fields["founding"]);
  if (stage != stage_names.end())
    who.founding = static_cast<founding_stage>(stage - stage_names.begin());
  if (!who.node_id.empty() && text == print_identity(who))
    return who;
  const auto last = text.rfind("crc32c = ");
  if (last == std::string_view::npos)
    return status{errc::corrupted, "it is cut or was changed: put back a copy of it as it was"};
  return status{errc::corrupted, "it is damaged or was changed: its last line says `"
                                   + fields["crc32c"] + "`, the lines before it sum to `"
                                   + sum_of(text.substr(0, last))
                                   + "`; put back a copy of it as it was"};
}

} // namespace grape::cluster
