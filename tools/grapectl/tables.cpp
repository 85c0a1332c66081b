#include "tools/grapectl/tables.hpp"

#include <algorithm>

namespace grape::ctl {

namespace {

using payload::value;

constexpr std::size_t vector_numbers_shown = 8;

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.-+e") == std::string::npos
         && text.find_first_of("0123456789") != std::string::npos;
}

// Terminals count characters, not bytes; what continues a UTF-8 character takes no room.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
    text.begin(), text.end(), [](char each) { return (each & '\xC0') != '\x80'; }));
}

std::string shortened(std::string text, std::size_t width) {
  if (text.size() <= width)
    return text;
  auto end = width - 3;
  while (end > 0 && (text[end] & '\xC0') == '\x80')
    --end;
  return text.substr(0, end) + "...";
}

std::string mebibytes(const value& bytes) {
  if (!bytes.is_number())
    return "-";
  return std::to_string(static_cast<std::uint64_t>(bytes.number()) >> 20) + " MiB";
}

std::string vector_text(const value& from) {
  const auto* numbers = from.as_array();
  if (numbers == nullptr || numbers->size() <= vector_numbers_shown)
    return cell_of(from);
  payload::array first(numbers->begin(), numbers->begin() + vector_numbers_shown);
  auto text = to_json(value{std::move(first)});
  text.pop_back();
  return text + ", ...] (" + std::to_string(numbers->size()) + " numbers)";
}

row pair_of(const std::string& name, const value& from) {
  return {name, cell_of(from)};
}

std::string vector_field_text(const value& field) {
  return cell_of(at(field, {"size"})) + " x " + cell_of(at(field, {"distance"}));
}

} // namespace

std::string table_of(const std::vector<row>& rows) {
  std::vector<std::size_t> widths;
  std::vector<bool> to_the_right;
  for (const auto& each : rows)
    for (std::size_t i = 0; i < each.size(); ++i) {
      if (i == widths.size()) {
        widths.push_back(0);
        to_the_right.push_back(rows.size() > 1);
      }
      widths[i] = std::max(widths[i], width_of(each[i]));
      if (&each != &rows.front() && each[i] != "-" && !is_number(each[i]))
        to_the_right[i] = false;
    }
  std::string text;
  for (const auto& each : rows) {
    std::string line;
    for (std::size_t i = 0; i < each.size(); ++i) {
      const std::string padding(widths[i] - width_of(each[i]), ' ');
      line += (i == 0 ? "" : "  ") + (to_the_right[i] ? padding + each[i] : each[i] + padding);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

const value& at(const value& tree, const std::vector<std::string>& path) {
  static const value nothing;
  const auto* here = &tree;
  for (const auto& key : path) {
    const auto* object = here->as_object();
    const auto* next = object == nullptr ? nullptr : object->find(key);
    if (next == nullptr)
      return nothing;
    here = next;
  }
  return *here;
}

std::string cell_of(const value& from, std::size_t width) {
  if (from.is_null())
    return "-";
  if (const auto* text = from.as_string())
    return text->empty() ? "-" : shortened(*text, width);
  return shortened(to_json(from), width);
}

std::string print_status(const value& result) {
  std::vector<row> rows{{"node", cell_of(at(result, {"node_id"}))}};
  for (const std::string name :
       {"cluster_id", "version", "ready", "collections", "shards", "points"})
    rows.push_back(pair_of(name, at(result, {name})));
  rows.push_back({"memory", mebibytes(at(result, {"resident_bytes"}))});
  rows.push_back({"uptime", cell_of(at(result, {"uptime_s"})) + " s"});
  if (const auto* notes = at(result, {"notes"}).as_array())
    for (const auto& each : *notes)
      rows.push_back({"note", cell_of(each, 1'000)});
  return table_of(rows);
}

std::string print_actors(const value& result) {
  std::vector<row> rows{{"ACTOR", "RESTARTS", "MAILBOX", "LAST ERROR"}};
  std::vector<std::pair<std::string, std::size_t>> depths; // Parents stand before their children.
  if (const auto* actors = at(result, {"actors"}).as_array())
    for (const auto& each : *actors) {
      const auto name = cell_of(at(each, {"name"}));
      const auto parent = cell_of(at(each, {"parent"}));
      const auto found
        = std::find_if(depths.begin(), depths.end(),
                       [&parent](const auto& known) { return known.first == parent; });
      const auto depth = found == depths.end() ? 0 : found->second + 1;
      depths.emplace_back(name, depth);
      rows.push_back({std::string(2 * depth, ' ') + name, cell_of(at(each, {"restarts"})),
                      cell_of(at(each, {"mailbox"})), cell_of(at(each, {"last_error"}))});
    }
  return table_of(rows);
}

std::string print_collection(const std::string& name, const value& result) {
  std::vector<row> rows{{"collection", name}};
  rows.push_back(pair_of("status", at(result, {"status"})));
  rows.push_back(pair_of("points", at(result, {"points_count"})));
  rows.push_back(pair_of("indexed vectors", at(result, {"indexed_vectors_count"})));
  rows.push_back(pair_of("segments", at(result, {"segments_count"})));
  rows.push_back(pair_of("shards", at(result, {"config", "params", "shard_number"})));
  const auto& vectors = at(result, {"config", "params", "vectors"});
  if (!at(vectors, {"size"}).is_null())
    rows.push_back({"vector", vector_field_text(vectors)});
  else if (const auto* fields = vectors.as_object())
    for (const auto& [field, config] : *fields)
      rows.push_back({"vector " + field, vector_field_text(config)});
  if (const auto* fields = at(result, {"payload_schema"}).as_object())
    for (const auto& [field, index] : *fields)
      rows.push_back({"payload index " + field,
                      cell_of(at(index, {"data_type"})) + ", " + cell_of(at(index, {"points"}))
                        + " points"});
  return table_of(rows);
}

std::string print_point(const value& result) {
  std::vector<row> rows{pair_of("id", at(result, {"id"}))};
  const auto& vectors = at(result, {"vector"});
  if (vectors.as_array() != nullptr)
    rows.push_back({"vector", vector_text(vectors)});
  else if (const auto* named = vectors.as_object())
    for (const auto& [name, numbers] : *named)
      rows.push_back({"vector " + name, vector_text(numbers)});
  if (const auto* fields = at(result, {"payload"}).as_object())
    for (const auto& [name, content] : *fields)
      rows.push_back({"payload " + name, cell_of(content, 1'000)});
  return table_of(rows);
}

std::string print_hits(const value& result) {
  std::vector<row> rows{{"ID", "SCORE", "PAYLOAD"}};
  if (const auto* points = at(result, {"points"}).as_array())
    for (const auto& each : *points)
      rows.push_back({cell_of(at(each, {"id"})), cell_of(at(each, {"score"})),
                      cell_of(at(each, {"payload"}))});
  return table_of(rows);
}

} // namespace grape::ctl
