#include "story.hpp"

#include "net/http/json.hpp"
#include "tools/raft_drive/arguments.hpp"
#include "tools/raft_drive/driver.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>

namespace grape::testing {

namespace {

using http::json::document;
using http::json::value;

constexpr std::array<std::string_view, 12> columns{
  "type", "from", "to", "term", "index", "logterm", "commit", "n", "reject", "hint", "hintterm",
  "ctx"};

std::string compact(const value& of) {
  using http::json::kind;
  switch (of.type()) {
    case kind::null: return "null";
    case kind::boolean: return of.boolean() ? "true" : "false";
    case kind::integer: return std::to_string(of.integer());
    case kind::big: return std::to_string(of.big());
    case kind::floating: return std::to_string(of.number());
    case kind::string: return std::string{of.text()};
    case kind::object: return "{..}";
    case kind::array: break;
  }
  std::string text = "[";
  of.each_item([&text](const value& item) {
    text += (text.size() > 1 ? "," : "") + compact(item);
    return true;
  });
  return text + "]";
}

std::optional<value> member(value of, std::string_view path) {
  for (const auto& name : raft_drive::split(path, '.')) {
    const auto next = of.find(name);
    if (!next)
      return std::nullopt;
    of = *next;
  }
  return of;
}

std::string members_fault(const value& answer, raft_drive::arguments& wanted) {
  for (const auto& word : wanted.rest()) {
    const auto equals = word.find('=');
    if (equals == std::string::npos)
      return "no expectation: " + word;
    const auto found = member(answer, word.substr(0, equals));
    const auto is = found ? compact(*found) : "absent";
    if (is != word.substr(equals + 1))
      return word.substr(0, equals) + " is " + is;
  }
  return {};
}

std::string terms_fault(const value& answer, raft_drive::arguments& wanted) {
  std::string expected;
  for (const auto& word : wanted.rest()) {
    const auto times = word.find('x');
    const auto count = times == std::string::npos ? 1 : std::stoul(word.substr(times + 1));
    for (std::size_t i = 0; i < count; ++i)
      expected += " " + word.substr(0, times);
  }
  std::string is;
  answer.each_item([&is](const value& entry) {
    int column = 0;
    entry.each_item([&](const value& item) {
      if (column++ == 1)
        is += " " + compact(item);
      return true;
    });
    return true;
  });
  return is == expected ? "" : "terms are" + is;
}

using row = std::vector<std::string>;

std::vector<row> rows_of(const value& answer) {
  std::vector<row> rows;
  answer.each_item([&rows](const value& one) {
    auto& added = rows.emplace_back();
    one.each_item([&added](const value& item) {
      added.push_back(compact(item));
      return true;
    });
    return true;
  });
  return rows;
}

std::string summary(const row& of) {
  return of.size() < 3 ? "?" : of[0] + " " + of[1] + ">" + of[2];
}

std::string rows_fault(const value& answer, std::string_view wanted) {
  std::string is;
  for (const auto& one : rows_of(answer))
    is += (is.empty() ? "" : " | ") + summary(one);
  return is == wanted ? "" : "rows are " + is;
}

bool has_columns(const row& of, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&of](const auto& word) {
    const auto equals = word.find('=');
    const auto column = std::find(columns.begin(), columns.end(), word.substr(0, equals));
    const auto at = static_cast<std::size_t>(column - columns.begin());
    return column != columns.end() && at < of.size() && of[at] == word.substr(equals + 1);
  });
}

std::string row_fault(const value& answer, raft_drive::arguments& wanted) {
  auto head = wanted.word("type");
  head += " " + wanted.word("from>to");
  const auto rest = wanted.rest();
  for (const auto& one : rows_of(answer))
    if (summary(one) == head && has_columns(one, rest))
      return {};
  return "there is no such row";
}

/// Empty if the answer is as wanted.
std::string fault(const std::string& answer, std::string_view wanted) {
  if (wanted.starts_with('{') || wanted.starts_with('['))
    return answer == wanted ? "" : "it is another";
  auto text = answer;
  const auto parsed = document::parse(text);
  if (!parsed)
    return "no JSON";
  const auto root = parsed->root();
  const bool is_error = root.find("error").has_value();
  if (wanted == "error")
    return is_error ? "" : "no error";
  if (is_error)
    return "an error";
  if (wanted == "rows")
    return rows_fault(root, "");
  if (wanted.starts_with("rows "))
    return rows_fault(root, wanted.substr(5));
  raft_drive::arguments words{wanted};
  if (words.flag("row"))
    return row_fault(root, words);
  return words.flag("terms") ? terms_fault(root, words) : members_fault(root, words);
}

/// One story while it is told.
class teller {
public:
  void line(std::size_t number, const std::string& text) {
    number_ = number;
    if (text.starts_with("= "))
      return expect(text.substr(2));
    close();
    if (text.empty() || text.starts_with('#'))
      return;
    command_ = text;
    raft_drive::arguments words{text};
    std::uint64_t count = 1;
    auto command = text;
    if (words.flag("repeat")) {
      count = words.number("count");
      command = text.substr(text.find(' ', 7) + 1);
    }
    for (; count > 0; --count)
      answer_ = driver_.answer(command);
    expected_ = false;
  }

  told_story end() {
    close();
    return told_;
  }

private:
  void expect(const std::string& wanted) {
    expected_ = true;
    ++told_.checks;
    if (const auto wrong = fault(answer_, wanted); !wrong.empty())
      told_.faults += "line " + std::to_string(number_) + ": " + command_
                      + "\n  expected: " + wanted + "\n  but " + wrong + "\n  in " + answer_ + "\n";
  }

  void close() {
    if (!expected_ && answer_.starts_with(R"({"error")"))
      told_.faults += "before line " + std::to_string(number_) + ": " + command_ + "\n  answers "
                      + answer_ + "\n";
    expected_ = true;
  }

  raft_drive::driver driver_;
  told_story told_;
  std::string command_;
  std::string answer_;
  bool expected_ = true;
  std::size_t number_ = 0;
};

} // namespace

std::vector<story> stories_in(const std::string& folder) {
  std::vector<story> all;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path());
    all.push_back({file.path().stem().string(), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

told_story tell(const story& which) {
  teller telling;
  std::istringstream lines(which.text);
  std::size_t number = 0;
  for (std::string text; std::getline(lines, text);)
    telling.line(++number, text);
  return telling.end();
}

} // namespace grape::testing
