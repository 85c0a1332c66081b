#pragma once

#include "core/shard/snapshot_receiver.hpp"
#include "core/shard/snapshot_settle.hpp"
#include "core/shard/snapshot_source.hpp"
#include "machine_world.hpp"
#include "tests/support/thread_lane.hpp"

#include <cctype>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace grape::test {

/// All keys and values.
inline std::map<std::string, std::string> content_of(const storage::store& store) {
  std::map<std::string, std::string> all;
  const auto at = store.scan("");
  for (; at->valid(); at->next())
    all.emplace(at->key(), at->value());
  REQUIRE(at->error().ok());
  return all;
}

/// What is other in two contents, for people; empty: nothing.
inline std::string other_in(const std::map<std::string, std::string>& one,
                            const std::map<std::string, std::string>& two) {
  std::string out;
  const auto compare = [&out](const auto& these, const auto& those, const char* word) {
    for (const auto& [key, value] : these)
      if (const auto at = those.find(key); at == those.end() || at->second != value) {
        out += word;
        for (const char letter : key)
          out += std::isprint(static_cast<unsigned char>(letter)) ? letter : '.';
        out += ' ';
      }
  };
  compare(one, two, "-");
  compare(two, one, "+");
  return out;
}

/// A replica that receives snapshots into a folder of its own disk.
class receiving_replica {
public:
  explicit receiving_replica(std::uint64_t seed, collection_schema schema = two_field_schema())
    : files_(seed)
    , schema_(std::move(schema)) {
    REQUIRE(files_.create_directories("shard").ok());
  }

  storage::faulty_files& files() { return files_; }

  storage::leveldb_options store_options() const {
    storage::leveldb_options options;
    options.lane = lane_;
    options.write_buffer_bytes = 64 << 10;
    return options;
  }

  /// Settles what the log says, opens store and machine.
  status start() {
    stop();
    if (auto settled = shard::settle_snapshot(files_, "shard", said, store_options());
        !settled.ok())
      return settled;
    auto store = storage::open_leveldb(files_, "shard/points", store_options());
    if (!store)
      return std::move(store).error();
    store_ = std::move(*store);
    auto machine = shard::machine::open({.files = &files_,
                                         .points = store_,
                                         .segments_directory = "shard/segments",
                                         .schema = schema_,
                                         .seed = 7});
    if (!machine)
      return std::move(machine).error();
    machine_ = std::move(*machine);
    return {};
  }

  void stop() {
    receiver_.reset();
    machine_.reset();
    store_.reset();
  }

  shard::machine& machine() { return *machine_; }
  const storage::store& store() const { return *store_; }

  outcome<shard::snapshot_receiver*> receiver() {
    if (!receiver_) {
      auto opened =
          shard::snapshot_receiver::open({&files_, std::string("shard"), store_options()});
      if (!opened)
        return std::move(opened).error();
      receiver_.emplace(std::move(*opened));
    }
    return &*receiver_;
  }

  void restart_receiver() { receiver_.reset(); }

  /// Of the replica that runs; a wiped one has nothing to build on.
  log_index own() const { return machine_ ? machine_->applied() : log_index{}; }

  std::optional<storage::point_reader> own_points() const {
    return machine_ ? std::optional{machine_->read()} : std::nullopt;
  }

  storage::log_base said; ///< By the log; durable.

private:
  storage::faulty_files files_;
  collection_schema schema_;
  std::shared_ptr<testing::thread_lane> lane_ = std::make_shared<testing::thread_lane>();
  std::shared_ptr<storage::store> store_;
  std::unique_ptr<shard::machine> machine_;
  std::optional<shard::snapshot_receiver> receiver_;
};

/// What one stream moved.
struct stream_figures {
  std::size_t chunks = 0;
  std::size_t bytes = 0; ///< On the wire.
  log_index base;        ///< Of the last chunk.
};

/// Sends snapshots of a machine to a replica, chunk by chunk.
class snapshot_sender {
public:
  snapshot_sender(machine_world& from, receiving_replica& to, std::size_t chunk_bytes)
    : from_(from)
    , to_(to)
    , chunk_bytes_(chunk_bytes) {}

  /// Called before each chunk with its number, from 1; true: the source begins anew.
  std::function<bool(std::size_t)> interrupt = [](std::size_t) { return false; };

  stream_figures figures;

  /// Streams until the log may name what was staged.
  status send() {
    for (;;) {
      auto source = shard::snapshot_source::open(from_->read());
      if (!source)
        return std::move(source).error();
      const auto done = send_from(*source);
      if (!done)
        return done.error();
      if (*done)
        return {};
    }
  }

private:
  /// False: the source was interrupted.
  outcome<bool> send_from(shard::snapshot_source& source) {
    auto receiver = to_.receiver();
    if (!receiver)
      return std::move(receiver).error();
    auto at = source.begin(sent((*receiver)->standing(to_.own())));
    for (;;) {
      auto next = source.next(at, chunk_bytes_);
      if (!next)
        return std::move(next).error();
      if (!*next)
        continue;
      if (interrupt(++figures.chunks))
        return false;
      const auto bytes = shard::encode(**next);
      figures.bytes += bytes.size();
      const auto arrived = shard::decode_snapshot_question(bytes);
      REQUIRE(arrived.ok());
      REQUIRE(*arrived == **next);
      receiver = to_.receiver();
      if (!receiver)
        return std::move(receiver).error();
      if (const auto* chunk = std::get_if<shard::snapshot_chunk>(&*arrived)) {
        if (auto taken = (*receiver)->take(*chunk); !taken.ok())
          return taken;
        figures.base = chunk->from.base;
        at = source.begin(sent((*receiver)->standing(to_.own())));
        REQUIRE(at == chunk->to);
        continue;
      }
      const auto& end = std::get<shard::snapshot_end>(*arrived);
      return finish(**receiver, end);
    }
  }

  outcome<bool> finish(shard::snapshot_receiver& receiver, const shard::snapshot_end& end) {
    using verdict = shard::snapshot_receiver::verdict;
    auto found = verdict::unknown;
    while (found == verdict::unknown) {
      const auto checked = receiver.check(end, to_.own_points(), chunk_bytes_);
      if (!checked)
        return checked.error();
      found = *checked;
    }
    REQUIRE(found == verdict::right);
    const raft::snapshot_mark mark{end.index, term{3}, {}};
    auto staged = receiver.stage(end, mark);
    if (!staged)
      return std::move(staged).error();
    to_.said = {mark, std::move(*staged)};
    return true;
  }

  static shard::snapshot_standing sent(const shard::snapshot_standing& standing) {
    const auto arrived = shard::decode_snapshot_standing(shard::encode(standing));
    REQUIRE(arrived.ok());
    REQUIRE(*arrived == standing);
    return *arrived;
  }

  machine_world& from_;
  receiving_replica& to_;
  std::size_t chunk_bytes_;
};

/// A seeded history of everything that changes a shard: points, payloads, ends, schemas.
class random_history {
public:
  explicit random_history(std::uint64_t seed, std::uint64_t ids = 60)
    : random_(seed)
    , ids_(ids) {}

  void live(machine_world& world, int count) {
    for (; count > 0; --count) {
      const auto& command = next(world->schema());
      world.apply_bytes(bytes_of(command, entries.size()));
    }
  }

  /// Two of three entries are of some ROUTER's session, a few of them on their way at a time.
  static std::string bytes_of(const shard::command& command, std::uint64_t index) {
    auto bytes = shard::encode(command);
    if (index % 3 == 0 || !std::holds_alternative<shard::write_points>(command))
      return bytes;
    shard::write_stamp stamp;
    stamp.session.node = node_number{static_cast<std::uint32_t>(1 + index % 4)};
    stamp.session.life.incarnation = index / 50;
    stamp.number = index;
    stamp.settled = index - index % 10;
    stamp.settled += stamp.settled == 0 ? 1 : 0;
    return shard::stamped(stamp, bytes);
  }

  /// The same entries for a replica that is behind.
  static void follow(const std::vector<shard::command>& log, shard::machine& machine) {
    for (auto at = machine.applied().value; at < log.size(); ++at)
      REQUIRE(machine.apply(log_index{at + 1}, bytes_of(log[at], at + 1)).ok());
  }

  std::vector<shard::command> entries; ///< From 1 on.

private:
  const shard::command& next(const collection_schema& schema) {
    // A schema that is only meant for the beginning is not in the store.
    entries.push_back(entries.empty() ? shard::command{shard::change_schema{schema}}
                                      : drawn(schema));
    return entries.back();
  }

  shard::command drawn(const collection_schema& schema) {
    const auto version = schema.version;
    switch (random_() % 12) {
      case 0: return shard::write_points{version, {delete_points{number_below(3)}}};
      case 1:
        return shard::write_points{
            version,
            {set_payload{{{"city", payload::value{"Oslo"}}}, city_is("London"), false, ""}}};
      case 2: return shard::write_points{version, {delete_points{std::vector{some_id()}}}};
      case 3: return shard::write_points{version, {clear_payload{std::vector{some_id()}}}};
      case 4: return shard::change_schema{changed(schema)};
      default: break;
    }
    upsert_points upsert;
    for (auto left = 1 + random_() % 9; left > 0; --left)
      upsert.points.push_back(random_point(random_, random_() % ids_));
    return shard::write_points{version, {upsert}};
  }

  point_id some_id() { return point_id{random_() % ids_}; }

  collection_schema changed(collection_schema schema) {
    schema.version = schema.version.next();
    constexpr const char* names[] = {"city", "n", "free"};
    constexpr field_type types[] = {field_type::keyword, field_type::integer, field_type::floating};
    const std::string name = names[random_() % 3];
    if (!schema.fields.erase(name))
      schema.fields[name] = {types[random_() % 3], {}};
    return schema;
  }

  std::mt19937_64 random_;
  std::uint64_t ids_;
};

} // namespace grape::test
