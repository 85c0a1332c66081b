#pragma once

#include "core/raft/message.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace grape::raft_drive {

/// The word for a kind of message, and back; nothing for a word that names none.
std::string_view word_of(raft::message_kind kind) noexcept;
std::optional<raft::message_kind> kind_of(std::string_view word) noexcept;

/// The network: one list of messages in the order in which they entered.
class wire {
public:
  using choice = std::function<bool(const raft::message&)>;

  void enter(std::vector<raft::message> messages);

  const std::vector<raft::message>& messages() const noexcept { return messages_; }
  std::vector<raft::message> take(const choice& matches); ///< In order.
  void clear() noexcept { messages_.clear(); }

  // What is cut off is removed, and cannot enter any more.
  void cut(replica_id from, replica_id to);
  void isolate(replica_id which);
  void heal() noexcept;
  void ignore(raft::message_kind kind);
  void unignore(std::optional<raft::message_kind> kind); ///< Nothing: all of them.

private:
  bool passes(const raft::message& one) const;
  void remove_what_cannot_pass();

  std::vector<raft::message> messages_;
  std::set<std::pair<replica_id, replica_id>> cuts_;
  std::set<replica_id> isolated_;
  std::set<raft::message_kind> ignored_;
};

} // namespace grape::raft_drive
