// A replica that is behind its group's log gets the state of another one: on real actors, over a
// wire that can be cut, with nodes that die in the middle.

#include "core/shard/snapshot_stream.hpp"
#include "tests/actors/cluster_by_hand.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::actors;

namespace {

/// Logs are cut early, stores synced each second, and a MiB of state takes a second.
void hasty(house& home) {
  home.host.log_kept = {.kept_min = 4, .kept_max = 8, .step_min = 2};
  home.config.storage.sync_interval_s = 1;
  home.config.raft.snapshot_mb_per_s = 1;
}

/// A cluster with one shard on all nodes, and the chunks that pass between them.
struct streaming_cluster : cluster_by_hand {
  explicit streaming_cluster(std::uint64_t seed)
    : cluster_by_hand(3, seed, hasty)
    , random(seed) {
    network().watch = [this](node_number from, node_number to, const link_question& question) {
      if (question.to != link::addressee::snapshot)
        return;
      const auto part = shard::decode_snapshot_question(question.bytes);
      REQUIRE(part.ok());
      bytes += question.bytes.size();
      if (const auto* chunk = std::get_if<shard::snapshot_chunk>(&*part))
        chunks.push_back({from, to, *chunk});
    };
    auto request = deterministic_node::collection_of("words", 1, 3);
    REQUIRE(ask<changed>(n1, std::move(request)).ok());
    group = at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    until([this] { return leader_of(group).has_value(); });
  }

  /// One entry; points of about so many bytes, in which nothing repeats.
  void upsert(node_number through, std::uint64_t first, std::uint64_t count, std::size_t size) {
    auto request = deterministic_node::upsert_of("words", first, count, true);
    for (auto& one : std::get<upsert_points>(request.operations.front()).points) {
      std::string text(size, ' ');
      for (auto& letter : text)
        letter = static_cast<char>('!' + random() % 90);
      one.payload.set("text", payload::value{std::move(text)});
    }
    const auto written = ask<write_receipts>(through, std::move(request));
    REQUIRE_MESSAGE(written.ok(), (written ? std::string{} : to_string(written.error())));
  }

  /// What the replica on that node shows.
  std::shared_ptr<const shard::view> view_of(node_number node) {
    const auto shown = at(node).home->windows.look(group);
    return shown ? shown->newest : nullptr;
  }

  log_index applied(node_number node) {
    const auto view = view_of(node);
    return view ? view->applied() : log_index{};
  }

  std::vector<record> records(node_number node) {
    budget unlimited;
    const auto page = view_of(node)->scroll({.from = {},
                                             .limit = UINT64_MAX,
                                             .filter = {},
                                             .with_payload = {payload_selector::mode::all, {}},
                                             .with_vectors = {vector_selector::mode::all, {}}},
                                            unlimited);
    REQUIRE(page.ok());
    return page->records;
  }

  bool had_snapshot(node_number node) {
    const auto notes = at(node).home->notes.all();
    return std::any_of(notes.begin(), notes.end(), [](const auto& note) {
      return note.find("got a snapshot through entry") != std::string::npos;
    });
  }

  /// A node that does not lead is away while the log goes on and is cut.
  node_number leave_behind(std::uint64_t entries, std::size_t size) {
    const auto leader = *leader_of(group);
    const auto away = leader == n3 ? n2 : n3;
    upsert(leader, 1, 20, size);
    until([&] { return applied(away) == applied(leader); });
    kill(away);
    for (std::uint64_t entry = 0; entry < entries; ++entry)
      upsert(leader, 100 + entry, 1, size);
    advance(5'000);
    const auto base = at(leader).home->log.get()->base(group);
    REQUIRE(base != nullptr);
    REQUIRE(base->mark.index.value > 10);
    return away;
  }

  void require_equal(node_number one) {
    const auto leader = *leader_of(group);
    until([&] { return applied(one) == applied(leader); }, 120'000);
    REQUIRE(records(one) == records(leader));
  }

  struct passed {
    node_number from;
    node_number to;
    shard::snapshot_chunk what;
  };

  std::mt19937_64 random;
  group_id group;
  std::vector<passed> chunks;
  std::size_t bytes = 0;
};

} // namespace

TEST_SUITE("actors.snapshots") {
  TEST_CASE("a replica behind a cut log gets what changed since, and goes on from there") {
    streaming_cluster cluster{1};
    const auto away = cluster.leave_behind(20, 10);

    cluster.start(away);
    cluster.require_equal(away);

    CHECK(cluster.had_snapshot(away));
    REQUIRE_FALSE(cluster.chunks.empty());
    CHECK(cluster.chunks.front().what.from.base > log_index{});
    cluster.upsert(n1, 500, 3, 10);
    cluster.require_equal(away);
    cluster.kill(away);
    cluster.start(away);
    cluster.require_equal(away);
  }

  TEST_CASE("whoever dies in the middle of a stream, it goes on where it was") {
    for (const auto source_dies : {false, true})
      for (std::size_t at = 2; at <= 5; ++at) {
        CAPTURE(source_dies);
        CAPTURE(at);
        streaming_cluster cluster{at};
        const auto away = cluster.leave_behind(30, 60'000);
        cluster.start(away);
        cluster.until([&] { return cluster.chunks.size() >= at; });
        const auto source = cluster.chunks.back().from;
        const auto dead = source_dies ? source : away;

        cluster.kill(dead);
        const auto before = cluster.chunks.size();
        cluster.advance(3'000);
        cluster.start(dead);
        cluster.until([&] { return cluster.runs(away) && cluster.had_snapshot(away); }, 120'000);
        cluster.require_equal(away);

        REQUIRE(cluster.chunks.size() > before);
        CHECK_FALSE(shard::is_begin(cluster.chunks[before].what.from));
      }
  }

  TEST_CASE("a SNAPSHOTS that is killed on either side is renewed, and the stream goes on") {
    for (const auto on_source : {false, true}) {
      CAPTURE(on_source);
      streaming_cluster cluster{7};
      const auto away = cluster.leave_behind(30, 60'000);
      cluster.start(away);
      cluster.until([&] { return cluster.chunks.size() >= 3; });
      const auto where = on_source ? cluster.chunks.back().from : away;

      REQUIRE(cluster.ask<changed>(where, kill_actor_request{"snapshots"}).ok());
      cluster.require_equal(away);

      CHECK(cluster.had_snapshot(away));
    }
  }

  TEST_CASE("a disk without room makes the source wait, and gets the rest when there is some") {
    streaming_cluster cluster{8};
    const auto away = cluster.leave_behind(30, 60'000);
    cluster.start(away);
    cluster.until([&] { return cluster.chunks.size() >= 3; });
    cluster.disk(away).limit_bytes(1);
    cluster.advance(8'000);
    const auto before = cluster.chunks.size();
    CHECK_FALSE(cluster.had_snapshot(away));

    cluster.disk(away).limit_bytes(1u << 30);
    cluster.require_equal(away);

    CHECK(cluster.had_snapshot(away));
    CHECK_FALSE(shard::is_begin(cluster.chunks.at(before).what.from));
  }
}
