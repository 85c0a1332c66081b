#include "tools/raft_drive/wire.hpp"

#include <array>
#include <iterator>

namespace grape::raft_drive {

namespace {

struct name_of_kind {
  raft::message_kind kind;
  std::string_view word;
};

constexpr std::array names{
  name_of_kind{raft::message_kind::vote, "vote"},
  name_of_kind{raft::message_kind::vote_response, "voteresp"},
  name_of_kind{raft::message_kind::prevote, "prevote"},
  name_of_kind{raft::message_kind::prevote_response, "prevoteresp"},
  name_of_kind{raft::message_kind::append, "app"},
  name_of_kind{raft::message_kind::append_response, "appresp"},
  name_of_kind{raft::message_kind::heartbeat, "heartbeat"},
  name_of_kind{raft::message_kind::heartbeat_response, "heartbeatresp"},
  name_of_kind{raft::message_kind::snapshot, "snap"},
  name_of_kind{raft::message_kind::timeout_now, "timeoutnow"},
  name_of_kind{raft::message_kind::propose, "prop"},
  name_of_kind{raft::message_kind::read, "read"},
  name_of_kind{raft::message_kind::read_response, "readresp"},
  name_of_kind{raft::message_kind::transfer, "transfer"},
};

} // namespace

std::string_view word_of(raft::message_kind kind) noexcept {
  for (const auto& one : names)
    if (one.kind == kind)
      return one.word;
  return "?";
}

std::optional<raft::message_kind> kind_of(std::string_view word) noexcept {
  for (const auto& one : names)
    if (one.word == word)
      return one.kind;
  return std::nullopt;
}

void wire::enter(std::vector<raft::message> messages) {
  for (auto& one : messages)
    if (passes(one))
      messages_.push_back(std::move(one));
}

std::vector<raft::message> wire::take(const choice& matches) {
  std::vector<raft::message> taken;
  std::vector<raft::message> left;
  for (auto& one : messages_)
    (matches(one) ? taken : left).push_back(std::move(one));
  messages_ = std::move(left);
  return taken;
}

void wire::cut(replica_id from, replica_id to) {
  cuts_.emplace(from, to);
  remove_what_cannot_pass();
}

void wire::isolate(replica_id which) {
  isolated_.insert(which);
  remove_what_cannot_pass();
}

void wire::heal() noexcept {
  cuts_.clear();
  isolated_.clear();
}

void wire::ignore(raft::message_kind kind) {
  ignored_.insert(kind);
  remove_what_cannot_pass();
}

void wire::unignore(std::optional<raft::message_kind> kind) {
  if (kind)
    ignored_.erase(*kind);
  else
    ignored_.clear();
}

bool wire::passes(const raft::message& one) const {
  return !cuts_.contains({one.from, one.to}) && !isolated_.contains(one.from)
         && !isolated_.contains(one.to) && !ignored_.contains(one.kind);
}

void wire::remove_what_cannot_pass() {
  std::erase_if(messages_, [this](const auto& one) { return !passes(one); });
}

} // namespace grape::raft_drive
