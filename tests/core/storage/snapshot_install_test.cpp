// Goal: whenever the power goes off while a snapshot is received and installed, the next start has
// the old state or the new one, and the log agrees with it. Method: a replica's folder and its log
// on one faulty disk, the power off at each change in turn, also while that is being repaired.

#include "core/storage/snapshot_install.hpp"

#include "core/storage/faulty_files.hpp"
#include "core/storage/log_file.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace grape;
using namespace grape::storage;

namespace {

constexpr group_id one{1};
const std::string folder = "shard";

/// Names and contents of a store's files.
using state = std::map<std::string, std::string>;

const state old_state{{"CURRENT", "old"}, {"old-table", std::string(700, 'o')}, {"applied", "3"}};
const state new_state{{"CURRENT", "new"}, {"new-table", std::string(900, 'n')}, {"applied", "9"}};

raft::snapshot_mark mark_at(std::uint64_t index) {
  return {log_index{index}, term{2}, {}};
}

std::unique_ptr<log_file> opened(file_system& files) {
  auto log = log_file::open(files, "log", {});
  REQUIRE_MESSAGE(log.ok(), to_string(log.error()));
  return std::move(*log);
}

status put(file_system& files, const std::string& path, const std::string& bytes, bool synced) {
  auto file = files.open_append(path);
  if (!file)
    return file.error();
  if (auto written = (*file)->append(bytes); !written.ok())
    return written;
  return synced ? (*file)->sync() : status{};
}

std::string content_of(file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  REQUIRE(file.ok());
  std::string bytes((*file)->size(), '\0');
  REQUIRE((*file)->read(0, bytes.size(), bytes.data()).value() == bytes.size());
  return bytes;
}

state state_in(file_system& files, const std::string& directory) {
  state found;
  const auto names = files.list(directory);
  REQUIRE(names.ok());
  for (const auto& name : *names)
    found.emplace(name, content_of(files, directory + "/" + name));
  return found;
}

/// A replica that has applied three of five entries, and a segment that is derived from them.
void begin(faulty_files& files) {
  REQUIRE(files.create_directories(folder + "/points").ok());
  REQUIRE(files.create_directories(folder + "/segments").ok());
  for (const auto& [name, bytes] : old_state)
    REQUIRE(put(files, folder + "/points/" + name, bytes, true).ok());
  REQUIRE(put(files, folder + "/segments/1.seg", "derived", true).ok());
  REQUIRE(files.sync_directory(folder + "/points").ok());
  REQUIRE(files.sync_directory(folder + "/segments").ok());
  auto log = opened(files);
  group_write five{one, {{}, {term{1}, {}, log_index{3}}, {}, {}}, {}};
  for (std::uint64_t index = 1; index <= 5; ++index)
    five.what.entries.push_back({log_index{index}, term{1}, raft::entry_kind::normal, nullptr});
  REQUIRE(log->write({&five, 1}).ok());
}

log_base base_of(const ordered_log& log) {
  const auto base = log.base(one);
  return base ? *base : log_base{};
}

/// What a start does, and what follows a switch. The log forgets the folder's name at last.
status settle(file_system& files, ordered_log& log) {
  auto base = base_of(log);
  if (auto settled = settle_staging(files, folder, base); !settled.ok())
    return settled.error();
  if (base.staged.empty())
    return {};
  base.staged.clear();
  if (auto forgotten = log.compact(one, base); !forgotten.ok())
    return forgotten;
  return log.sync();
}

/// What a receiver leaves when it has everything.
status receive_files(file_system& files, const state& what) {
  if (auto made = files.create_directories(folder + "/receiving"); !made.ok())
    return made;
  for (const auto& [name, bytes] : what)
    if (auto written = put(files, folder + "/receiving/" + name, bytes, true); !written.ok())
      return written;
  return {};
}

status receive(file_system& files, ordered_log& log) {
  if (auto received = receive_files(files, new_state); !received.ok())
    return received;
  const auto staged = stage_received(files, folder, mark_at(9), staged_content::whole);
  if (!staged)
    return staged.error();
  const group_write snapshot{one, {{}, {term{2}, {}, log_index{9}}, {}, mark_at(9)}, *staged};
  if (auto switched = log.write({&snapshot, 1}); !switched.ok())
    return switched;
  return settle(files, log);
}

/// Old or new, in the folder and in the log; true: new.
bool check_whole(faulty_files& files, const ordered_log& log) {
  const auto is_new = base_of(log).mark.index == log_index{9};
  CHECK(state_in(files, folder + "/points") == (is_new ? new_state : old_state));
  CHECK(log.range(one) == (is_new ? log_range{log_index{10}, log_index{9}}
                                  : log_range{log_index{1}, log_index{5}}));
  CHECK(files.exists(folder + "/segments/1.seg") == !is_new);
  const auto names = files.list(folder);
  REQUIRE(names.ok());
  CHECK(names->size() == (is_new ? 1 : 2) + (files.exists(folder + "/receiving") ? 1 : 0));
  return is_new;
}

} // namespace

TEST_SUITE("core.storage.snapshot_install") {
  TEST_CASE("S-52: a kill in any step of an install leaves the old state or the new, rule 29") {
    std::map<bool, int> seen;
    for (const auto left : {torn_tail::prefix, torn_tail::holes, torn_tail::nothing})
      for (std::uint64_t at = 0; at < 40; ++at)
        for (std::uint64_t again = 0; again < 8; ++again) {
          CAPTURE(at);
          CAPTURE(again);
          faulty_files files{at * 8 + again};
          begin(files);
          {
            auto log = opened(files);
            files.power_off_after(at);
            (void)receive(files, *log);
          }
          files.power_cut(left);
          {
            auto log = opened(files);
            files.power_off_after(again);
            (void)settle(files, *log);
          }
          files.power_cut(left);

          auto log = opened(files);

          REQUIRE(settle(files, *log).ok());
          ++seen[check_whole(files, *log)];
          REQUIRE(settle(files, *log).ok()); // There is nothing left to do.
          check_whole(files, *log);
        }
    CHECK(seen[false] > 100);
    CHECK(seen[true] > 100);
  }

  TEST_CASE("a difference is left to whoever applies it, and no other folder stays") {
    faulty_files files{1};
    begin(files);
    REQUIRE(receive_files(files, new_state).ok());
    const auto first = stage_received(files, folder, mark_at(7), staged_content::whole).value();
    REQUIRE(receive_files(files, new_state).ok());
    const auto staged
        = stage_received(files, folder, mark_at(9), staged_content::difference).value();
    const log_base said{mark_at(9), staged};

    CHECK(settle_staging(files, folder, said).value() == staged);
    CHECK(state_in(files, folder + "/points") == old_state);
    CHECK(files.exists(folder + "/segments/1.seg"));
    CHECK_FALSE(files.exists(folder + "/" + first));
    CHECK(settle_staging(files, folder, said).value() == staged); // It was not applied yet.

    REQUIRE(drop_staged(files, folder, staged).ok());
    CHECK(settle_staging(files, folder, said).value() == "");
  }

  TEST_CASE("a folder that is gone is named, and so is a difference to nothing") {
    faulty_files files{1};
    begin(files);
    REQUIRE(receive_files(files, new_state).ok());
    const auto staged
        = stage_received(files, folder, mark_at(9), staged_content::difference).value();
    REQUIRE(files.remove_all(folder + "/points").ok());

    CHECK(settle_staging(files, folder, {mark_at(8), "staged-8-2"}).error()
          == status{errc::corrupted, "shard/staged-8-2: missing, but the log names it"});
    CHECK(settle_staging(files, folder, {mark_at(9), staged}).error().code == errc::corrupted);
  }

  TEST_CASE("what the log says of an earlier snapshot is not taken for a later one's files") {
    faulty_files files{1};
    begin(files);
    REQUIRE(receive_files(files, new_state).ok());
    const log_base installed{
        mark_at(9), stage_received(files, folder, mark_at(9), staged_content::whole).value()};
    REQUIRE(settle_staging(files, folder, installed).ok());
    REQUIRE(receive_files(files, {{"CURRENT", "half"}}).ok());
    const auto later = stage_received(files, folder, mark_at(12), staged_content::whole).value();

    REQUIRE(settle_staging(files, folder, installed).ok());

    CHECK(state_in(files, folder + "/points") == new_state);
    CHECK_FALSE(files.exists(folder + "/" + later));
  }
}
