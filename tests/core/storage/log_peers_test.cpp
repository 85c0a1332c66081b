#include "core/storage/log_file.hpp"

#include "core/storage/faulty_files.hpp"
#include "core/storage/group_log.hpp"
#include "core/storage/log_format.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id one{1};
constexpr group_id two{2};
constexpr log_options small_segments{.segment_bytes = 1'024};
const std::string first_segment = "log/log-0000000000000001.log";

std::unique_ptr<log_file> opened(file_system& files, log_options options = {}) {
  auto log = log_file::open(files, "log", options);
  REQUIRE_MESSAGE(log.ok(), log.error().detail);
  return std::move(*log);
}

raft::payload bytes(std::string of) {
  return std::make_shared<const std::string>(std::move(of));
}

raft::hard_state state(std::uint64_t in_term, std::uint64_t vote, std::uint64_t commit) {
  return {term{in_term}, replica_id{vote}, log_index{commit}};
}

/// Entries of one term with the payload "index@term".
std::vector<raft::entry> entries(std::uint64_t first, std::uint64_t last, std::uint64_t in_term) {
  std::vector<raft::entry> made;
  for (auto index = first; index <= last; ++index)
    made.push_back({log_index{index}, term{in_term}, raft::entry_kind::normal,
                    bytes(std::to_string(index) + "@" + std::to_string(in_term))});
  return made;
}

raft::snapshot_mark mark(std::uint64_t index, std::uint64_t in_term) {
  raft::snapshot_mark made{log_index{index}, term{in_term}, {}};
  made.members.voters = {replica_id{1}, replica_id{2}, replica_id{3}};
  return made;
}

group_write wanted(group_id group, raft::hard_state with, std::vector<raft::entry> more = {}) {
  return {group, {{}, with, std::move(more), {}}, {}};
}

status write(log_file& log, const group_write& what) {
  return log.write({&what, 1});
}

/// "3@1 4@2": the group's entries.
std::string text(const log_file& log, group_id group) {
  std::string made;
  const auto from = log.range(group).first;
  const auto found = log.read(group, from, 1u << 20);
  REQUIRE(found.ok());
  for (const auto& record : *found)
    made += (made.empty() ? "" : " ") + record.payload;
  return made;
}

log_range range(std::uint64_t first, std::uint64_t last) {
  return {log_index{first}, log_index{last}};
}

} // namespace

TEST_SUITE("core.storage.log_peers") {
  TEST_CASE("a write keeps state and entries, also for the next process, rule 1") {
    faulty_files files{1};
    auto log = opened(files);
    auto first = wanted(one, state(2, 3, 1), entries(1, 2, 1));
    first.what.entries.push_back({log_index{3}, term{2}, raft::entry_kind::configuration, nullptr});
    REQUIRE(write(*log, first).ok());
    REQUIRE(write(*log, wanted(two, state(5, 0, 0))).ok());
    files.power_cut(torn_tail::nothing);

    log = opened(files);

    CHECK(log->recovery().notes.empty());
    CHECK(log->groups() == std::vector<group_id>{one, two});
    CHECK(log->hard_state(one) == state(2, 3, 1));
    CHECK(log->hard_state(two) == state(5, 0, 0));
    CHECK(log->hard_state(group_id{9}) == raft::hard_state{});
    CHECK(log->range(one) == range(1, 3));
    CHECK(text(*log, one) == "1@1 2@1 ");
    CHECK(log->read(one, log_index{3}, 1).value()[0].kind == raft::entry_kind::configuration);
    CHECK(log->term_at(one, log_index{0}) == term{0});
    CHECK(log->term_at(one, log_index{2}) == term{1});
    CHECK(log->term_at(one, log_index{3}) == term{2});
    CHECK(log->term_at(one, log_index{4}) == std::nullopt);
  }

  TEST_CASE("entries replace whatever stood from their first index on") {
    faulty_files files{1};
    auto log = opened(files);
    REQUIRE(write(*log, wanted(one, state(1, 0, 2), entries(1, 5, 1))).ok());

    REQUIRE(write(*log, wanted(one, state(2, 0, 2), entries(3, 4, 2))).ok());

    for (int start = 0; start < 2; ++start) {
      CHECK(text(*log, one) == "1@1 2@1 3@2 4@2");
      CHECK(log->term_at(one, log_index{5}) == std::nullopt);
      log = opened(files);
    }
  }

  TEST_CASE("several writes of one group in a batch take effect in their order, with one sync") {
    faulty_files files{1};
    auto log = opened(files);
    std::size_t syncs = 0;
    files.on_operation([&](file_operation what, const std::string&) {
      syncs += what == file_operation::sync ? 1 : 0;
    });
    const std::vector<group_write> batch{wanted(one, state(1, 1, 0), entries(1, 4, 1)),
                                         wanted(two, state(1, 2, 0), entries(1, 1, 1)),
                                         wanted(one, state(2, 2, 2), entries(3, 3, 2)),
                                         wanted(one, state(3, 3, 2))};

    REQUIRE(log->write(batch).ok());

    CHECK(syncs == 1);
    log = opened(files);
    CHECK(text(*log, one) == "1@1 2@1 3@2");
    CHECK(text(*log, two) == "1@1");
    CHECK(log->hard_state(one) == state(3, 3, 2));
  }

  TEST_CASE("a snapshot that the log holds cuts it, any other restarts it, rule 30") {
    faulty_files files{1};
    auto log = opened(files);
    for (const auto group : {one, two})
      REQUIRE(write(*log, wanted(group, state(1, 0, 1), entries(1, 6, 1))).ok());
    group_write held{one, {{}, state(1, 0, 4), {}, mark(4, 1)}, "incoming-7"};
    group_write foreign{two, {{}, state(2, 0, 9), entries(5, 5, 2), mark(4, 2)}, ""};
    foreign.what.state.commit = log_index{4};

    REQUIRE(write(*log, held).ok());
    REQUIRE(write(*log, foreign).ok());

    for (int start = 0; start < 2; ++start) {
      CHECK(text(*log, one) == "5@1 6@1");
      CHECK(*log->base(one) == log_base{mark(4, 1), "incoming-7"});
      CHECK(log->term_at(one, log_index{4}) == term{1});
      CHECK(log->term_at(one, log_index{3}) == std::nullopt);
      CHECK(text(*log, two) == "5@2");
      CHECK(*log->base(two) == log_base{mark(4, 2), ""});
      log = opened(files);
    }
    REQUIRE(log->compact(one, {mark(4, 1), ""}).ok());
    CHECK(log->base(one)->staged.empty());
  }

  TEST_CASE("a snapshot within the entries of its own write counts them") {
    faulty_files files{1};
    auto log = opened(files);
    group_write both{one, {{}, state(1, 0, 3), entries(1, 5, 1), mark(3, 1)}, ""};

    REQUIRE(write(*log, both).ok());

    CHECK(text(*log, one) == "4@1 5@1");
    CHECK(text(*opened(files), one) == "4@1 5@1");
  }

  TEST_CASE("compaction keeps the term and the members of its mark, and survives its segment") {
    faulty_files files{1};
    auto log = opened(files, small_segments);
    REQUIRE(write(*log, {one, {{}, state(0, 0, 0), {}, mark(0, 0)}, ""}).ok());
    REQUIRE(write(*log, wanted(one, state(4, 2, 0), entries(1, 3, 4))).ok());
    REQUIRE(write(*log, {two, {{}, state(7, 2, 0), {}, mark(0, 0)}, ""}).ok());
    std::vector<raft::entry> change{
      {log_index{1}, term{7}, raft::entry_kind::configuration, bytes("change")}};
    REQUIRE(write(*log, wanted(two, state(7, 2, 0), change)).ok());
    for (std::uint64_t index = 4; index <= 200; ++index)
      REQUIRE(write(*log, wanted(one, state(4, 2, index - 1), entries(index, index, 4))).ok());
    const auto full = log->bytes();

    REQUIRE(log->compact(one, {mark(198, 4), ""}).ok());

    CHECK(log->bytes() < full / 4);
    for (int start = 0; start < 2; ++start) {
      CHECK(text(*log, one) == "199@4 200@4");
      CHECK(log->term_at(one, log_index{198}) == term{4});
      CHECK(log->base(one)->mark == mark(198, 4));
      CHECK(log->hard_state(one) == state(4, 2, 199));
      CHECK(log->base(two)->mark == mark(0, 0));
      CHECK(log->hard_state(two) == state(7, 2, 0));
      const auto kept = log->read(two, log_index{1}, 1).value();
      REQUIRE(kept.size() == 1);
      CHECK(kept[0].kind == raft::entry_kind::configuration);
      CHECK(kept[0].payload == "change");
      log = opened(files, small_segments);
    }
  }

  TEST_CASE("replaced entries do not come back when older segments are rewritten") {
    faulty_files files{1};
    constexpr log_options segments{.segment_bytes = 4'096};
    auto log = opened(files, segments);
    REQUIRE(write(*log, wanted(two, state(1, 0, 0), entries(1, 8, 1))).ok());
    REQUIRE(write(*log, wanted(one, state(1, 0, 0), entries(1, 90, 1))).ok());
    REQUIRE(write(*log, wanted(one, state(1, 0, 90), entries(91, 110, 1))).ok());
    REQUIRE(write(*log, wanted(two, state(2, 0, 0), entries(4, 5, 2))).ok());
    REQUIRE(write(*log, wanted(one, state(1, 0, 110), entries(111, 200, 1))).ok());
    REQUIRE(files.exists("log/log-0000000000000003.log"));

    REQUIRE(log->compact(one, {mark(200, 1), ""}).ok());
    REQUIRE_FALSE(files.exists(first_segment));
    REQUIRE(write(*log, wanted(two, state(3, 0, 0), entries(3, 3, 3))).ok());

    CHECK(text(*log, two) == "1@1 2@1 3@3");
    CHECK(text(*opened(files, segments), two) == "1@1 2@1 3@3");
  }

  TEST_CASE("a log that ends below what was committed is refused, rule 36") {
    faulty_files files{1};
    {
      auto log = opened(files);
      REQUIRE(write(*log, wanted(one, state(1, 0, 0), entries(1, 1, 1))).ok());
    }
    log_format::batch_builder batch;
    const std::string vote(8, '\0');
    batch.add({log_format::record_kind::hard_state, 1, 2, 1, vote});
    auto file = files.open_append(first_segment);
    REQUIRE((*file)->append(batch.finish(2, 1)).ok());

    const auto refused = log_file::open(files, "log", {});

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error()
          == status{errc::corrupted,
                    first_segment + ": group 1 ends with entry 1, but 2 was committed"});
  }

  TEST_CASE("a cut behind an entry that is not there is refused, not gone on from") {
    faulty_files files{1};
    (void)opened(files);
    log_format::batch_builder batch;
    batch.add({log_format::record_kind::moved, 1, 15, 7, {}});
    batch.add({log_format::record_kind::truncate, 1, 13, 0, {}});
    auto file = files.open_append(first_segment);
    REQUIRE((*file)->append(batch.finish(1, 0)).ok());

    const auto refused = log_file::open(files, "log", {});

    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error()
          == status{errc::corrupted,
                    first_segment + ": group 1 has no entry 13, at which it was cut"});
  }

  TEST_CASE("too large a write changes nothing and leaves the log open") {
    faulty_files files{1};
    auto log = opened(files, {.record_bytes_max = 10});
    auto large = wanted(two, state(1, 1, 0));
    large.what.entries = {{log_index{1}, term{1}, raft::entry_kind::normal, bytes("eleven bytes")}};
    const std::vector<group_write> batch{wanted(one, state(1, 1, 0)), large};

    CHECK(log->write(batch).code == errc::too_large);

    CHECK(log->groups().empty());
    CHECK(write(*log, batch[0]).ok());
  }

  TEST_CASE("S-51: a failed write or sync acknowledges nothing and closes the log, rule 34") {
    for (const auto what : {file_operation::append, file_operation::sync})
      for (const auto why : {errc::io_error, errc::no_space}) {
        faulty_files files{3};
        auto log = opened(files);
        REQUIRE(write(*log, wanted(one, state(1, 1, 0), entries(1, 1, 1))).ok());
        files.fail(what, 1, why);
        const auto found_no_room = what == file_operation::append && why == errc::no_space;

        CHECK(write(*log, wanted(one, state(2, 2, 1), entries(2, 2, 2))).code
              == (found_no_room ? errc::no_space : errc::io_error));

        const auto after = found_no_room ? errc::ok : errc::closed;
        CHECK(write(*log, wanted(two, state(1, 1, 0))).code == after);
        CHECK(log->compact(one, {mark(1, 1), ""}).code == after);
        files.power_cut(torn_tail::nothing);
        log = opened(files);
        CHECK(log->hard_state(one) == state(1, 1, 0));
        CHECK(text(*log, one) == "1@1");
      }
  }

  TEST_CASE("room that ends between two writes of one call closes the log, and loses nothing") {
    for (std::uint64_t nth = 1; nth <= 2; ++nth) {
      faulty_files files{3};
      auto log = opened(files);
      const std::vector<group_write> both{wanted(one, state(1, 1, 0), entries(1, 1, 1)),
                                          wanted(one, state(2, 2, 1), entries(2, 2, 2))};
      files.fail(file_operation::append, nth, errc::no_space);

      CHECK(log->write(both).code == errc::no_space);

      CHECK(write(*log, wanted(two, state(1, 1, 0))).code == (nth == 1 ? errc::ok : errc::closed));
      log = nullptr;
      log = opened(files);
      CHECK(text(*log, one) == (nth == 1 ? "" : "1@1"));
    }
  }

  TEST_CASE("a peer's view answers terms from memory and reads entries from the disk") {
    faulty_files files{1};
    auto log = opened(files);
    status failure;
    const group_log view(*log, one, [&](const status& why) { failure = why; });
    CHECK(view.snapshot() == raft::snapshot_mark{});
    CHECK(view.last() == log_index{0});
    REQUIRE(write(*log, {one, {{}, state(1, 0, 0), entries(3, 6, 1), mark(2, 1)}, ""}).ok());
    std::size_t reads = 0;
    files.on_operation([&](file_operation what, const std::string&) {
      reads += what == file_operation::read ? 1 : 0;
    });

    CHECK(view.snapshot() == mark(2, 1));
    CHECK(view.last() == log_index{6});
    CHECK(view.term_at(log_index{2}) == term{1});
    CHECK(view.term_at(log_index{1}) == std::nullopt);
    CHECK(reads == 0);

    CHECK(view.entries(log_index{3}, log_index{5}, 1'000) == entries(3, 5, 1));
    CHECK(view.entries(log_index{3}, log_index{6}, 1).size() == 1);
    CHECK(failure.ok());
    CHECK(view.entries(log_index{1}, log_index{2}, 1).empty());
    CHECK(failure.code == errc::not_found);
    files.fail(file_operation::read, 1, errc::io_error);
    CHECK(view.entries(log_index{3}, log_index{3}, 1).empty());
    CHECK(failure.code == errc::io_error);
  }

  TEST_CASE("views are read while the log is written, compacted and rewritten") {
    faulty_files files{1};
    auto log = opened(files, small_segments);
    REQUIRE(write(*log, {one, {{}, state(1, 0, 0), entries(1, 3, 1), mark(0, 0)}, ""}).ok());
    std::atomic<bool> done = false;
    std::atomic<std::size_t> wrong = 0;
    std::thread reader([&] {
      status failure;
      const group_log view(*log, one, [&](const status& why) { failure = why; });
      while (!done) {
        const auto last = view.last();
        const auto found = view.entries(last, last, 100);
        const auto sound = found.size() == 1 && found[0].index == last;
        // Compacted in between: then, and only then, it is not there.
        wrong += sound || view.snapshot().index >= last ? 0 : 1;
      }
    });

    for (std::uint64_t index = 4; index <= 2'000; ++index) {
      REQUIRE(write(*log, wanted(one, state(1, 0, index - 1), entries(index, index, 1))).ok());
      if (index % 10 == 0)
        REQUIRE(log->compact(one, {mark(index - 1, 1), ""}).ok());
    }
    done = true;
    reader.join();

    CHECK(wrong == 0);
  }

  TEST_CASE("the bytes of what peers write are those of the third format") {
    faulty_files files{1};
    {
      auto log = opened(files);
      group_write all{one, {{}, state(3, 2, 4), entries(5, 6, 3), mark(4, 2)}, "incoming"};
      all.what.entries.push_back(
        {log_index{7}, term{3}, raft::entry_kind::configuration, bytes("change")});
      REQUIRE(write(*log, all).ok());
      REQUIRE(write(*log, wanted(one, state(4, 0, 5), entries(6, 6, 4))).ok());
      REQUIRE(log->compact(one, {mark(5, 3), ""}).ok());
    }
    auto file = files.open_random(first_segment);
    std::string segment((*file)->size(), '\0');
    REQUIRE((*file)->read(0, segment.size(), segment.data()).ok());
    CHECK(testing::is_golden("log-peers-3.bin", segment));
  }
}
