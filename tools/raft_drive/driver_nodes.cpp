#include "tools/raft_drive/answers.hpp"
#include "tools/raft_drive/driver.hpp"
#include "tools/raft_drive/new_node.hpp"

#include <limits>
#include <utility>

namespace grape::raft_drive {

namespace {

constexpr std::uint64_t all_of_them = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t ticks_max = 100'000'000; // More would look like a hung program.

} // namespace

std::string driver::make(arguments& given) {
  auto made = take_new_node(given);
  if (!given.complete())
    return {};
  made.how.seed = seeds_.next();
  const auto which = made.how.self;
  nodes_.erase(which);
  nodes_.try_emplace(which, made.how, std::move(made.disk));
  return answers::ok();
}

std::string driver::hup(arguments& given) {
  auto* one = take_node(given);
  if (!given.complete())
    return {};
  one->peer()->campaign();
  return answers::ok();
}

std::string driver::tick(arguments& given) {
  auto* one = take_node(given);
  auto count = given.more() ? given.number("ticks") : 1;
  if (count > ticks_max)
    given.reject("ticks: too many");
  if (!given.complete())
    return {};
  for (; count > 0; --count)
    one->tick();
  return answers::ok();
}

std::string driver::timeout(arguments& given) {
  auto* one = take_node(given);
  const auto ticks = given.number("ticks");
  if (ticks == 0 || ticks > ticks_max)
    given.reject("ticks: 1 or more, and not too many");
  if (!given.complete())
    return {};
  one->fix_timeout(static_cast<std::uint32_t>(ticks));
  return answers::ok();
}

std::string driver::unreachable(arguments& given) {
  auto* one = take_node(given);
  const auto which = given.id("to");
  if (!given.complete())
    return {};
  one->peer()->report_unreachable(which);
  return answers::ok();
}

std::string driver::report_snapshot(arguments& given) {
  auto* one = take_node(given);
  const auto to = given.id("to");
  const auto how = given.word("ok or fail");
  if (how != "ok" && how != "fail")
    given.reject("ok or fail, not '" + how + "'");
  if (!given.complete())
    return {};
  one->peer()->report_snapshot(to, how == "ok");
  return answers::ok();
}

std::string driver::compact(arguments& given) {
  auto* one = take_node(given);
  const log_index through{given.number("index")};
  if (one != nullptr) {
    const auto now = one->peer()->status();
    if (through < now.first || through > now.applied)
      given.reject("index: from first to applied");
    if (now.failed)
      given.reject("the node has failed");
  }
  if (!given.complete())
    return {};
  one->compact(through);
  return answers::ok();
}

std::string driver::ready(arguments& given) {
  auto* one = take_node(given);
  if (!given.complete())
    return {};
  wire_.enter(one->ready());
  return answers::ok();
}

std::string driver::persist(arguments& given) {
  auto* one = take_node(given);
  const auto writes = given.more() ? given.number("writes") : all_of_them;
  if (!given.complete())
    return {};
  wire_.enter(one->persist(writes));
  return answers::ok();
}

std::string driver::apply(arguments& given) {
  auto* one = take_node(given);
  if (!given.complete())
    return {};
  one->apply();
  return answers::ok();
}

std::string driver::fail(arguments& given) {
  auto* one = take_node(given);
  if (one != nullptr && one->queued_writes() == 0)
    given.reject("no write is queued");
  if (!given.complete())
    return {};
  one->fail_write();
  return answers::ok();
}

std::string driver::crash(arguments& given) {
  auto* one = take_node(given);
  const auto kept = given.option_number("keep", 0);
  if (!given.complete())
    return {};
  one->crash(kept);
  return answers::ok();
}

std::string driver::restart(arguments& given) {
  const auto which = given.id("node");
  const auto found = nodes_.find(which);
  if (found == nodes_.end())
    given.reject("no node " + std::to_string(which.value));
  if (!given.complete())
    return {};
  if (found->second.is_up())
    found->second.crash(0);
  found->second.restart(seeds_.next());
  return answers::ok();
}

std::string driver::state(arguments& given) {
  auto* one = take_node(given);
  if (!given.complete())
    return {};
  return answers::state(*one, contexts_);
}

std::string driver::log(arguments& given) {
  auto* one = take_node(given);
  if (!given.complete())
    return {};
  return answers::log(*one->peer());
}

} // namespace grape::raft_drive
