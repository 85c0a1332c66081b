#include "actors/shard.hpp"
#include "tests/actors/hand_made_cluster.hpp"
#include "tests/core/shard/machine_world.hpp"

#include <deque>
#include <random>

using namespace grape;
using namespace grape::actors;

namespace {

/// What the neighbours of a door were asked, and have not answered yet.
struct asked_of_neighbours {
  using receipt = caf::typed_response_promise<shard_receipt>;
  std::deque<caf::typed_response_promise<log_index>> indexes;
  std::deque<std::pair<write_command, receipt>> writes;
  std::deque<std::pair<schema_change, receipt>> schemas;
  deeds what = std::make_shared<std::deque<std::function<void()>>>();
  view_changed shown; ///< What the replica shows now, and at each `tick_now`.
};

using neighbours = std::shared_ptr<asked_of_neighbours>;

raft_group_actor spawn_group(caf::actor_system& system, neighbours all) {
  return system.spawn([all](raft_group_actor::pointer self) -> raft_group_actor::behavior_type {
    return {
        [](report_yourself) { return self_report{}; },
        [](const host_group&) { return group_hosted{}; },
        [](applied_news) {},
        [](const propose_entry&) {},
        [self, all](confirm_read) -> caf::result<log_index> {
          return all->indexes.emplace_back(self->make_response_promise<log_index>());
        },
        [](const link_delivery&) {},
        [all](raft_tick) { do_all(all->what); },
        [](peer_health_changed) {},
        [](const change_group_members&) { return done{}; },
        [](const hand_over_group&) { return done{}; },
        [](go_on_alone) { return log_index{}; },
        [](group_status_request) { return group_status{}; },
        [](snapshot_sent) {},
        [](snapshot_message_request) { return snapshot_message{}; },
        [](const snapshot_staged&) { return done{}; },
    };
  });
}

replica_actor spawn_kept_replica(caf::actor_system& system, std::shared_ptr<house> home,
                                 group_id group, neighbours all) {
  return system.spawn(
      [home, group, all](replica_actor::pointer self) -> replica_actor::behavior_type {
        return {
            [](report_yourself) { return self_report{}; },
            [](group_begun) {},
            [](const entries_committed&) {}, [](const standing_changed&) {},
            [](const proposal_taken&) {}, [](const log_progress&) {},
            [self, all](const write_command& asked) -> caf::result<shard_receipt> {
              return all->writes.emplace_back(asked, self->make_response_promise<shard_receipt>())
                  .second;
            },
            [self, all](const schema_change& asked) -> caf::result<shard_receipt> {
              return all->schemas.emplace_back(asked, self->make_response_promise<shard_receipt>())
                  .second;
            },
            [all](watch_views) { return all->shown; },
            [all](indexer_ready) { do_all(all->what); },
            [](const install_index&) { return done{}; },
            [](flush_state) { return state_flushed{}; },
            [](vacuum_index) { return done{}; },
            [self, home, group, all](tick_now) {
              self->send(home->board.get<shard_actor>(role::shard(group)), all->shown);
            },
        };
      });
}

/// The door to a shard of which this node has a replica; RAFT_GROUP and REPLICA are the test's.
struct one_of_three : hand_made_cluster {
  one_of_three() {
    live_at(holders[0]);
    leader = holders[1];
    lead(leader);
    group_itself = spawn_group(system, said);
    actors.push_back(caf::actor_cast<caf::actor>(group_itself));
    home->board.put(role::raft_group(group), caf::actor_cast<caf::strong_actor_ptr>(group_itself));
    show();
    begin_replica();
    const auto known = home->known.get();
    const auto* entry = known->state.find("words");
    shard = spawn_shard(system, home, place_of(*home, "words", *entry, shard_id{0}));
    actors.push_back(caf::actor_cast<caf::actor>(shard));
    settle();
  }

  ~one_of_three() { *said = {}; }

  /// RAFT_GROUP answers a question that it was asked.
  template <class Answer>
  void group_says(const Answer& answer) {
    REQUIRE_FALSE(said->indexes.empty());
    said->what->push_back([one = said->indexes.front(), answer]() mutable { one.deliver(answer); });
    said->indexes.pop_front();
    caf::anon_send(group_itself, raft_tick{});
    settle();
  }

  void confirm(std::uint64_t index) { group_says(log_index{index}); }

  template <class Receipt, class Answer>
  void replica_says(Receipt promise, const Answer& answer) {
    said->what->push_back([promise, answer]() mutable { promise.deliver(answer); });
    caf::anon_send(replica, indexer_ready{});
    settle();
  }

  void begin_replica() {
    replica = spawn_kept_replica(system, home, group, said);
    actors.push_back(caf::actor_cast<caf::actor>(replica));
    home->board.put(role::replica(group), caf::actor_cast<caf::strong_actor_ptr>(replica));
  }

  void end_replica() {
    caf::anon_send_exit(replica, caf::exit_reason::kill);
    settle();
  }

  /// Applies one more entry, a new point.
  std::uint64_t apply() { return world.write({upsert_points{{point_of(++points)}, {}, {}}}); }

  static point point_of(std::uint64_t id) {
    return {point_id{id}, {{"", dense_vector{1, 2, 3, 4}}}, {}};
  }

  /// The replica shows what is applied.
  void show() { said->shown = {world->snapshot(), log_index{}, false, {}}; }

  void show_again() {
    show();
    caf::anon_send(replica, tick_now{});
    settle();
  }

  struct reading {
    outcome<shard::answer> result = status{errc::cancelled, "no answer yet"};
    bool done = false;
  };

  /// Reads at the door.
  std::shared_ptr<reading> read(read_level level = read_level::linearizable) {
    auto one = std::make_shared<reading>();
    const auto asker = system.spawn([this, one, level](caf::event_based_actor* self) {
      self->request(shard, std::chrono::minutes{10},
                    shard_read{std::make_shared<const shard::question>(shard::ask_count{}), level,
                               now_ms + 5'000})
          .then(
              [one](const parcel<shard::answer>& answer) {
                CHECK_FALSE(std::exchange(one->done, true));
                one->result = std::move(*answer.value);
              },
              [one](const caf::error& why) {
                CHECK_FALSE(std::exchange(one->done, true));
                one->result = to_status(why);
                CHECK((leader_of(why) || one->result.error().code == errc::timed_out));
              });
    });
    (void)asker;
    settle();
    return one;
  }

  /// Asks it as another node does.
  template <class Then>
  void ask_from_afar(std::string bytes, Then then) {
    system.spawn([this, bytes, then](caf::event_based_actor* self) {
      self->request(shard, std::chrono::minutes{10},
                    link_asked{leader, group, now_ms + 5'000, bytes})
          .then([then](const link_answer& reply) { then(shard::decode_shard_reply(reply.bytes)); },
                [then](const caf::error& why) { then(to_status(why)); });
    });
    settle();
  }

  static std::uint64_t count_in(const reading& one) {
    REQUIRE(one.done);
    REQUIRE_MESSAGE(one.result.ok(), (one.result ? "" : to_string(one.result.error())));
    return std::get<shard::shard_count>(one.result->body).count;
  }

  grape::test::machine_world world;
  std::uint64_t points = 0;
  neighbours said = std::make_shared<asked_of_neighbours>();
  node_number leader;
  raft_group_actor group_itself;
  replica_actor replica;
  shard_actor shard;
};

} // namespace

TEST_SUITE("actors.shard_door") {
  TEST_CASE_FIXTURE(one_of_three, "reads that come while a ReadIndex is under way share the next") {
    const auto first = read();
    const auto second = read();
    const auto third = read();
    CHECK(said->indexes.size() == 1);
    confirm(0);
    CHECK(count_in(*first) == 0);
    CHECK_FALSE(second->done);
    CHECK(said->indexes.size() == 1);
    confirm(0);

    CHECK(count_in(*second) == 0);
    CHECK(count_in(*third) == 0);
    CHECK(said->indexes.empty());
  }

  TEST_CASE_FIXTURE(one_of_three, "no read is answered before its index is visible") {
    const auto waits = read();
    const auto index = apply();
    confirm(index);
    CHECK_FALSE(waits->done);
    show_again();

    CHECK(count_in(*waits) == 1);
  }

  TEST_CASE_FIXTURE(one_of_three, "a read of level `eventual` asks nobody, at the window neither") {
    apply();
    CHECK(count_in(*read(read_level::eventual)) == 0);
    CHECK(said->indexes.empty());
    REQUIRE(home->windows.look(group));

    auto answer = count(read_level::eventual);
    CHECK(answer->size() == 1);
    answer = count(read_level::linearizable);

    CHECK(answer->empty());
    lead(holders[0]); // The ROUTER asked the leader first, then nobody here.
    CHECK(take().to == leader);
  }

  TEST_CASE_FIXTURE(one_of_three, "this node's ROUTER asks its own door, if it leads") {
    lead(holders[0]);
    const auto answer = count(read_level::linearizable);
    CHECK(sent->empty());
    confirm(0);

    REQUIRE(answer->size() == 1);
    CHECK(answer->front()->count == 0);
  }

  TEST_CASE_FIXTURE(one_of_three, "a learner shows what it has to nobody") {
    auto changed = std::make_shared<catalog>(*home->known.get());
    cluster::begin_move move;
    move.step = {group, holders[0], outsider(), false};
    REQUIRE(changed->state.apply(move).ok());
    home->known.set(changed);
    const auto self = outsider(); // The newcomer, for this case.
    home->member.set(std::make_shared<membership>(membership{"c-1", self}));

    const auto answer = count(read_level::eventual);

    CHECK(answer->empty());
    for (const auto& one : *sent)
      CHECK(one.to != self);
  }

  TEST_CASE_FIXTURE(one_of_three, "without a leader a read is refused, with who might lead") {
    const auto refused = read();
    const auto next = read();
    group_says(to_error({errc::unavailable, "no leader"}, holders[2]));

    REQUIRE(refused->done);
    CHECK(refused->result.error() == status{errc::unavailable, "no leader"});
    CHECK_FALSE(next->done); // It has a round of its own.
    confirm(0);
    CHECK(count_in(*next) == 0);
  }

  TEST_CASE_FIXTURE(one_of_three, "a ReadIndex that gets no answer holds nobody for long") {
    const auto silent = read();
    advance(2'000);
    caf::anon_send(shard, tick_now{});
    settle();

    REQUIRE(silent->done);
    CHECK(silent->result.error().code == errc::timed_out);
    const auto next = read();
    said->indexes.pop_front();
    confirm(0);
    CHECK(count_in(*next) == 0);
  }

  TEST_CASE_FIXTURE(one_of_three, "without a replica everything is refused at once") {
    const auto held = read();
    end_replica();
    REQUIRE(held->done);
    CHECK(held->result.error().code == errc::unavailable);
    for (const auto level : {read_level::linearizable, read_level::eventual}) {
      const auto late = read(level);
      REQUIRE(late->done);
      CHECK(late->result.error()
            == status{errc::unavailable, "shard words/0 has no replica ready"});
    }
    bool refused = false;
    ask_from_afar(shard::encode(shard::shard_request{shard::remote_write{}}),
                  [&refused](const outcome<shard::shard_reply>& reply) {
                    refused = reply.error().code == errc::unavailable;
                  });
    CHECK(refused);
  }

  TEST_CASE_FIXTURE(one_of_three, "another node is answered as an actor of this one") {
    std::vector<outcome<shard::shard_reply>> replies;
    const auto keep = [&replies](outcome<shard::shard_reply> one) { replies.push_back(one); };
    ask_from_afar(shard::encode(shard::shard_request{
                      shard::remote_read{shard::ask_count{}, read_level::linearizable}}),
                  keep);
    confirm(0);
    ask_from_afar(shard::encode(shard::shard_request{
                      shard::remote_write{epoch{1}, schema_version{2}, true, 50, "bytes"}}),
                  keep);
    REQUIRE(said->writes.size() == 1);
    CHECK(said->writes.front().first.group == group);
    CHECK(said->writes.front().first.validated_against == schema_version{2});
    CHECK(said->writes.front().first.bytes == "bytes");
    replica_says(said->writes.front().second,
                 shard_receipt{log_index{9}, write_progress::completed});
    collection_schema schema;
    schema.version = schema_version{3};
    ask_from_afar(shard::encode(shard::shard_request{shard::remote_schema{
                      schema.version, shard::encode(shard::change_schema{schema})}}),
                  keep);
    REQUIRE(said->schemas.size() == 1);
    CHECK(*said->schemas.front().first.schema == schema);
    replica_says(said->schemas.front().second, to_error({errc::commit_unknown, "who knows"}));
    ask_from_afar("\x02garbage", keep);
    ask_from_afar(
        shard::encode(shard::shard_request{shard::remote_schema{schema.version, "garbage"}}), keep);

    REQUIRE(replies.size() == 5);
    CHECK(replies[0].value()
          == shard::shard_reply{shard::answer{log_index{}, shard::shard_count{0}}});
    CHECK(replies[1].value()
          == shard::shard_reply{shard::remote_receipt{log_index{9}, write_progress::completed}});
    CHECK(replies[2].error() == status{errc::commit_unknown, "who knows"});
    CHECK(replies[3].error().code == errc::corrupted);
    CHECK(replies[4].error().code == errc::corrupted);
  }

  TEST_CASE("in any order of things a read sees all that was committed when it came") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      one_of_three node;
      std::mt19937_64 random{seed};
      struct waiting {
        std::shared_ptr<one_of_three::reading> read;
        std::uint64_t committed;
      };
      std::vector<waiting> all;
      std::deque<std::uint64_t> asked_at; // What was committed when each round was asked for.
      std::uint64_t committed = 0;        // By the group; this replica applies it later.
      std::size_t renewed = 0;
      for (int step = 0; step < 150; ++step) {
        const auto roll = random() % 20;
        if (roll < 8)
          all.push_back({node.read(), committed});
        else if (roll < 12)
          committed = node.apply();
        else if (roll < 14)
          node.show_again();
        else if (roll == 14 && renewed < 3) {
          node.end_replica();
          node.begin_replica();
          caf::anon_send(node.shard, leader_changed{node.group, term{++renewed}, node.leader});
          node.settle();
        } else if (!node.said->indexes.empty()) {
          node.confirm(asked_at.front());
          asked_at.pop_front();
        }
        while (asked_at.size() < node.said->indexes.size())
          asked_at.push_back(committed);
      }
      while (!node.said->indexes.empty())
        node.confirm(committed);
      node.show_again();
      std::size_t answered = 0;
      for (const auto& one : all) {
        REQUIRE(one.read->done);
        if (!one.read->result)
          continue; // Refused: the replica fell.
        ++answered;
        CHECK(one.read->result->applied >= log_index{one.committed});
        CHECK(one_of_three::count_in(*one.read) >= one.committed);
      }
      CHECK(answered > 5);
    }
  }
}
