// Goal: a question on its way to a shard that is deleted meanwhile ends at once: a read is planned
// anew, a write says what is known of it.

#include "tests/actors/hand_made_cluster.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

/// Lets the catalog become another one under those who are on their way.
struct changing : elsewhere {
  void change(const std::vector<cluster::metadata_command>& commands) {
    auto next = std::make_shared<catalog>(*home->known.get());
    for (const auto& one : commands)
      REQUIRE(next->state.apply(one).ok());
    next->epoch = next->epoch.next();
    home->known.set(next);
    for (std::size_t i = 0; i < routers; ++i)
      caf::anon_send(home->board.get<router_actor>(role::router(i)),
                     shard_map_changed{next->epoch});
    settle();
  }

  static cluster::create_collection creation(bool by_keys) {
    cluster::create_collection made{"words", {}};
    made.options.single_unnamed = true;
    made.options.vectors[""].size = 2;
    made.options.vectors[""].distance = metric::dot;
    made.options.shard_number = 1;
    made.options.replication_factor = 3;
    if (by_keys)
      made.options.echoed_params.set("sharding_method", payload::value{"custom"});
    return made;
  }

  /// Makes the collection anew, with the keys "a" and "b".
  void make_keys() {
    change({cluster::delete_collection{"words"}, creation(true),
            cluster::create_shard_key{"words", {.key = "a", .shards = 1, .placement = holders}},
            cluster::create_shard_key{"words", {.key = "b", .shards = 1, .placement = holders}}});
  }

  answers<count_reply> count_under(const std::optional<shard_key_selector>& keys) {
    auto request = deterministic_node::count_of("words");
    request.read.keys = keys;
    return ask<count_reply>(request);
  }

  answers<write_receipts> upsert_under(const char* key) {
    auto request = deterministic_node::upsert_of("words", 1, 1, true);
    request.keys = {shard_key_selector{{key}}};
    return ask<write_receipts>(std::move(request));
  }

  const cluster::metadata_command drop_a{cluster::drop_shard_key{"words", "a"}};
};

template <class Reply>
const outcome<Reply>& only(const std::shared_ptr<std::vector<outcome<Reply>>>& answers) {
  REQUIRE(answers->size() == 1);
  return answers->front();
}

} // namespace

TEST_SUITE("actors.routing") {
  TEST_CASE_FIXTURE(changing, "a read of a collection that is dropped meanwhile ends at once") {
    const auto answer = count();
    const auto silent = take();
    change({cluster::delete_collection{"words"}});

    CHECK(only(answer).error().code == errc::not_found);
    CHECK(sent->empty());
    silent.answer(counted(3));
    settle();
    CHECK(answer->size() == 1);
  }

  TEST_CASE_FIXTURE(changing, "a read of a collection that is made anew is asked of the new one") {
    const auto answer = count();
    take();
    change({cluster::delete_collection{"words"}, creation(false)});
    take().answer(counted(5));
    settle();

    CHECK(only(answer)->count == 5);
  }

  TEST_CASE_FIXTURE(changing, "a read goes on without a key that is dropped, unless it names it") {
    make_keys();
    const auto whole = count_under(std::nullopt);
    CHECK(std::exchange(*sent, {}).size() == 2);
    const auto keyed = count_under(shard_key_selector{{"a"}});
    take();
    change({drop_a});

    CHECK(only(keyed).error() == status{errc::bad_request, "Shard key \"a\" not found"});
    CHECK(whole->empty());
    take().answer(counted(4));
    settle();
    CHECK(only(whole)->count == 4);
  }

  TEST_CASE_FIXTURE(changing,
                    "a read that pauses between two rounds ends when its key is dropped") {
    make_keys();
    const auto keyed = count_under(shard_key_selector{{"a"}});
    for (int i = 0; i < 3; ++i)
      take().refuse(errc::unavailable);
    settle();
    CHECK(keyed->empty());
    change({drop_a});

    CHECK(only(keyed).error().code == errc::bad_request);
  }

  TEST_CASE_FIXTURE(changing, "a write that nobody took says that its key was dropped") {
    make_keys();
    const auto answer = upsert_under("a");
    for (int i = 0; i < 3; ++i)
      take().refuse(errc::unavailable);
    change({drop_a});
    advance(25);

    CHECK(only(answer).error()
          == status{errc::not_found, "Shard key not found: it was deleted meanwhile"});
  }

  TEST_CASE_FIXTURE(changing, "a write under way when its key is dropped may still be answered") {
    make_keys();
    const auto taken = upsert_under("a");
    const auto first = take();
    const auto lost = upsert_under("a");
    take();
    change({drop_a});
    CHECK(taken->empty());
    first.answer(receipt(5));
    settle();
    CHECK(only(taken).ok());

    advance(990);
    CHECK(lost->empty());
    advance(20);
    CHECK(only(lost).error().code == errc::commit_unknown);
    CHECK(sent->empty());
  }

  TEST_CASE_FIXTURE(changing, "what must exist under a key that is dropped is not found") {
    make_keys();
    write_request request;
    request.collection = "words";
    set_payload change_of;
    change_of.points = std::vector<point_id>{point_id{1}};
    change_of.payload.set("a", payload::value{true});
    request.operations.emplace_back(change_of);
    request.keys = {shard_key_selector{{"a"}}};
    const auto answer = ask<write_receipts>(request);
    take();
    change({drop_a});

    CHECK(only(answer).error().code == errc::not_found);
  }
}
