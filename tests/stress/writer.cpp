#include "tests/stress/writer.hpp"

#include <chrono>
#include <set>
#include <thread>

namespace grape::stress {

namespace {

std::vector<point_id> names_of(const std::vector<std::uint64_t>& ids) {
  std::vector<point_id> names;
  for (const auto id : ids)
    names.emplace_back(id);
  return names;
}

payload::object mark_of(std::int64_t number) {
  return {{"mark", payload::value{number}}};
}

std::optional<content> gone(const std::optional<content>&) {
  return std::nullopt;
}

} // namespace

void writer::run() {
  while (!over()) {
    if (scene_.calm) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
      continue;
    }
    const auto what = below(100);
    if (what < 40)
      store();
    else if (what < 50)
      store_vectors();
    else if (what < 60)
      mark_ids();
    else if (what < 65)
      mark_group();
    else if (what < 75)
      remove_ids();
    else if (what < 78)
      remove_group();
    else
      read_back();
  }
}

void writer::store() {
  const auto version = next_++;
  const auto touched = some(30, false);
  upsert_points made;
  for (const auto id : touched)
    made.points.push_back(point_of(id, {version, 0}));
  write("upsert", std::move(made), touched, [version](const auto&) {
    return std::optional{content{version, 0}};
  });
}

void writer::store_vectors() {
  const auto touched = some(10, true);
  update_vectors made;
  for (const auto id : touched) {
    const auto now = known_.points().at(id).may_be.front();
    made.points.push_back({point_id{id}, {{"dense", dense_of(id, now->version)}}});
  }
  if (!touched.empty())
    write("update vectors", std::move(made), touched, [](const auto& before) { return before; });
}

void writer::mark_ids() {
  const auto mark = static_cast<std::int64_t>(next_++);
  const auto touched = some(10, true);
  if (touched.empty())
    return;
  write("set payload", set_payload{mark_of(mark), names_of(touched), false, {}}, touched,
        [mark](auto before) {
          if (before)
            before->mark = mark;
          return before;
        });
}

void writer::mark_group() {
  const auto mark = static_cast<std::int64_t>(next_++);
  const auto group = below(groups);
  write("set payload by filter",
        set_payload{mark_of(mark), of_group(known_.owner(), group), false, {}}, in_group(group),
        [mark, group](auto before) {
          if (before && before->group() == group)
            before->mark = mark;
          return before;
        });
}

void writer::remove_ids() {
  const auto touched = some(20, false);
  write("delete", delete_points{names_of(touched)}, touched, gone);
}

void writer::remove_group() {
  const auto group = below(groups);
  write("delete by filter", delete_points{of_group(known_.owner(), group)}, in_group(group),
        [group](const auto& before) {
          return before && before->group() == group ? std::nullopt : before;
        });
}

void writer::read_back() {
  const auto wanted = some(20, false);
  retrieve_request request;
  request.collection = collection;
  request.ids = names_of(wanted);
  request.with_vectors.wanted = vector_selector::mode::all;
  const auto found = ask<retrieve_reply>("get", std::move(request));
  if (!found)
    return;
  stored_points stored;
  for (const auto& each : found->points) {
    const auto holds = content_of(each);
    if (!holds)
      return tally_.flaw("read back: " + to_string(holds.error()));
    stored[each.id.number()] = *holds;
  }
  known_points known;
  for (const auto id : wanted)
    known[id] = known_.points().at(id);
  tally_.flaw("read back", flaws_of(known, stored));
}

writer::ids writer::some(std::uint64_t most, bool existing) {
  std::set<std::uint64_t> chosen;
  for (auto left = 1 + below(most); left > 0; --left) {
    const auto id = known_.owner() * ids_of_writer + below(ids_of_writer);
    if (!existing || known_.points().at(id).exists())
      chosen.insert(id);
  }
  return {chosen.begin(), chosen.end()};
}

writer::ids writer::in_group(std::uint64_t group) const {
  ids found;
  for (const auto& [id, one] : known_.points())
    for (const auto& each : one.may_be)
      if (each && each->group() == group) {
        found.push_back(id);
        break;
      }
  return found;
}

void writer::write(const std::string& kind, write_operation operation, const ids& touched,
                   const change& made) {
  write_request request;
  request.collection = collection;
  request.operations.push_back(std::move(operation));
  request.options.wait = below(5) != 0;
  known_.begin(touched);
  const auto done = ask<write_receipts>(kind, std::move(request));
  const auto answer = done                            ? fate::acknowledged
                      : is_refusal(done.error().code) ? fate::refused
                                                      : fate::unknown;
  known_.end(touched, answer, made);
}

} // namespace grape::stress
