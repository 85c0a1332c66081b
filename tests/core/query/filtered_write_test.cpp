#include "core/query/filtered_write.hpp"

#include "tests/core/shard/machine_world.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::test;

namespace {

cluster::collection_entry collection(std::uint32_t shards) {
  cluster::metadata state;
  cluster::create_collection made{"c", two_field_schema().options};
  made.options.shard_number = shards;
  REQUIRE(state.apply(made).ok());
  auto entry = *state.find("c");
  entry.schema.fields = two_field_schema().fields;
  return entry;
}

write_operation upsert_of(point one) {
  upsert_points operation;
  operation.points.push_back(std::move(one));
  return operation;
}

/// The shards of a collection, each a machine and its twin.
struct shards_world {
  explicit shards_world(std::uint32_t shards)
    : entry(collection(shards)) {
    for (std::uint32_t i = 0; i < shards; ++i)
      machines.push_back(std::make_unique<machine_world>(entry.schema));
    twins.resize(shards);
  }

  std::size_t place_of(group_id group) const {
    const auto at = std::find_if(entry.groups.begin(), entry.groups.end(),
                                 [group](const auto& one) { return one.second == group; });
    return at->first.value;
  }

  std::uint64_t index_of(std::size_t shard) { return (*machines[shard])->applied().value; }

  void upsert(const point& one) {
    const auto shard = entry.slots.shard_of(one.id).value;
    twins[shard].upsert(one, machines[shard]->write({upsert_of(one)}));
  }

  shard::answer ask(const query::shard_ask& asked) {
    budget unlimited;
    return shard::ask(*(*machines[place_of(asked.group)])->snapshot(), *asked.question, unlimited)
        .value();
  }

  /// Every shard has what its twin has.
  void check() {
    for (std::size_t i = 0; i < machines.size(); ++i) {
      budget unlimited;
      const auto page = (*machines[i])
                            ->snapshot()
                            ->scroll({.from = {},
                                      .limit = UINT64_MAX,
                                      .filter = {},
                                      .with_payload = {payload_selector::mode::all, {}},
                                      .with_vectors = {}},
                                     unlimited);
      REQUIRE(page->records.size() == twins[i].points.size());
      for (const auto& record : page->records)
        CHECK(record.payload == twins[i].points.at(record.id).payload);
    }
  }

  cluster::collection_entry entry;
  std::vector<std::unique_ptr<machine_world>> machines;
  std::vector<shard_twin> twins;
};

using proposals = query::filtered_write::proposals;
using asks = std::vector<query::shard_ask>;

query::filtered_write begin(const shards_world& world, std::vector<write_operation> operations,
                            query::filtered_write_limits limits = {.page = 7, .chunk = 3},
                            write_options options = {.wait = true, .timeout_ms = {}}) {
  return {{.collection = {}, .operations = std::move(operations), .options = options},
          world.entry.id,
          1'000,
          limits};
}

/// Performs a write by filter; `between` may do anything before each of its steps.
template <class Between>
outcome<write_receipt> perform(shards_world& world, query::filtered_write& talk,
                               const query::filtered_write_limits& limits, Between between) {
  for (;;) {
    between();
    auto step = talk.next(&world.entry, 1'000);
    if (const auto* whole = std::get_if<outcome<write_receipt>>(&step))
      return *whole;
    if (const auto* asked = std::get_if<asks>(&step)) {
      std::vector<shard::answer> answers;
      for (const auto& one : *asked) {
        answers.push_back(world.ask(one));
        CHECK(std::get<shard::shard_page>(answers.back().body).records.size() <= limits.page);
      }
      talk.answered(std::move(answers));
      continue;
    }
    write_receipt whole{0, write_progress::completed};
    for (const auto& part : std::get<proposals>(step).parts) {
      auto& machine = *world.machines[world.place_of(part.group)];
      whole.operation_id = std::max(whole.operation_id, machine.apply_bytes(part.bytes));
      const auto command = shard::decode(part.bytes).value();
      const auto& operation = std::get<shard::write_points>(command).operations.front();
      if (const auto* gone = std::get_if<delete_points>(&operation))
        if (const auto* chosen = std::get_if<unchanged_points>(&gone->points))
          CHECK(chosen->ids.size() <= limits.chunk);
    }
    talk.proposed(whole);
  }
}

payload::object moved() {
  return {{"city", payload::value{"Oslo"}}};
}

} // namespace

TEST_SUITE("core.query.filtered_write") {
  TEST_CASE("an operation by filter does to all that match what its twin does, in small pages") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      shards_world world{static_cast<std::uint32_t>(1 + seed % 3)};
      for (std::uint64_t id = 0; id < 80; ++id)
        world.upsert(random_point(random, id));
      const query::filtered_write_limits limits{1 + random() % 20, 1 + random() % 9};
      const auto filter = seed % 2 == 0 ? city_is("London") : free_or_far();
      // What changes is what the filter asks for: pages must not depend on what matches by then.
      auto talk = begin(
          world, {set_payload{moved(), filter, false, ""}, delete_points{number_below(4)}}, limits);

      const auto done = perform(world, talk, limits, [] {});

      REQUIRE(done.ok());
      CHECK(done->progress == write_progress::completed);
      for (auto& twin : world.twins) {
        for (const auto& id : twin.matching(filter))
          twin.points[id].payload.set("city", payload::value{"Oslo"});
        for (const auto& id : twin.matching(number_below(4)))
          twin.erase(id);
      }
      world.check();
    }
  }

  TEST_CASE("whatever is written meanwhile is left alone, and everything else goes") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      shards_world world{static_cast<std::uint32_t>(1 + seed % 3)};
      for (std::uint64_t id = 0; id < 80; ++id)
        world.upsert(random_point(random, id));
      const query::filtered_write_limits limits{5, 2};
      auto talk = begin(world, {delete_points{city_is("London")}}, limits);
      std::set<point_id> gone; // What must be gone at the end, unless it is written meanwhile.
      for (const auto& twin : world.twins)
        for (const auto& id : twin.matching(city_is("London")))
          gone.insert(id);
      bool begun = false;

      const auto done = perform(world, talk, limits, [&] {
        if (begun && random() % 2 == 0) {
          const auto one = random_point(random, random() % 120);
          world.upsert(one);
          gone.erase(one.id);
        }
        begun = true; // The first step asks; from its answers on everything counts.
      });

      REQUIRE(done.ok());
      for (auto& twin : world.twins)
        for (const auto& id : gone)
          twin.erase(id);
      world.check();
    }
  }

  TEST_CASE("operations before one by filter are seen by it, those after it find what it left") {
    shards_world world{2};
    std::mt19937_64 random{1};
    point one{point_id{1}, {}, {{"city", payload::value{"London"}}}};
    auto talk = begin(world, {upsert_of(one), delete_points{city_is("London")},
                              upsert_of({point_id{2}, {}, {}})});

    const auto done = perform(world, talk, {.page = 7, .chunk = 3}, [] {});

    REQUIRE(done.ok());
    world.twins[world.entry.slots.shard_of(point_id{2}).value].upsert({point_id{2}, {}, {}}, 1);
    world.check();
  }

  TEST_CASE("when no point matches nothing is logged, and the receipt says as of when") {
    shards_world world{1};
    world.upsert({point_id{1}, {}, {}});
    auto talk = begin(world, {delete_points{city_is("London")}});

    const auto done = perform(world, talk, {.page = 7, .chunk = 3}, [] {});

    REQUIRE(done.ok());
    CHECK(done->operation_id == 1);
    CHECK(world.index_of(0) == 1);
  }

  TEST_CASE("what fails before anything took effect is told as it is, later as unknown") {
    shards_world world{1};
    for (std::uint64_t id = 0; id < 9; ++id)
      world.upsert({point_id{id}, {}, {}});
    const status why{errc::overloaded, "full"};
    for (const bool some_took_effect : {false, true}) {
      auto talk = begin(world, {delete_points{payload::filter{}}});
      auto step = talk.next(&world.entry, 1'000);
      talk.answered(std::vector{world.ask(std::get<asks>(step).front())});
      if (some_took_effect) {
        REQUIRE(std::holds_alternative<proposals>(talk.next(&world.entry, 1'000)));
        talk.proposed(write_receipt{10, write_progress::completed});
      }
      REQUIRE(std::holds_alternative<proposals>(talk.next(&world.entry, 1'000)));
      talk.proposed(why);

      const auto end = std::get<outcome<write_receipt>>(talk.next(&world.entry, 1'000));

      CHECK(end.error().code == (some_took_effect ? errc::commit_unknown : errc::overloaded));
    }
  }

  TEST_CASE("a collection that is deleted meanwhile ends it") {
    shards_world world{1};
    auto talk = begin(world, {delete_points{payload::filter{}}});
    auto other = world.entry;
    other.id = collection_id{world.entry.id.value + 1};

    const auto gone = std::get<outcome<write_receipt>>(talk.next(nullptr, 1'000));
    auto second = begin(world, {delete_points{payload::filter{}}});
    const auto anew = std::get<outcome<write_receipt>>(second.next(&other, 1'000));

    CHECK(gone.error().code == errc::not_found);
    CHECK(anew.error().code == errc::not_found);
  }

  TEST_CASE("when the client's time is over the rest is logged, but not waited for") {
    shards_world world{1};
    for (std::uint64_t id = 0; id < 6; ++id)
      world.upsert({point_id{id}, {}, {}});
    auto talk = begin(world, {delete_points{payload::filter{}}}, {.page = 7, .chunk = 3},
                      {.wait = true, .timeout_ms = 500});
    auto step = talk.next(&world.entry, 1'000);
    talk.answered(std::vector{world.ask(std::get<asks>(step).front())});

    const auto first = std::get<proposals>(talk.next(&world.entry, 1'200));
    talk.proposed(write_receipt{7, write_progress::completed});
    const auto second = std::get<proposals>(talk.next(&world.entry, 1'500));
    talk.proposed(write_receipt{8, write_progress::acknowledged});
    const auto end = std::get<outcome<write_receipt>>(talk.next(&world.entry, 1'600));

    CHECK(first.wait);
    CHECK(first.timeout_ms == 300);
    CHECK_FALSE(second.wait);
    CHECK(end->progress == write_progress::wait_timeout);
    CHECK(end->operation_id == 8);
  }
}
