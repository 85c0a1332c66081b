#include "core/index/code_planner.hpp"
#include "core/index/sealed_segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/index/segment_layout.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/core/index/index_world.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

#include <cstring>

using namespace grape;
using namespace grape::index;
using namespace grape::tests;

namespace {

struct kind_of_rows {
  row_form form;
  metric distance;
};

constexpr kind_of_rows all_kinds[] = {
    {row_form::float16, metric::cosine},  {row_form::float16, metric::dot},
    {row_form::float16, metric::euclid},  {row_form::float16, metric::manhattan},
    {row_form::uint8, metric::dot},       {row_form::uint8, metric::euclid},
    {row_form::uint8, metric::manhattan}, {row_form::unit_uint8, metric::cosine},
};

/// Components that the form can hold: around 100 for bytes.
std::vector<float> held(row_form form, std::vector<float> row) {
  if (form == row_form::float16) {
    round_to(vector_datatype::float16, row);
    return row;
  }
  for (auto& component : row)
    component = 100 + 40 * component;
  round_to(vector_datatype::uint8, row);
  return row;
}

/// The same rows twice: as their form stores them, and as floats that are compared.
struct twin_rows {
  sample plain;
  std::vector<std::vector<std::uint8_t>> stored;
  row_form form;

  twin_rows(const kind_of_rows& kind, std::uint32_t dimension, std::size_t rows, unsigned seed)
    : plain(kind.form == row_form::unit_uint8 ? metric::dot : kind.distance, dimension, rows, seed,
            20)
    , form(kind.form) {
    plain.distance = kind.distance;
    const row_layout layout(form, dimension);
    for (auto& row : plain.rows) {
      row = held(form, row);
      layout.store(row.data(), stored.emplace_back(layout.bytes()).data());
      if (form == row_form::unit_uint8)
        normalise(row);
    }
    for (auto& query : plain.queries) {
      query = held(form, query);
      if (kind.distance == metric::cosine)
        normalise(query);
    }
  }

  segment_source source() const {
    auto from = plain.source();
    from.form = form;
    from.vector_at = [this](std::size_t i) { return stored[i].data(); };
    return from;
  }
};

std::shared_ptr<const segment> narrow(const twin_rows& from, const graph_options& options) {
  inline_executor here;
  const std::atomic<bool> stop = false;
  auto built = segment::build(segment_id{7}, from.source(), options, here, stop, nullptr);
  GRAPE_CHECK(built.ok());
  return *built;
}

/// Any search finds the same in both.
void check_same(const vector_view& one, const vector_view& two, const std::vector<float>& query,
                const slot_set& allowed) {
  for (const auto exact : {true, false})
    for (const auto filtered : {true, false}) {
      vector_search wanted;
      wanted.query = query;
      wanted.exact = exact;
      wanted.allowed = filtered ? &allowed : nullptr;
      wanted.allowed_count = filtered ? allowed.count() : 0;
      budget unlimited;
      CHECK(one.search(wanted, unlimited).value() == two.search(wanted, unlimited).value());
    }
}

} // namespace

TEST_SUITE("core.index.row_forms") {
  TEST_CASE(
      "a segment of narrow rows answers as one of the same rows as floats, from less memory") {
    for (const auto& kind : all_kinds)
      for (const auto code : {coding::int8, coding::floats}) {
        CAPTURE(static_cast<int>(kind.form));
        CAPTURE(to_string(kind.distance));
        CAPTURE(to_string(code));
        const twin_rows from(kind, 52, 1'200, 61);
        const auto wide = built(from.plain, {.m = 8, .code = code});
        const auto small = narrow(from, {.m = 8, .code = code});
        REQUIRE(small->code() == wide->code());
        const owned_filter filter(1'200, 0.9, 0.4, 62);
        std::size_t same = 0;
        std::size_t met = 0;
        std::size_t met_wide = 0;
        for (const auto& query : from.plain.queries)
          for (const auto& only : {row_filter{}, filter.get()}) {
            budget unlimited;
            const auto right = wide->search(query, 10, 60, only, unlimited);
            const auto found = small->search(query, 10, 60, only, unlimited);
            const auto exact = small->scan_all(query, 10, only, unlimited);
            CHECK(exact == wide->scan_all(query, 10, only, unlimited));
            const effort over_rows{60, {.ignored = true}};
            met += hits(small->search(query, 10, over_rows, only, unlimited), exact);
            met_wide += hits(wide->search(query, 10, over_rows, only, unlimited), exact);
            same += found == right ? 1 : 0;
          }
        CHECK(met_wide >= 320); // Dot products of bytes make poor graphs.
        CHECK(met + 8 >= met_wide);
        // Sums over floats come in another order where a walk compares the rows themselves.
        CHECK(same >= (small->code() == coding::int8 ? 40u : 38u));
        CHECK(wide->bytes() - small->bytes() == 1'200 * 52 * (4 - bytes_of(kind.form)));
      }
  }

  TEST_CASE("narrow rows are written as they are, read back, and not taken for others") {
    for (const auto& kind : all_kinds) {
      CAPTURE(static_cast<int>(kind.form));
      storage::faulty_files files(1);
      REQUIRE(files.create_directories("/s").ok());
      const twin_rows from(kind, 40, 500, 63);
      const auto before = narrow(from, {.m = 8});
      REQUIRE(before->write(files, "/s/one").ok());

      const auto content = read_segment(files, "/s/one");
      const auto after = segment::open(files, "/s/one");

      REQUIRE((content.ok() && after.ok()));
      CHECK(content->form == kind.form);
      CHECK(content->vectors.size() == 500 * 40 * bytes_of(kind.form));
      for (std::uint32_t i = 0; i < 500; ++i)
        CHECK((*after)->vector(row{i}) == before->vector(row{i}));
      budget unlimited;
      CHECK((*after)->search(from.plain.queries[0], 10, 60, {}, unlimited)
            == before->search(from.plain.queries[0], 10, 60, {}, unlimited));

      vector_index_options options;
      options.dimension = 40;
      options.distance = kind.distance;
      vector_index of_floats(options);
      const auto refused = of_floats.restore(
          *after, [](const point_id&, std::uint64_t) { return std::optional(slot{1}); });
      CHECK(refused.error().code == errc::corrupted);
    }
  }

  TEST_CASE("bytes() is what the formula says, for every form and code") {
    for (const auto form : {row_form::float32, row_form::float16, row_form::uint8})
      for (const auto code : {coding::floats, coding::int8, coding::int4, coding::bits,
                              coding::bfloat16, coding::product}) {
        CAPTURE(static_cast<int>(form));
        CAPTURE(to_string(code));
        storage::faulty_files files(1);
        REQUIRE(files.create_directories("/s").ok());
        const twin_rows from({form == row_form::float32 ? row_form::float16 : form, metric::euclid},
                             96, 1'000, 64);
        const auto made = form == row_form::float32 ? built(from.plain, {.m = 8, .code = code})
                                                    : narrow(from, {.m = 8, .code = code});
        REQUIRE(made->code() == code);
        REQUIRE(made->write(files, "/s/one").ok());
        const auto opened = segment::open(files, "/s/one");
        REQUIRE(opened.ok());
        const auto formula =
            memory_of({1'000, 96, 8, expected_upper_lists(1'000, 8), metric::euclid, code, form})
                .total();
        const auto told = static_cast<double>((*opened)->bytes() - sizeof(sealed_segment));
        CHECK(told == doctest::Approx(static_cast<double>(formula)).epsilon(0.02));
      }
  }

  // Goal: keeping rows narrow changes no answer. Method: the same history, done to an index of the
  // form and to one of floats that are given what the form would be compared as.
  TEST_CASE("an index of narrow rows answers as one of floats, whatever was done to it") {
    for (const auto& kind : all_kinds) {
      CAPTURE(static_cast<int>(kind.form));
      CAPTURE(to_string(kind.distance));
      vector_index_options options;
      options.dimension = 17;
      options.distance = kind.distance;
      options.graph.m = 8;
      options.policy.indexing_threshold_bytes = 400 * 17 * 4;
      test::index_world wide(options, 65);
      options.form = kind.form;
      vector_index small(options);
      const auto settle = [&] {
        wide.settle();
        while (const auto job = small.plan())
          small.install(*job, test::index_world::build(*job));
      };
      for (int step = 0; step < 2'500; ++step) {
        auto row = held(kind.form, wide.vector());
        const auto stored = row;
        if (kind.distance == metric::cosine && kind.form == row_form::unit_uint8)
          normalise(row);
        const auto again = !wide.points.empty() && wide.below(4) == 0;
        const auto where = again ? wide.any() : wide.put_new(row);
        if (again)
          wide.put(where, row);
        small.put(where, wide.points[where].id, wide.points[where].version, stored);
        if (wide.below(6) == 0) {
          const auto gone = wide.any();
          wide.remove(gone);
          small.remove(gone);
        }
        if (step % 900 == 899)
          settle();
        if (step % 100 != 99)
          continue;
        auto query = held(kind.form, wide.vector());
        if (kind.distance == metric::cosine)
          normalise(query);
        check_same(small.view(), wide.index.view(), query, wide.some(300));
      }
      CHECK(small.view().indexed() > 500);
      std::vector<float> buffer;
      std::vector<float> other;
      for (const auto& [where, point] : wide.points) {
        const auto one = small.view().vector(where, buffer);
        const auto two = wide.index.view().vector(where, other);
        REQUIRE(std::equal(one->begin(), one->end(), two->begin(), two->end()));
      }
    }
  }

  TEST_CASE("tails take about a half or a quarter of the memory, too") {
    const auto bytes = [](row_form form) {
      vector_index_options options;
      options.dimension = 768;
      options.distance = metric::euclid;
      options.form = form;
      vector_index index(options);
      const std::vector<float> row(768, 3.0f);
      for (std::uint32_t i = 0; i < 4'096; ++i)
        index.put(slot{i}, point_id{i}, 1, row);
      return static_cast<double>(index.bytes());
    };
    const auto floats = bytes(row_form::float32);
    CHECK(bytes(row_form::float16) < 0.53 * floats);
    CHECK(bytes(row_form::uint8) < 0.29 * floats);
  }

  TEST_CASE("codes that stay in the file answer the same") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/s").ok());
    const sample from(metric::cosine, 64, 600, 66, 5);
    REQUIRE(built(from)->write(files, "/s/one").ok());
    const auto copied = segment::open(files, "/s/one");
    const auto mapped = segment::open(files, "/s/one", code_place::file);
    REQUIRE((copied.ok() && mapped.ok()));
    for (const auto& query : from.queries) {
      budget unlimited;
      CHECK((*mapped)->search(query, 10, 60, {}, unlimited)
            == (*copied)->search(query, 10, 60, {}, unlimited));
    }
  }
}
