// Three peers and whatever an input makes of their network: messages are delivered in any order,
// lost and repeated, peers tick, campaign and lose power; what correct peers send each other keeps
// the invariants. Or, by the first byte, one peer among liars: nothing they say crashes it, but for
// an append that contradicts what was committed, at which it stops by design.

#include "core/raft/codec.hpp"
#include "core/raft/peer.hpp"
#include "tests/fuzz/input.hpp"

#include <array>
#include <deque>
#include <map>

using namespace grape;
using namespace grape::fuzz;
using namespace grape::raft;

namespace {

/// A durable log in memory.
class kept_log final : public stable_log {
public:
  const snapshot_mark& snapshot() const override { return mark_; }
  log_index last() const override { return log_index{mark_.index.value + entries_.size()}; }

  std::optional<grape::term> term_at(log_index index) const override {
    if (index == mark_.index)
      return mark_.term;
    if (index < mark_.index || index > last())
      return std::nullopt;
    return at(index).term;
  }

  std::vector<entry> entries(log_index first, log_index last, std::size_t most) const override {
    std::vector<entry> found;
    std::size_t bytes = 0;
    for (auto index = first; index <= last; index = index.next()) {
      bytes += at(index).bytes();
      if (!found.empty() && bytes > most)
        break;
      found.push_back(at(index));
    }
    return found;
  }

  void take(const raft::write& what) {
    if (what.snapshot) {
      const auto& mark = *what.snapshot;
      const auto held = term_at(mark.index) == mark.term;
      const auto gone = held ? mark.index.value - mark_.index.value : entries_.size();
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone));
      mark_ = mark;
    }
    for (const auto& each : what.entries) {
      GRAPE_CHECK(each.index > mark_.index && each.index <= last().next());
      entries_.resize(each.index.value - mark_.index.value - 1);
      entries_.push_back(each);
    }
    state = what.state;
  }

  hard_state state;

private:
  const entry& at(log_index index) const {
    return entries_[static_cast<std::size_t>(index.value - mark_.index.value - 1)];
  }

  snapshot_mark mark_;
  std::deque<entry> entries_;
};

struct member {
  kept_log log;
  std::optional<peer> machine;
  std::deque<raft::write> writing;
  log_index applied;
};

class world {
public:
  world() {
    for (std::uint64_t i = 1; i <= 3; ++i)
      all_.voters.emplace_back(i);
    for (std::size_t i = 0; i < members_.size(); ++i)
      start(i);
  }

  /// Two bytes of input are one step.
  void step(std::uint8_t what, std::uint8_t which) {
    const auto i = which % members_.size();
    auto& machine = *members_[i].machine;
    switch (what % 10) {
    case 0: machine.tick(); break;
    case 1: machine.campaign(); break;
    case 2: (void)machine.propose(std::make_shared<const std::string>(1, static_cast<char>(which)));
      break;
    case 3: (void)machine.read(++reads_); break;
    case 4: machine.transfer_to(replica_id{1u + which / 3u % 3u}); break;
    case 5: deliver(which, false); break;
    case 6: deliver(which, true); break;
    case 7: lose(which % 4); break;
    case 8: lose_power(i); break;
    default: finish_write(i); break;
    }
    collect(i);
  }

private:
  void start(std::size_t i) {
    auto& own = members_[i];
    raft::options how;
    how.self = replica_id{i + 1};
    how.seed = i;
    own.machine.emplace(how, boot{own.log.state, own.applied, all_}, own.log);
  }

  void lose(std::ptrdiff_t most) {
    wire_.erase(wire_.begin(), wire_.begin() + std::min(most, std::ssize(wire_)));
  }

  void deliver(std::size_t which, bool keep) {
    if (wire_.empty())
      return;
    const auto at = wire_.begin() + static_cast<std::ptrdiff_t>(which % wire_.size());
    const auto sent = *at;
    if (!keep)
      wire_.erase(at);
    const auto to = sent.to.value - 1;
    members_[to].machine->step(*decode_message(encode(sent)));
    collect(to);
  }

  void collect(std::size_t i) {
    auto out = members_[i].machine->take_output();
    send(std::move(out.messages));
    if (out.to_write)
      members_[i].writing.push_back(std::move(*out.to_write));
    check_leader(i);
  }

  void finish_write(std::size_t i) {
    auto& own = members_[i];
    if (own.writing.empty())
      return;
    own.log.take(own.writing.front());
    const auto token = own.writing.front().token;
    own.writing.pop_front();
    send(own.machine->persisted(token));
    for (const auto& each : own.machine->next_to_apply(1'000)) {
      const auto [known, is_new] = committed_.emplace(each.index, each);
      GRAPE_CHECK(is_new || known->second == each);
      own.applied = each.index;
    }
    own.machine->applied(own.applied);
  }

  void lose_power(std::size_t i) {
    members_[i].writing.clear();
    start(i);
  }

  void send(std::vector<message> messages) {
    for (auto& each : messages)
      if (each.to.value >= 1 && each.to.value <= 3 && wire_.size() < 200
          && each.kind != message_kind::snapshot)
        wire_.push_back(std::move(each));
  }

  void check_leader(std::size_t i) {
    const auto now = members_[i].machine->standing();
    if (now.role != role::leader)
      return;
    const auto [known, is_new] = leaders_.emplace(now.term, i);
    GRAPE_CHECK(is_new || known->second == i);
  }

  configuration all_;
  std::array<member, 3> members_;
  std::vector<message> wire_;
  std::map<grape::term, std::size_t> leaders_;
  std::map<log_index, entry> committed_;
  std::uint64_t reads_ = 0;
};

message any_message(source& from) {
  message made;
  made.kind = static_cast<message_kind>(from.byte() % 16);
  made.from = replica_id{from.byte() % 4u};
  made.to = replica_id{1};
  made.term = term{from.byte() % 8u};
  made.index = log_index{from.byte() % 16u};
  made.log_term = term{from.byte() % 8u};
  made.commit = log_index{from.byte() % 16u};
  const auto flags = from.byte();
  made.reject = (flags & 1) != 0;
  made.force = (flags & 2) != 0;
  made.hint = log_index{from.byte() % 16u};
  made.hint_term = term{from.byte() % 8u};
  made.context = from.byte() % 8u;
  for (auto left = flags >> 2 & 3; left > 0; --left) {
    const auto of = from.byte();
    const auto next = (flags & 16) != 0 ? of % 16u : made.index.value + made.entries.size() + 1;
    const auto kind = (of & 64) != 0 ? entry_kind::configuration : entry_kind::normal;
    made.entries.push_back({log_index{next}, term{of % 8u}, kind, {}});
  }
  if ((flags & 32) != 0) {
    snapshot_mark mark{made.index, made.log_term, {}};
    mark.members.voters = {replica_id{1}, replica_id{std::uint64_t{2} + (flags >> 6u)}};
    made.snapshot = std::make_shared<const snapshot_mark>(mark);
  }
  return made;
}

/// One peer of three, and whoever speaks to it.
void live_among_liars(source from) {
  kept_log log;
  raft::options how;
  how.self = replica_id{1};
  how.check_quorum = how.prevote = from.byte() % 2 == 0;
  boot start;
  start.members.voters = {replica_id{1}, replica_id{2}, replica_id{3}};
  peer machine(how, start, log);
  std::deque<raft::write> writing;
  while (!from.empty()) {
    const auto what = from.byte() % 12;
    const auto said = any_message(from);
    if (what == 0)
      machine.tick();
    else if (what == 1)
      machine.campaign();
    else if (what == 2)
      (void)machine.propose(std::make_shared<const std::string>("x"));
    else if (what == 3)
      (void)machine.read(said.context + 100);
    else if (said.kind != message_kind::append || said.index >= machine.commit())
      machine.step(said);
    auto out = machine.take_output();
    if (out.to_write)
      writing.push_back(std::move(*out.to_write));
    if (what < 8 && !writing.empty()) {
      log.take(writing.front());
      (void)machine.persisted(writing.front().token);
      writing.pop_front();
      if (const auto next = machine.next_to_apply(100); !next.empty())
        machine.applied(next.back().index);
    }
    (void)machine.status();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t count) {
  source input{text_of(from, count)};
  if (input.byte() % 2 == 1) {
    live_among_liars(input);
    return 0;
  }
  world of;
  while (!input.empty()) {
    const auto what = input.byte();
    of.step(what, input.byte());
  }
  return 0;
}
