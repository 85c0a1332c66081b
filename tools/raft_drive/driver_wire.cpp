#include "tools/raft_drive/answers.hpp"
#include "tools/raft_drive/driver.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace grape::raft_drive {

namespace {

constexpr int settle_rounds_max = 20'000;

raft::message_kind take_kind(arguments& given, const std::string& word) {
  const auto kind = kind_of(word);
  if (!kind)
    given.reject("unknown type '" + word + "'");
  return kind.value_or(raft::message_kind::vote);
}

std::vector<raft::entry> take_sent_entries(arguments& given) {
  std::vector<raft::entry> entries;
  for (const auto& [index, term] : given.option_pairs("entries"))
    entries.push_back({log_index{index}, grape::term{given.parse_number(term, "entries")},
                       raft::entry_kind::normal, {}});
  return entries;
}

/// What `ctx` says depends on who reads it: a word of a reader, or a number of the core.
std::uint64_t take_context(arguments& given, raft::message_kind kind, context_words& words) {
  const auto text = given.option("ctx");
  if (!text)
    return 0;
  if (kind == raft::message_kind::read || kind == raft::message_kind::read_response)
    return given.error().empty() ? words.number_of(*text) : 0;
  return given.parse_number(*text, "ctx");
}

raft::message take_message(arguments& given, context_words& words) {
  raft::message made;
  made.kind = take_kind(given, given.word("type"));
  made.from = replica_id{given.option_number("from", 0)};
  made.to = replica_id{given.option_number("to", 0)};
  made.term = grape::term{given.option_number("term", 0)};
  made.index = log_index{given.option_number("index", 0)};
  made.log_term = grape::term{given.option_number("logterm", 0)};
  made.commit = log_index{given.option_number("commit", 0)};
  made.reject = given.option_switch("reject");
  made.hint = log_index{given.option_number("hint", 0)};
  made.hint_term = grape::term{given.option_number("hintterm", 0)};
  made.context = take_context(given, made.kind, words);
  made.force = given.option_switch("force");
  made.entries = take_sent_entries(given);
  if (made.kind == raft::message_kind::propose && made.entries.empty())
    made.entries.emplace_back();
  auto members = take_members(given);
  if (made.kind == raft::message_kind::snapshot)
    made.snapshot = std::make_shared<const raft::snapshot_mark>(
      raft::snapshot_mark{made.index, made.log_term, std::move(members)});
  return made;
}

} // namespace

std::string driver::inject(arguments& given) {
  auto made = take_message(given, contexts_);
  if (made.to == replica_id{})
    given.reject("missing: to=");
  if (!given.complete())
    return {};
  std::vector<raft::message> one;
  one.push_back(std::move(made));
  hand_over(std::move(one));
  return answers::ok();
}

std::string driver::show_wire(arguments& given) {
  if (!given.complete())
    return {};
  return answers::wire(wire_.messages(), contexts_);
}

std::string driver::deliver(arguments& given) {
  const auto from = given.option_number("from", 0);
  const auto to = given.option_number("to", 0);
  const auto type = given.option("type");
  const auto kind = take_kind(given, type.value_or("vote"));
  const bool drop = given.flag("drop");
  if (!given.complete())
    return {};
  auto taken = wire_.take([&](const raft::message& one) {
    return (from == 0 || one.from.value == from) && (to == 0 || one.to.value == to)
           && (!type || one.kind == kind);
  });
  if (!drop)
    hand_over(std::move(taken));
  return answers::ok();
}

/// Messages to nodes that are down or unknown are lost.
void driver::hand_over(std::vector<raft::message> messages) {
  for (auto& one : messages)
    if (const auto found = nodes_.find(one.to); found != nodes_.end() && found->second.is_up())
      found->second.peer()->step(std::move(one));
}

std::string driver::settle(arguments& given) {
  std::vector<replica_id> named;
  while (given.more()) {
    const auto which = given.id("node");
    if (!nodes_.contains(which))
      given.reject("no node " + std::to_string(which.value));
    named.push_back(which);
  }
  if (!given.complete())
    return {};
  std::sort(named.begin(), named.end());
  for (int round = 0; round < settle_rounds_max; ++round)
    if (!settle_once(named))
      return answers::ok();
  return answers::error("nothing settles: 20000 rounds");
}

/// False: nothing moved. No names: all nodes, and whatever is on the wire.
bool driver::settle_once(const std::vector<replica_id>& named) {
  const auto is_named = [&named](replica_id which) {
    return named.empty() || std::binary_search(named.begin(), named.end(), which);
  };
  bool moved = false;
  for (auto& [which, one] : nodes_)
    if (is_named(which) && one.is_up())
      moved = work(one) || moved;
  auto messages = wire_.take([&](const raft::message& one) { return is_named(one.to); });
  moved = moved || !messages.empty();
  hand_over(std::move(messages));
  return moved;
}

bool driver::work(node& one) {
  bool moved = one.has_ready();
  if (moved)
    wire_.enter(one.ready());
  moved = moved || one.queued_writes() > 0;
  wire_.enter(one.persist(std::numeric_limits<std::size_t>::max()));
  return one.apply() || moved;
}

std::string driver::cut(arguments& given) {
  const auto from = given.id("from");
  const auto to = given.id("to");
  const bool one_way = given.flag("oneway");
  if (!given.complete())
    return {};
  wire_.cut(from, to);
  if (!one_way)
    wire_.cut(to, from);
  return answers::ok();
}

std::string driver::isolate(arguments& given) {
  const auto which = given.id("node");
  if (!given.complete())
    return {};
  wire_.isolate(which);
  return answers::ok();
}

std::string driver::heal(arguments& given) {
  if (!given.complete())
    return {};
  wire_.heal();
  return answers::ok();
}

std::string driver::ignore(arguments& given) {
  const auto kind = take_kind(given, given.word("type"));
  if (!given.complete())
    return {};
  wire_.ignore(kind);
  return answers::ok();
}

std::string driver::unignore(arguments& given) {
  const bool all = !given.more();
  const auto kind = take_kind(given, all ? "vote" : given.word("type"));
  if (!given.complete())
    return {};
  wire_.unignore(all ? std::nullopt : std::optional{kind});
  return answers::ok();
}

std::string driver::forget_net(arguments& given) {
  if (!given.complete())
    return {};
  wire_.clear();
  return answers::ok();
}

} // namespace grape::raft_drive
