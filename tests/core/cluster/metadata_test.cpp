#include "core/cluster/metadata.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::cluster;

namespace {

collection_options words() {
  collection_options options;
  options.vectors[""] = {.size = 4, .distance = metric::dot, .hnsw = {}, .echoed = {}};
  options.single_unnamed = true;
  options.shard_number = 2;
  return options;
}

metadata with_words() {
  metadata state;
  REQUIRE(state.apply(create_collection{"words", words()}).ok());
  return state;
}

/// Those of shards 0, 1, ...
std::map<shard_id, group_id> groups_of(std::initializer_list<std::uint32_t> numbers) {
  std::map<shard_id, group_id> groups;
  shard_id shard{0};
  for (const auto number : numbers) {
    groups.emplace(shard, number);
    shard = shard.next();
  }
  return groups;
}

} // namespace

TEST_SUITE("core.cluster.metadata") {
  TEST_CASE("a collection gets a number, a slot table and one log group per shard") {
    auto state = with_words();
    REQUIRE(state.apply(create_collection{"more", words()}).ok());

    const auto* first = state.find("words");
    const auto* second = state.find("more");

    REQUIRE(first != nullptr);
    REQUIRE(second != nullptr);
    CHECK(first->id != second->id);
    CHECK(first->groups == groups_of({1, 2}));
    CHECK(second->groups == groups_of({3, 4}));
    CHECK(first->slots.owners().size() == hash_slots);
  }

  TEST_CASE("a taken name is refused with the texts clients know, and nothing changes") {
    auto state = with_words();
    REQUIRE(state.apply(change_aliases{{create_alias{"words", "w"}}}).ok());
    const auto before = state;

    const auto again = state.apply(create_collection{"words", words()});
    const auto alias = state.apply(create_collection{"w", words()});

    CHECK(again.error()
          == status{errc::already_exists, "Collection `words` already exists!"});
    CHECK(alias.error().detail
          == "Can't create collection with name w. Alias with the same name already exists");
    CHECK(state == before);
  }

  TEST_CASE("numbers of a deleted collection are never given again") {
    auto state = with_words();
    const auto old_id = state.find("words")->id;

    CHECK(*state.apply(delete_collection{"words"}));
    CHECK_FALSE(*state.apply(delete_collection{"words"}));
    REQUIRE(state.apply(create_collection{"words", words()}).ok());

    CHECK(state.find("words")->id != old_id);
    CHECK(state.find("words")->groups.begin()->second == group_id{3});
  }

  TEST_CASE("alias actions apply in order, all or nothing") {
    auto state = with_words();

    CHECK(state.apply(change_aliases{{create_alias{"words", "a"}, rename_alias{"a", "b"}}}).ok());
    CHECK(state.find("b") == state.find("words"));
    const auto before = state;
    const auto refused
      = state.apply(change_aliases{{delete_alias{"b"}, rename_alias{"absent", "c"}}});

    CHECK(refused.error() == status{errc::not_found, "Alias absent does not exists!"});
    CHECK(state == before);
    CHECK(state.apply(change_aliases{{create_alias{"none", "x"}}}).error().code
          == errc::not_found);
    CHECK(state.apply(change_aliases{{create_alias{"words", "words"}}}).error().code
          == errc::already_exists);
  }

  TEST_CASE("a deleted collection takes its aliases along") {
    auto state = with_words();
    REQUIRE(state.apply(change_aliases{{create_alias{"words", "a"}}}).ok());

    REQUIRE(state.apply(delete_collection{"words"}).ok());

    CHECK(state.aliases().empty());
    CHECK(state.resolve("a").error().detail == "Collection `a` doesn't exist!");
  }

  TEST_CASE("a change of settings merges and counts the schema version; no change does not") {
    auto state = with_words();
    collection_changes changes;
    changes.optimizers.emplace().indexing_threshold_kb = 1'000;
    changes.metadata = payload::value{payload::object{{"owner", payload::value{"me"}}}};

    CHECK(*state.apply(update_collection{"words", changes}));
    CHECK(state.find("words")->schema.version == schema_version{2});
    CHECK_FALSE(*state.apply(update_collection{"words", changes}));
    CHECK(state.find("words")->schema.version == schema_version{2});
    changes.metadata = payload::value{payload::object{{"owner", payload::value{}}}};
    CHECK(*state.apply(update_collection{"words", changes}));

    const auto& options = state.find("words")->schema.options;
    CHECK(options.optimizers.indexing_threshold_kb == 1'000);
    CHECK(options.metadata == payload::value{payload::object{}});
  }

  TEST_CASE("limits of strict mode change one by one") {
    const auto limit = [](const char* name, std::int64_t to) {
      return payload::value{payload::object{{name, payload::value{to}}}};
    };
    auto state = with_words();
    collection_changes changes;
    changes.strict_mode = limit("write_rate_limit", 1);
    CHECK(*state.apply(update_collection{"words", changes}));
    changes.strict_mode = limit("read_rate_limit", 2);
    CHECK(*state.apply(update_collection{"words", changes}));

    const auto& now = *state.find("words")->schema.options.strict_mode->as_object();
    CHECK(*now.find("write_rate_limit") == payload::value{std::int64_t{1}});
    CHECK(*now.find("read_rate_limit") == payload::value{std::int64_t{2}});
  }

  TEST_CASE("payload indexes are part of the schema") {
    auto state = with_words();
    const field_schema keyword{field_type::keyword, {}};

    CHECK(*state.apply(set_field_index{"words", "city", keyword}));
    CHECK_FALSE(*state.apply(set_field_index{"words", "city", keyword}));
    CHECK(*state.apply(set_field_index{"words", "city", {}}));
    CHECK_FALSE(*state.apply(set_field_index{"words", "city", {}}));

    CHECK(state.find("words")->schema.version == schema_version{3});
  }

  TEST_CASE("vectors join and leave a collection, and one that comes again is another one") {
    auto state = with_words();
    const auto options = [&]() -> const collection_options& {
      return state.find("words")->schema.options;
    };
    const vector_field dense{.size = 3, .distance = metric::dot, .hnsw = {}, .echoed = {}};
    auto wider = dense;
    wider.size = 4;
    const sparse_field sparse{sparse_modifier::idf, {}, {}};

    CHECK(*state.apply(set_vector{"words", "v", dense}));
    CHECK_FALSE(*state.apply(set_vector{"words", "v", dense}));
    CHECK(state.apply(set_vector{"words", "v", wider}).error().code == errc::wrong_input);
    CHECK(state.apply(set_vector{"words", "v", sparse}).error().code == errc::wrong_input);
    CHECK(*state.apply(set_vector{"words", "s", sparse}));
    CHECK(options().vectors.at("v").born == schema_version{2});
    CHECK(options().sparse_vectors.at("s").born == schema_version{3});

    CHECK(*state.apply(set_vector{"words", "v", {}}));
    CHECK_FALSE(*state.apply(set_vector{"words", "v", {}}));
    CHECK(*state.apply(set_vector{"words", "v", wider}));

    CHECK(options().vectors.at("v").size == 4);
    CHECK(options().vectors.at("v").born == schema_version{5});
    CHECK(state.find("words")->schema.version == schema_version{5});
    CHECK(state.apply(set_vector{"none", "v", {}}).error().code == errc::not_found);
  }

  TEST_CASE("the settings of a sparse vector merge, member by member") {
    auto state = with_words();
    sparse_field field{{}, payload::object{{"on_disk", payload::value{false}}}, {}};
    REQUIRE(state.apply(set_vector{"words", "s", field}).ok());
    collection_changes changes;
    changes.sparse_vectors["s"].modifier = sparse_modifier::idf;
    REQUIRE(state.apply(update_collection{"words", changes}).ok());
    changes.sparse_vectors["s"] = {{}, payload::object{{"on_disk", payload::value{true}}}, {}};
    REQUIRE(state.apply(update_collection{"words", changes}).ok());

    const auto& changed = state.find("words")->schema.options.sparse_vectors.at("s");
    CHECK(changed.uses_idf());
    CHECK(changed.index == payload::object{{"on_disk", payload::value{true}}});
    CHECK(changed.born == schema_version{2});
  }

  TEST_CASE("the state survives as bytes") {
    auto state = with_words();
    REQUIRE(state.apply(change_aliases{{create_alias{"words", "a"}}}).ok());
    REQUIRE(state.apply(set_field_index{"words", "n", field_schema{field_type::integer, {}}}).ok());

    const auto back = metadata::restore(state.encode());

    REQUIRE(back.ok());
    CHECK(*back == state);
    auto broken = state.encode();
    broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 1);
    CHECK(metadata::restore(broken).error().code == errc::corrupted);
  }

  TEST_CASE("commands survive as bytes: applying the copy gives the same state") {
    collection_changes changes;
    changes.hnsw.emplace().m = 32;
    changes.replication_factor = 2;
    changes.on_disk_payload = false;
    changes.quantization = payload::value{"Disabled"};
    const std::vector<metadata_command> commands{
      create_collection{"words", words()},
      update_collection{"words", changes},
      set_field_index{"words", "city", field_schema{field_type::keyword, {}}},
      set_vector{"words", "v", vector_field{.size = 3, .distance = metric::dot, .hnsw = {},
                                            .echoed = {}, .multi = true}},
      set_vector{"words", "s", sparse_field{sparse_modifier::idf, {}, {}}},
      set_vector{"words", "gone", {}},
      change_aliases{{create_alias{"words", "a"}, rename_alias{"a", "b"}, delete_alias{"z"}}},
      set_field_index{"words", "city", {}},
      create_collection{"second", words()},
      delete_collection{"second"},
    };
    metadata direct;
    metadata copied;

    for (const auto& command : commands) {
      const auto copy = decode_metadata_command(encode(command));
      REQUIRE(copy.ok());
      CHECK(*direct.apply(command) == *copied.apply(*copy));
      CHECK(direct == copied);
    }
  }
}
