// Goal: after any crash a replica's term, vote and acknowledged entries are there, and each write
// of a peer is there whole or not at all.
// Method: writes of several groups over a disk that fails by seed, beside a model that knows every
// state a group may be in after a crash. GRAPE_CRASHES in the environment says how many crashes.

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>

using namespace grape;
using namespace grape::storage;

namespace {

/// Small segments, every other time with zeros ahead.
log_options options_of(std::uint64_t seed) {
  return {.segment_bytes = 2'048, .ahead_bytes = seed % 2 == 0 ? 0u : 16u << 10};
}

/// What one group has: all of it, by value.
struct content {
  raft::hard_state state;
  log_base base;
  std::deque<raft::entry> entries;

  friend bool operator==(const content&, const content&) = default;

  log_index last() const {
    return log_index{base.mark.index.value + entries.size()};
  }
};

/// A group as its peer knows it, and all that it may be after a crash.
struct modelled {
  content now;
  std::vector<content> possible{content{}}; ///< The last durable state, and what came after it.
};

class crash_round {
public:
  crash_round(std::uint64_t seed) : files_(seed), engine_(seed), options_(options_of(seed)) {}

  /// Works until the disk fails or the steps are used up, then cuts the power and compares.
  void run() {
    REQUIRE(open());
    for (int start = 0; start < 3; ++start) {
      plan_fault();
      for (auto left = 5 + below(40); left > 0 && log_ != nullptr; --left)
        if (below(8) == 0)
          compact();
        else
          write();
      files_.power_cut(static_cast<torn_tail>(below(3)));
      REQUIRE(open());
      for (auto& [number, group] : groups_)
        compare(number, group);
    }
  }

private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

  bool open() {
    log_.reset();
    auto log = log_file::open(files_, "log", options_);
    if (log)
      log_ = std::move(*log);
    else
      MESSAGE(to_string(log.error()));
    return log_ != nullptr;
  }

  void plan_fault() {
    switch (below(4)) {
    case 0: files_.fail(file_operation::sync, 1 + below(30), errc::io_error); break;
    case 1: files_.fail(file_operation::append, 1 + below(30), errc::no_space); break;
    default: files_.power_off_after(below(90));
    }
  }

  /// What an open log says is what was written.
  void check_now() {
    for (const auto& [number, group] : groups_)
      REQUIRE(content_of(number) == group.now);
  }

  content content_of(std::uint32_t number) {
    const group_id which{number};
    content found;
    found.state = log_->hard_state(which);
    if (const auto base = log_->base(which))
      found.base = *base;
    const auto range = log_->range(which);
    const auto read = log_->read(which, range.first, 1u << 30);
    REQUIRE(read.ok());
    for (const auto& record : *read) {
      REQUIRE(log_->term_at(which, record.index) == record.term);
      found.entries.push_back({record.index, record.term, record.kind,
                               std::make_shared<const std::string>(record.payload)});
    }
    REQUIRE(range.last == found.last());
    return found;
  }

  void compare(std::uint32_t number, modelled& group) {
    CAPTURE(number);
    auto found = content_of(number);
    const auto known = std::find(group.possible.begin(), group.possible.end(), found);
    REQUIRE(known != group.possible.end());
    group.now = std::move(found);
    group.possible = {group.now};
  }

  /// What a peer could ask for next.
  group_write next_write(std::uint32_t number, const content& now) {
    group_write made{group_id{number}, {}, {}};
    auto& what = made.what;
    what.state = now.state;
    if (below(3) == 0) {
      what.state.term = term{now.state.term.value + 1};
      what.state.vote = replica_id{below(4)};
    }
    if (below(12) == 0) {
      what.snapshot.emplace();
      what.snapshot->index = log_index{now.last().value + below(3)};
      what.snapshot->term = what.state.term;
      what.snapshot->members.voters = {replica_id{1 + below(5)}};
      made.staged = below(2) == 0 ? "" : "staged-" + std::to_string(below(9));
    }
    auto last = what.snapshot ? what.snapshot->index : now.last();
    if (below(4) != 0) {
      const auto lowest = what.snapshot ? last : std::max(now.state.commit, now.base.mark.index);
      const auto most = std::min<std::uint64_t>(last.value - lowest.value, 3);
      last = log_index{last.value - below(most + 1)};
      for (auto left = 1 + below(3); left > 0; --left) {
        last = last.next();
        std::string payload(below(10) == 0 ? below(900) : below(40),
                            static_cast<char>('a' + below(26)));
        what.entries.push_back({last, what.state.term,
                                static_cast<raft::entry_kind>(1 + below(2)),
                                std::make_shared<const std::string>(std::move(payload))});
      }
    }
    const auto lowest = std::max(now.state.commit, what.snapshot ? what.snapshot->index
                                                                 : log_index{});
    what.state.commit = log_index{lowest.value + below(last.value - lowest.value + 1)};
    return made;
  }

  static content after(content now, const group_write& of) {
    now.state = of.what.state;
    if (of.what.snapshot) {
      const auto& mark = *of.what.snapshot;
      const auto holds = !now.entries.empty() && mark.index == now.last()
                         && now.entries.back().term == mark.term;
      CHECK((holds || mark.index >= now.last()));
      now.entries.clear();
      now.base = {mark, of.staged};
    }
    for (const auto& each : of.what.entries) {
      while (now.last() >= each.index)
        now.entries.pop_back();
      now.entries.push_back(each);
    }
    return now;
  }

  void write() {
    const auto before = groups_;
    std::vector<group_write> batch;
    for (auto left = 1 + below(3); left > 0; --left) {
      const auto number = static_cast<std::uint32_t>(1 + below(4));
      auto& group = groups_[number];
      batch.push_back(next_write(number, group.now));
      group.now = after(group.now, batch.back());
      group.possible.push_back(group.now);
    }
    if (const auto done = log_->write(batch); !done.ok()) {
      // Without room nothing is done, and the log goes on; unless a part of it was done already.
      if (done.code == errc::no_space && log_->sync().ok()) {
        groups_ = before;
        return check_now();
      }
      CHECK(log_->write(batch).code == errc::closed);
      return log_.reset();
    }
    // Acknowledged: from here on nothing older may ever be seen.
    for (auto& [number, group] : groups_)
      group.possible = {group.now};
  }

  void compact() {
    auto& [number, group] = *std::next(groups_.begin(), static_cast<int>(below(4)));
    auto& now = group.now;
    if (now == content{})
      return; // Never written to.
    const auto before = group;
    auto to = now.base;
    to.staged.clear();
    for (auto left = below(now.entries.size() + 1); left > 0; --left) {
      if (now.entries.front().index > now.state.commit)
        break;
      to.mark.index = now.entries.front().index;
      to.mark.term = now.entries.front().term;
      now.entries.pop_front();
    }
    now.base = to;
    group.possible.push_back(now);
    const auto done = log_->compact(group_id{number}, to);
    if (done.code == errc::no_space && log_->sync().ok()) {
      group = before;
      return check_now();
    }
    if (!done.ok())
      log_.reset();
  }

  faulty_files files_;
  std::mt19937_64 engine_;
  log_options options_;
  std::unique_ptr<log_file> log_;
  std::map<std::uint32_t, modelled> groups_{{1, {}}, {2, {}}, {3, {}}, {4, {}}};
};

std::uint64_t crashes() {
  const auto* asked = std::getenv("GRAPE_CRASHES");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 2'000;
}

} // namespace

TEST_SUITE("core.storage.log_crash") {
  TEST_CASE("S-50, S-51: term, vote and acknowledged entries survive crashes, rules 1, 34, 36") {
    const auto rounds = (crashes() + 2) / 3;
    const auto started = std::chrono::steady_clock::now();
    for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
      CAPTURE(seed);
      crash_round(seed).run();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    MESSAGE((3 * rounds) << " crashes of the log in " << took.count() << " s");
  }
}
