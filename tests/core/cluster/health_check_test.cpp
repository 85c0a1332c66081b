#include "core/cluster/health_check.hpp"

#include "tests/core/cluster/small_cluster.hpp"

#include <functional>

using namespace grape;
using namespace grape::cluster;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

/// "!kind node shard" of each, "!" where it is critical.
std::vector<std::string> told(const std::vector<finding>& all) {
  std::vector<std::string> lines;
  for (const auto& one : all)
    lines.push_back((one.how_bad == severity::critical ? "!" : "") + one.kind
                    + (one.node.empty() ? "" : " " + one.node)
                    + (one.shard.empty() ? "" : " " + one.shard));
  return lines;
}

/// One shard with three replicas on three nodes, seen from n1.
struct bed {
  metadata state = small_cluster(3, 1, 3);
  node_sight seen = all_is_well(state, n1);
  group_id words = words_group(state, 0);

  void begin_move() { must(state, cluster::begin_move{{.group = words, .from = n3}}); }
};

struct fault {
  const char* name;
  std::function<void(bed&)> inject;
  std::vector<std::string> found;
};

std::vector<fault> faults_of_nodes() {
  return {{"none", [](bed&) {}, {}},
          {"a majority does not hear n3",
           [](bed& b) {
             must(b.state, set_node_state{n3, node_state::away});
             b.seen.links[n3] = {false, health::silent, 0, "no answer"};
           },
           {"node_away n3", "shard_under_replicated metadata", "shard_under_replicated words/0"}},
          {"n3 is down",
           [](bed& b) {
             must(b.state, set_node_state{n3, node_state::down});
             b.seen.links[n3] = {false, health::silent, 0, "no answer"};
           },
           {"!node_down n3", "shard_under_replicated metadata", "shard_under_replicated words/0"}},
          {"the link to n2 is cut",
           [](bed& b) {
             b.seen.links[n2] = {false, health::suspect, 0, "connection refused"};
           },
           {"node_not_connected n2", "shard_under_replicated metadata",
            "shard_under_replicated words/0"}},
          {"n2 is connected, but silent",
           [](bed& b) { b.seen.links[n2].is = health::silent; },
           {"node_not_connected n2", "shard_under_replicated metadata",
            "shard_under_replicated words/0"}},
          {"n2 is only suspect", [](bed& b) { b.seen.links[n2].is = health::suspect; }, {}},
          {"n1 is cut off",
           [](bed& b) { b.seen.links.clear(); },
           {"!shard_without_majority metadata", "!shard_without_majority words/0",
            "node_not_connected n2", "node_not_connected n3", "shard_under_replicated metadata",
            "shard_under_replicated words/0"}}};
}

std::vector<fault> faults_of_this_node() {
  return {
      {"an election is on",
       [](bed& b) { b.seen.leaders.erase(b.words); },
       {"!shard_without_leader words/0"}},
      {"the replica here is broken",
       [](bed& b) {
         b.seen.groups[b.words] = {{}, {errc::corrupted, "entry 7 does not match"}};
         b.seen.leaders.erase(b.words);
       },
       {"!replica_out_of_service n1 words/0"}},
      {"a move does not get on",
       [](bed& b) {
         b.begin_move();
         b.seen.stage_ms[b.words] = 300'001;
       },
       {"move_stuck words/0"}},
      {"a move takes a while",
       [](bed& b) {
         b.begin_move();
         b.seen.stage_ms[b.words] = 300'000;
       },
       {}},
      {"the disk is full",
       [](bed& b) { b.seen.disk_free_bytes = (1ull << 30) - 1; },
       {"!disk_full n1"}},
      {"the disk is nearly full", [](bed& b) { b.seen.disk_free_bytes = 1ull << 30; }, {}},
      {"n3 was removed, and its replica dropped",
       [](bed& b) {
         must(b.state, set_node_state{n3, node_state::down});
         must(b.state, set_node_state{n3, node_state::removed});
         b.seen.links.erase(n3);
       },
       {"shard_under_replicated words/0"}},
  };
}

} // namespace

TEST_SUITE("core.cluster.health_check") {
  TEST_CASE("each fault is found, and nothing else") {
    auto table = faults_of_nodes();
    for (auto& one : faults_of_this_node())
      table.push_back(std::move(one));
    for (const auto& one : table) {
      CAPTURE(one.name);
      bed b;
      one.inject(b);
      CHECK(told(check_health(b.state, b.seen, {})) == one.found);
    }
  }

  TEST_CASE("two replicas on two nodes lack a witness") {
    const auto state = small_cluster(2, 1, 2);

    const auto found = check_health(state, all_is_well(state, n1), {});

    CHECK(told(found) == std::vector<std::string>{"shard_without_witness words/0"});
    CHECK(found.front().reason
          == "words/0 has 2 replicas and no witness: writes stop while half of them are away");
  }

  TEST_CASE("a factor above the number of nodes is a wish, and no fault while each has a replica") {
    const auto state = small_cluster(3, 1, 5);
    auto seen = all_is_well(state, n2);

    CHECK(check_health(state, seen, {}).empty());

    seen.links[n1].is = health::silent;
    const auto found = check_health(state, seen, {});
    const auto of_words = std::find_if(found.begin(), found.end(), [](const finding& one) {
      return one.kind == "shard_under_replicated" && one.shard == "words/0";
    });
    REQUIRE(of_words != found.end());
    CHECK(of_words->reason
          == "2 of the 5 replicas wanted of words/0 serve; without those on n1");
  }

  TEST_CASE("reasons name who looked, who is meant and why") {
    bed b;
    b.seen.links[n2] = {false, health::suspect, 0, "connection refused"};

    const auto found = check_health(b.state, b.seen, {});

    CHECK(found.at(0).reason == "n1 has no connection to n2: connection refused");
    CHECK(found.at(2).reason == "2 of the 3 replicas wanted of words/0 serve; without those on n2");
  }

  TEST_CASE("a node that is alone has only its disk to complain of") {
    metadata alone;
    create_collection made{"words", {}};
    made.options.vectors[""].size = 4;
    must(alone, made);
    node_sight seen;
    seen.disk_free_bytes = 5;

    CHECK(told(check_health(alone, seen, {})) == std::vector<std::string>{"!disk_full node 1"});
  }

  TEST_CASE("the age of a stage begins when it is seen first, and anew at the next") {
    auto state = small_cluster(4, 1, 3);
    const auto words = words_group(state, 0);
    const auto replicas = state.groups().at(words);
    const auto from = replicas.replicas.front().node;
    node_number to{1};
    while (replicas.on(to) != nullptr)
      to = to.next();
    move_ages ages;
    ages.look(state, 1'000);
    CHECK(ages.stage_ms(5'000).empty());

    must(state, begin_move{{.group = words, .from = from, .to = to}});
    const auto move = state.groups().at(words).move->number;
    ages.look(state, 6'000);
    ages.look(state, 8'000);
    CHECK(ages.stage_ms(9'000) == std::map<group_id, std::uint64_t>{{words, 3'000}});

    must(state, advance_move{words, move, move_stage::indexing});
    ages.look(state, 10'000);
    CHECK(ages.stage_ms(10'500) == std::map<group_id, std::uint64_t>{{words, 500}});

    must(state, advance_move{words, move, move_stage::undoing});
    must(state, end_move{words, move});
    ages.look(state, 11'000);
    CHECK(ages.stage_ms(12'000).empty());
  }
}
