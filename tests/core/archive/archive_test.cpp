#include "core/archive/archive_file.hpp"
#include "core/codec/frame.hpp"
#include "core/codec/little_endian.hpp"
#include "core/storage/point_of.hpp"
#include "tests/core/cluster/small_cluster.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace grape;
using namespace grape::archive;
namespace testing = grape::testing;

namespace {

collection_head words_head() {
  collection_head head{.name = "words", .schema = {}, .shards = 2};
  head.schema.version = schema_version{7};
  head.schema.options.vectors[""] = {.size = 2, .distance = metric::dot, .hnsw = {}, .echoed = {}};
  head.schema.options.single_unnamed = true;
  head.schema.fields["city"] = {field_type::keyword, std::nullopt};
  return head;
}

point made_point(std::uint64_t id) {
  point made{point_id{id}, {}, {}};
  made.vectors.push_back({"", dense_vector{static_cast<float>(id), 0.5F}});
  made.payload.set("city", payload::value{"Oslo"});
  return made;
}

/// Points `first` to `last` of a shard, after point 3 of it went.
shard::snapshot_chunk piece_of(std::uint64_t first, std::uint64_t last) {
  shard::snapshot_chunk chunk;
  chunk.from = shard::whole_begin(log_index{9});
  chunk.to = chunk.from;
  chunk.erased.push_back({log_index{10}, point_id{3}});
  for (auto id = first; id <= last; ++id)
    chunk.points.push_back(storage::stored_from(made_point(id), {id, id}));
  return chunk;
}

/// One whole archive of two shards at `path`; its checksum.
std::string write_archive(const std::string& path) {
  auto writer = archive_writer::create(storage::posix_file_system(), path);
  REQUIRE(writer.ok());
  REQUIRE(writer->begin(words_head()).ok());
  REQUIRE(writer->add(shard_id{0}, shard::encode(piece_of(1, 4))).ok());
  REQUIRE(writer->add(shard_id{1}, shard::encode(piece_of(5, 6))).ok());
  REQUIRE(writer->end_collection().ok());
  CHECK_FALSE(storage::posix_file_system().exists(path)); // Not before it is whole.
  auto sum = writer->finish();
  REQUIRE(sum.ok());
  return *sum;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace

TEST_SUITE("core.archive") {
  TEST_CASE("what was written is read, in its order and with its checksum") {
    const testing::temporary_directory folder;
    const auto path = folder.path() + "/a.snapshot";
    const auto sum = write_archive(path);

    auto& files = storage::posix_file_system();
    const auto checked = check_archive(files, path);
    REQUIRE(checked.ok());
    CHECK(checked->sha256 == sum);
    CHECK(sum.size() == 64);
    CHECK(checked->collections == std::vector{words_head()});

    auto reader = archive_reader::open(files, path);
    REQUIRE(reader.ok());
    CHECK(std::get<collection_head>(*reader->next()) == words_head());
    CHECK(std::get<shard_piece>(*reader->next()) == shard_piece{shard_id{0}, piece_of(1, 4)});
    CHECK(std::get<shard_piece>(*reader->next()) == shard_piece{shard_id{1}, piece_of(5, 6)});
    CHECK(std::get<collection_end>(*reader->next()) == collection_end{2});
    CHECK(std::get<archive_end>(*reader->next()) == archive_end{1});
  }

  TEST_CASE("a piece becomes writes: what went, then what is there") {
    const auto writes = writes_of({shard_id{0}, piece_of(3, 4)});
    REQUIRE(writes.ok());
    REQUIRE(writes->size() == 2);
    CHECK(std::get<delete_points>((*writes)[0]) == delete_points{std::vector{point_id{3}}});
    CHECK(std::get<upsert_points>((*writes)[1]).points
          == std::vector{made_point(3), made_point(4)});
  }

  TEST_CASE("what went before the walk began is no write: it may have come back") {
    auto piece = piece_of(3, 4);
    piece.from.since = piece.erased.back().at;
    const auto writes = writes_of({shard_id{0}, piece});
    REQUIRE(writes.ok());
    REQUIRE(writes->size() == 1);
    CHECK(std::holds_alternative<upsert_points>(writes->front()));
  }

  TEST_CASE("every flipped bit and every cut is found") {
    const testing::temporary_directory folder;
    const auto path = folder.path() + "/a.snapshot";
    write_archive(path);
    const auto whole = bytes_of(path);
    auto& files = storage::posix_file_system();

    for (std::size_t at = 0; at < whole.size(); ++at) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      write_bytes(path, damaged);
      CHECK_MESSAGE(!check_archive(files, path).ok(), "byte " << at);
      write_bytes(path, std::string_view{whole}.substr(0, at));
      CHECK_MESSAGE(!check_archive(files, path).ok(), "cut at " << at);
    }
    write_bytes(path, whole + "x");
    CHECK_FALSE(check_archive(files, path).ok());
    write_bytes(path, whole);
    CHECK(check_archive(files, path).ok());
  }

  TEST_CASE("an archive says whose pieces it holds, and one shard fits only where it was") {
    const testing::temporary_directory folder;
    const auto path = folder.path() + "/one.snapshot";
    auto& files = storage::posix_file_system();
    auto writer = archive_writer::create(files, path);
    REQUIRE(writer->begin(words_head()).ok());
    REQUIRE(writer->add(shard_id{1}, shard::encode(piece_of(5, 6))).ok());
    REQUIRE(writer->end_collection().ok());
    REQUIRE(writer->finish().ok());

    const auto found = check_archive(files, path);

    REQUIRE(found.ok());
    CHECK(found->shards == std::vector<std::set<shard_id>>{{shard_id{1}}});
    CHECK(*ids_of(shard::encode(piece_of(5, 6)))
          == std::vector<point_id>{point_id{5}, point_id{6}});
    CHECK(ids_of("nothing").error().code == errc::corrupted);
    const auto head = found->collections.at(0);
    CHECK(check_shard(head, head.schema, 2).ok());
    CHECK(check_shard(head, head.schema, 3).code == errc::bad_request);
    auto other = head.schema;
    other.options.vectors[""].size = 3;
    CHECK(check_shard(head, other, 2).code == errc::bad_request);
    other = head.schema;
    other.options.sparse_vectors["s"] = {};
    CHECK(check_shard(head, other, 2).code == errc::bad_request);
    other = head.schema;
    other.options.optimizers.indexing_threshold_kb = 1;
    CHECK(check_shard(head, other, 2).ok());
  }

  TEST_CASE("keys come back with as many shards, and each shard's points under its own") {
    cluster::collection_entry entry;
    entry.keys["eu"] = {.slots = {}, .shards = {shard_id{4}, shard_id{5}}, .replication_factor = 2};
    entry.keys[std::uint64_t{7}] = {.slots = {}, .shards = {shard_id{9}}};
    auto head = words_head();
    head.shards = 3;
    head.keys = keys_of({}, entry);

    const auto back = decode_entry(encode(head));
    REQUIRE(back.ok());
    CHECK(std::get<collection_head>(*back) == head);
    CHECK(testing::is_golden("archive-head-keys.bin", encode(head)));

    CHECK(shards_of(head) == std::vector{shard_id{4}, shard_id{5}, shard_id{9}});
    CHECK(shards_of(words_head()) == std::vector{shard_id{0}, shard_id{1}});
    CHECK(has_shard(head, shard_id{9}));
    CHECK_FALSE(has_shard(head, shard_id{0}));
    CHECK(key_of(head, shard_id{5}) == shard_key_selector{{"eu"}});
    CHECK(key_of(head, shard_id{9}) == shard_key_selector{{std::uint64_t{7}}});
    CHECK_FALSE(key_of(words_head(), shard_id{0}));
    CHECK(creation_of(head.keys.at(0), {}).key == shard_key{"eu"});
    CHECK(creation_of(head.keys.at(0), {}).shards == 2);
    CHECK(creation_of(head.keys.at(0), {}).replication_factor == 2);

    CHECK(check_key(head, entry, shard_id{4}).ok());
    CHECK(check_key(words_head(), {}, shard_id{0}).ok());
    CHECK(check_key(head, {}, shard_id{4}).code == errc::bad_request);
    entry.keys["eu"].shards.pop_back();
    CHECK(check_key(head, entry, shard_id{4}).code == errc::bad_request);
    CHECK(check_key(head, entry, shard_id{9}).ok());
  }

  TEST_CASE("a key comes back where it was placed, in a cluster that has those nodes") {
    const auto state = cluster::small_cluster(3, 1, 1);
    const auto smaller = cluster::small_cluster(2, 1, 1);
    cluster::collection_entry entry;
    entry.keys["eu"] = {.slots = {},
                        .shards = {shard_id{4}},
                        .replication_factor = 2,
                        .placement = {node_number{1}, node_number{3}}};
    auto head = words_head();
    head.shards = 1;
    head.keys = keys_of(state, entry);

    const auto back = decode_entry(encode(head));

    REQUIRE(back.ok());
    CHECK(std::get<collection_head>(*back) == head);
    CHECK(testing::is_golden("archive-head-placed.bin", encode(head)));
    CHECK(creation_of(head.keys.at(0), state).placement
          == std::vector{node_number{1}, node_number{3}});
    CHECK_FALSE(creation_of(head.keys.at(0), smaller).placement.has_value());
    CHECK_FALSE(creation_of(head.keys.at(0), {}).placement.has_value());
    entry.keys["eu"].placement.clear(); // A shard comes back wherever its key is now.
    CHECK(check_key(head, entry, shard_id{4}).ok());
  }

  TEST_CASE("an unfinished archive is no archive, and is written over") {
    const testing::temporary_directory folder;
    const auto path = folder.path() + "/a.snapshot";
    {
      auto writer = archive_writer::create(storage::posix_file_system(), path);
      REQUIRE(writer->begin(words_head()).ok());
    }
    CHECK(storage::posix_file_system().exists(unfinished_path(path)));
    CHECK_FALSE(check_archive(storage::posix_file_system(), path).ok());
    write_archive(path);
    CHECK_FALSE(storage::posix_file_system().exists(unfinished_path(path)));
  }

  TEST_CASE("entries that contradict each other are refused") {
    const testing::temporary_directory folder;
    const auto path = folder.path() + "/a.snapshot";
    auto& files = storage::posix_file_system();
    {
      auto writer = archive_writer::create(files, path);
      REQUIRE(writer->add(shard_id{0}, shard::encode(piece_of(1, 1))).ok()); // Of no collection.
      REQUIRE(writer->finish().ok());
    }
    CHECK(check_archive(files, path).error().code == errc::corrupted);
    {
      auto writer = archive_writer::create(files, path);
      REQUIRE(writer->begin(words_head()).ok());
      REQUIRE(writer->add(shard_id{2}, shard::encode(piece_of(1, 1))).ok()); // Has shards 0 and 1.
      REQUIRE(writer->end_collection().ok());
      REQUIRE(writer->finish().ok());
    }
    CHECK(check_archive(files, path).error().code == errc::corrupted);
    {
      auto writer = archive_writer::create(files, path);
      REQUIRE(writer->begin(words_head()).ok()); // Never ends.
      REQUIRE(writer->finish().ok());
    }
    CHECK(check_archive(files, path).error().code == errc::corrupted);
  }

  TEST_CASE("what claims to be large is refused before anybody makes room for it") {
    const testing::temporary_directory folder;
    const auto path = folder.path() + "/a.snapshot";
    auto& files = storage::posix_file_system();
    const auto write_entries = [&path](const std::vector<std::string>& bodies) {
      std::string file = "GRAPEARC";
      for (const auto& body : bodies) {
        codec::append_little(file, static_cast<std::uint32_t>(body.size()));
        file += body;
      }
      write_bytes(path, file);
    };
    const auto packed = [](std::size_t unpacked) {
      return codec::encode_frame(std::string(unpacked, '\1'), codec::compression::lz4);
    };

    write_entries({packed(std::size_t{1} << 30)}); // 4 MiB that become a GiB.
    CHECK(check_archive(files, path).error().code == errc::too_large);
    write_entries({packed(entry_bytes_max + 1)});
    CHECK(check_archive(files, path).error().code == errc::too_large);

    auto head = words_head();
    head.name = std::string(head_bytes_max, 'w');
    write_entries({encode(head)});
    CHECK(check_archive(files, path).error().code == errc::too_large);
    auto writer = archive_writer::create(files, path);
    REQUIRE(writer.ok());
    CHECK(writer->begin(head).code == errc::too_large);

    head.name.resize(head_bytes_max - 1'000);
    std::vector<std::string> many;
    for (std::size_t i = 0; i < 5; ++i) {
      many.push_back(encode(head));
      many.push_back(encode(collection_end{0}));
    }
    write_entries(many);
    CHECK(check_archive(files, path).error().code == errc::too_large);
    many.resize(2);
    many.push_back(encode(archive_end{1}));
    write_entries(many);
    CHECK(check_archive(files, path).ok());
  }
}
