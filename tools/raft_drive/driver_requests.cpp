#include "tools/raft_drive/answers.hpp"
#include "tools/raft_drive/driver.hpp"

#include <memory>
#include <utility>
#include <variant>

namespace grape::raft_drive {

namespace {

constexpr std::uint64_t payload_bytes_max = 256u << 20;

/// DATA, or size=N for that many bytes of anything.
raft::payload take_payload(arguments& given) {
  auto word = given.word("data");
  if (!word.starts_with("size="))
    return std::make_shared<const std::string>(std::move(word));
  const auto bytes = given.parse_number(std::string_view{word}.substr(5), "size");
  if (bytes > payload_bytes_max)
    given.reject("size: too large");
  if (bytes == 0 || bytes > payload_bytes_max)
    return {};
  return std::make_shared<const std::string>(bytes, 'x');
}

raft::change_mode take_mode(arguments& given) {
  auto mode = raft::change_mode::automatic;
  int named = given.flag("auto") ? 1 : 0;
  if (given.flag("simple")) {
    mode = raft::change_mode::simple;
    ++named;
  }
  if (given.flag("joint")) {
    mode = raft::change_mode::joint;
    ++named;
  }
  if (named > 1)
    given.reject("one of simple, joint and auto");
  return mode;
}

} // namespace

std::string driver::counted(node& where, const raft::proposal& became) {
  if (std::holds_alternative<raft::dropped>(became))
    ++where.dropped;
  return answers::proposed(became);
}

std::string driver::propose(arguments& given) {
  auto* one = take_node(given);
  auto data = take_payload(given);
  if (!given.complete())
    return {};
  return counted(*one, one->peer()->propose(std::move(data)));
}

std::string driver::change(arguments& given) {
  auto* one = take_node(given);
  raft::configuration_change change;
  change.mode = take_mode(given);
  change.steps = take_steps(given);
  if (change.steps.empty())
    given.reject("missing: what changes");
  if (!given.complete())
    return {};
  return counted(*one, one->peer()->propose(change));
}

std::string driver::leave(arguments& given) {
  auto* one = take_node(given);
  if (!given.complete())
    return {};
  return counted(*one, one->peer()->propose({raft::change_mode::leave, {}}));
}

std::string driver::read(arguments& given) {
  auto* one = take_node(given);
  const auto word = given.word("context");
  if (!given.complete())
    return {};
  if (!one->read(contexts_.number_of(word)))
    ++one->dropped;
  return answers::ok();
}

std::string driver::transfer(arguments& given) {
  auto* one = take_node(given);
  const auto to = given.id("to");
  if (!given.complete())
    return {};
  one->peer()->transfer_to(to);
  return answers::ok();
}

} // namespace grape::raft_drive
