#include "random_records.hpp"

#include <algorithm>
#include <limits>

namespace grape::testing {

std::uint64_t random_records::u64() {
  const auto shift = below(65);
  return shift == 64 ? std::numeric_limits<std::uint64_t>::max() : engine_() >> shift;
}

std::int64_t random_records::i64() {
  return below(20) == 0 ? std::numeric_limits<std::int64_t>::min()
                        : static_cast<std::int64_t>(u64());
}

double random_records::f64() {
  constexpr double odd[] = {0.0, -0.0, 5.0, 1e308, 5e-324, -1.5, 0.1, 1.8446744073709552e19};
  return below(2) == 0 ? odd[below(std::size(odd))] : static_cast<double>(i64()) / 1024.0;
}

std::string random_records::text() {
  std::string made(below(10) == 0 ? below(300) : below(6), '\0');
  std::generate(made.begin(), made.end(), [&] { return static_cast<char>(below(text_end_)); });
  return made;
}

payload::value random_records::value(std::size_t depth) {
  switch (below(depth == 0 ? 6 : 8)) {
  case 0: return {};
  case 1: return payload::value(below(2) == 0);
  case 2: return payload::value(i64());
  case 3: return payload::value(u64());
  case 4: return payload::value(f64());
  case 5: return payload::value(text());
  case 6: return payload::value(list<payload::value>([&] { return value(depth - 1); }));
  default: return payload::value(object(depth - 1));
  }
}

payload::object random_records::object(std::size_t depth) {
  payload::object made;
  for (auto left = below(4); left > 0; --left)
    made.set(text(), value(depth));
  return made;
}

point_id random_records::id() {
  if (below(2) == 0)
    return point_id(u64());
  uuid name;
  for (auto& byte : name.bytes)
    byte = static_cast<std::uint8_t>(below(256));
  return point_id(name);
}

std::vector<point_id> random_records::ids() {
  return list<point_id>([&] { return id(); });
}

named_vectors random_records::vectors() {
  named_vectors made;
  for (const auto* name : {"", "a", "b"}) {
    if (below(2) == 0)
      continue;
    const auto component = [&] { return static_cast<float>(f64()); };
    if (below(3) > 0) {
      made.push_back({name, dense_vector(list<float>(component))});
      continue;
    }
    if (below(2) == 0) {
      multi_vector rows{static_cast<std::uint32_t>(1 + below(3)), {}};
      for (auto left = rows.dimension * (1 + below(3)); left > 0; --left)
        rows.values.push_back(component());
      made.push_back({name, std::move(rows)});
      continue;
    }
    sparse_vector sparse{{}, list<float>(component)};
    for (std::size_t i = 0; i < sparse.values.size(); ++i)
      sparse.indices.push_back(static_cast<std::uint32_t>(i * 1'000'000'000 + below(7)));
    made.push_back({name, std::move(sparse)});
  }
  return made;
}

point random_records::point() {
  return {id(), vectors(), object()};
}

payload::field_test random_records::field_test() {
  using namespace payload;
  const auto words = [&] { return list<std::string>([&] { return text(); }); };
  const auto numbers = [&] { return list<std::int64_t>([&] { return i64(); }); };
  const auto bound = [&] { return maybe<double>([&] { return f64(); }); };
  const auto moment = [&] { return maybe<std::int64_t>([&] { return i64(); }); };
  const auto count = [&] { return maybe<std::uint64_t>([&] { return u64(); }); };
  const auto place = [&] { return geo_point{f64(), f64()}; };
  const auto ring = [&] { return list<geo_point>(place); };
  switch (below(17)) {
  case 8: return match_text{text(), static_cast<text_match>(below(3))};
  case 9: return match_prefix{text()};
  case 10: return match_like{text()};
  case 11: return match_fuzzy{text(), static_cast<std::uint32_t>(below(4))};
  case 12: return time_range{moment(), moment(), moment(), moment()};
  case 13: return values_count{count(), count(), count(), count()};
  case 14: return geo_box{place(), place()};
  case 15: return geo_radius{place(), f64()};
  case 16: return geo_polygon{ring(), list<geo_ring>(ring)};
  case 0: return match_value{below(2) == 0};
  case 1: return match_value{i64()};
  case 2: return match_value{text()};
  case 3: return match_any{words()};
  case 4: return match_except{numbers()};
  case 5: return number_range{bound(), bound(), bound(), bound()};
  case 6: return empty_test{below(2) == 0};
  default: return null_test{below(2) == 0};
  }
}

payload::condition random_records::condition(std::size_t depth) {
  using namespace payload;
  switch (below(depth == 0 ? 4 : 6)) {
  case 0: return {field_condition{text(), list<payload::field_test>([&] { return field_test(); })}};
  case 1: return {has_id{ids()}};
  case 2: return {has_vector{text()}};
  case 3: return {slice{7, below(7)}};
  case 4: return {nested{text(), filter(depth - 1)}};
  default: return {filter(depth - 1)};
  }
}

std::vector<payload::condition> random_records::conditions(std::size_t depth) {
  return list<payload::condition>([&] { return condition(depth); });
}

payload::filter random_records::filter(std::size_t depth) {
  return {conditions(depth), conditions(depth), conditions(depth),
          maybe<payload::min_should>([&] {
            return payload::min_should{conditions(depth), u64()};
          })};
}

point_selector random_records::selector() {
  switch (below(3)) {
  case 0: return ids();
  case 1: return unchanged_points{ids(), log_index{u64()}};
  default: return filter();
  }
}

write_operation random_records::operation() {
  const auto words = [&] { return list<std::string>([&] { return text(); }); };
  switch (below(7)) {
  case 0:
    return upsert_points{list<grape::point>([&] { return point(); }),
                         static_cast<upsert_points::mode>(below(3)),
                         maybe<payload::filter>([&] { return filter(); })};
  case 1: return delete_points{selector()};
  case 2: return set_payload{object(), selector(), below(2) == 0, text()};
  case 3: return delete_payload{words(), selector()};
  case 4: return clear_payload{selector()};
  case 5:
    return update_vectors{list<point_vectors>([&] { return point_vectors{id(), vectors()}; }),
                          maybe<payload::filter>([&] { return filter(); })};
  default: return delete_vectors{words(), selector()};
  }
}

hnsw_options random_records::hnsw() {
  const auto small = [&] { return static_cast<std::uint32_t>(below(500)); };
  return {maybe<std::uint32_t>(small), maybe<std::uint32_t>(small),
          maybe<std::uint64_t>([&] { return u64(); }), object()};
}

collection_schema random_records::schema() {
  const auto any = [&] { return value(); };
  collection_schema made;
  made.version = schema_version{u64()};
  auto& options = made.options;
  for (auto left = below(3); left > 0; --left)
    options.vectors[text()] = {static_cast<std::uint32_t>(1 + below(65'536)),
                               static_cast<metric>(below(4)),
                               maybe<hnsw_options>([&] { return hnsw(); }),
                               object(),
                               maybe<vector_datatype>(
                                 [&] { return static_cast<vector_datatype>(below(4)); }),
                               below(2) == 0,
                               schema_version{below(9)}};
  options.single_unnamed = below(2) == 0;
  options.sparse_vectors[text()] = {
    maybe<sparse_modifier>([&] { return static_cast<sparse_modifier>(below(2)); }),
    maybe<payload::object>([&] { return object(); }), schema_version{below(9)}};
  options.shard_number = static_cast<std::uint32_t>(1 + below(100));
  options.on_disk_payload = below(2) == 0;
  options.hnsw = hnsw();
  options.optimizers = {maybe<double>([&] { return f64(); }),
                        maybe<std::uint64_t>([&] { return u64(); }), std::nullopt, object()};
  options.replication = {static_cast<sync_mode>(below(3)), static_cast<std::uint32_t>(below(99)),
                         static_cast<read_level>(below(5))};
  options.echoed_params = object();
  options.wal = maybe<payload::value>(any);
  options.quantization = maybe<payload::value>(any);
  options.strict_mode = maybe<payload::value>(any);
  options.metadata = maybe<payload::value>(any);
  made.fields[text()] = {static_cast<field_type>(below(8)),
                         maybe<payload::object>([&] { return object(); })};
  return made;
}

} // namespace grape::testing
