#include "net/http/encode_points.hpp"

#include "core/check.hpp"

#include <span>

namespace grape::http {

namespace {

void write_floats(json_writer& out, std::span<const float> values) {
  out.open_array();
  for (const auto value : values)
    out.number(value);
  out.close_array();
}

void write_vector(json_writer& out, const vector_value& vector) {
  if (const auto* dense = std::get_if<dense_vector>(&vector))
    return write_floats(out, *dense);
  if (const auto* multi = std::get_if<multi_vector>(&vector)) {
    out.open_array();
    for (std::size_t row = 0; row < multi->rows(); ++row)
      write_floats(out, multi->row(row));
    out.close_array();
    return;
  }
  const auto& sparse = std::get<sparse_vector>(vector);
  out.open_object().key("indices").open_array();
  for (const auto index : sparse.indices)
    out.whole(index);
  out.close_array().key("values");
  write_floats(out, sparse.values);
  out.close_object();
}

void write_payload_and_vectors(json_writer& out, const record& point) {
  if (point.payload)
    out.key("payload").tree(*point.payload);
  if (point.vectors) {
    out.key("vector");
    write_vectors(out, *point.vectors);
  }
  write_shard_key(out, point.key);
  if (!point.order)
    return;
  out.key("order_value");
  if (const auto* whole = std::get_if<std::int64_t>(&*point.order))
    out.integer(*whole);
  else
    out.number(std::get<double>(*point.order));
}

std::string_view progress_text(write_progress progress) {
  switch (progress) {
    case write_progress::acknowledged: return "acknowledged";
    case write_progress::completed: return "completed";
    case write_progress::wait_timeout: return "wait_timeout";
  }
  return "acknowledged";
}

template <class Numbers>
void write_wholes(json_writer& out, const Numbers& numbers) {
  out.open_array();
  for (const auto number : numbers)
    out.whole(number);
  out.close_array();
}

} // namespace

void write_id(json_writer& out, const point_id& id) {
  if (id.is_number())
    out.whole(id.number());
  else
    out.text(id.text());
}

void write_key(json_writer& out, const shard_key& key) {
  if (const auto* number = std::get_if<std::uint64_t>(&key))
    out.whole(*number);
  else
    out.text(std::get<std::string>(key));
}

void write_shard_key(json_writer& out, const std::optional<shard_key>& key) {
  if (!key)
    return;
  out.key("shard_key");
  write_key(out, *key);
}

void write_vectors(json_writer& out, const named_vectors& vectors) {
  if (vectors.size() == 1 && vectors.front().name.empty())
    return write_vector(out, vectors.front().value);
  out.open_object();
  for (const auto& vector : vectors) {
    out.key(vector.name);
    write_vector(out, vector.value);
  }
  out.close_object();
}

void write_record(json_writer& out, const record& point) {
  out.open_object().key("id");
  write_id(out, point.id);
  write_payload_and_vectors(out, point);
  out.close_object();
}

void write_scored(json_writer& out, const scored_record& point) {
  out.open_object().key("id");
  write_id(out, point.point.id);
  out.key("version").whole(point.point.version).key("score").number(point.score);
  write_payload_and_vectors(out, point.point);
  out.close_object();
}

void write_scored_list(json_writer& out, const query_reply& found) {
  out.open_array();
  for (const auto& point : found.points)
    write_scored(out, point);
  out.close_array();
}

void write_query_reply(json_writer& out, const query_reply& found) {
  out.open_object().key("points");
  write_scored_list(out, found);
  out.close_object();
}

void write_scored_lists(json_writer& out, const query_batch_reply& found) {
  out.open_array();
  for (const auto& reply : found.replies)
    write_scored_list(out, reply);
  out.close_array();
}

void write_query_replies(json_writer& out, const query_batch_reply& found) {
  out.open_array();
  for (const auto& reply : found.replies)
    write_query_reply(out, reply);
  out.close_array();
}

void write_groups(json_writer& out, const query_groups_reply& found) {
  out.open_object().key("groups").open_array();
  for (const auto& group : found.groups) {
    out.open_object().key("hits").open_array();
    for (const auto& hit : group.hits)
      write_scored(out, hit);
    out.close_array().key("id").tree(group.id);
    if (group.lookup) {
      out.key("lookup");
      write_record(out, *group.lookup);
    } else if (found.with_lookup) {
      out.key("lookup").null();
    }
    out.close_object();
  }
  out.close_array().close_object();
}

void write_matrix_pairs(json_writer& out, const matrix_reply& found) {
  out.open_object().key("pairs").open_array();
  for (const auto& link : found.links) {
    out.open_object().key("a");
    write_id(out, found.ids[link.from]);
    out.key("b");
    write_id(out, found.ids[link.to]);
    out.key("score").number(link.score).close_object();
  }
  out.close_array().close_object();
}

void write_matrix_offsets(json_writer& out, const matrix_reply& found) {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
  std::vector<float> scores;
  for (const auto& link : found.links) {
    rows.push_back(link.from);
    columns.push_back(link.to);
    scores.push_back(link.score);
  }
  out.open_object().key("offsets_row");
  write_wholes(out, rows);
  out.key("offsets_col");
  write_wholes(out, columns);
  out.key("scores");
  write_floats(out, scores);
  out.key("ids").open_array();
  for (const auto& id : found.ids)
    write_id(out, id);
  out.close_array().close_object();
}

void write_scroll_reply(json_writer& out, const scroll_reply& page) {
  out.open_object().key("points").open_array();
  for (const auto& point : page.points)
    write_record(out, point);
  out.close_array().key("next_page_offset");
  if (page.next)
    write_id(out, *page.next);
  else
    out.null();
  out.close_object();
}

void write_count_reply(json_writer& out, const count_reply& counted) {
  out.open_object().key("count").whole(counted.count).close_object();
}

void write_facet_reply(json_writer& out, const facet_reply& counted) {
  out.open_object().key("hits").open_array();
  for (const auto& [value, count] : counted.hits) {
    out.open_object().key("value");
    if (const auto* boolean = std::get_if<bool>(&value))
      out.boolean(*boolean);
    else if (const auto* integer = std::get_if<std::int64_t>(&value))
      out.integer(*integer);
    else
      out.text(std::get<std::string>(value));
    out.key("count").whole(count).close_object();
  }
  out.close_array().close_object();
}

void write_records(json_writer& out, const retrieve_reply& found) {
  out.open_array();
  for (const auto& point : found.points)
    write_record(out, point);
  out.close_array();
}

void write_receipt_of(json_writer& out, const write_receipt& receipt) {
  out.open_object().key("operation_id").whole(receipt.operation_id);
  out.key("status").text(progress_text(receipt.progress)).close_object();
}

void write_single_receipt(json_writer& out, const write_receipts& receipts) {
  GRAPE_CHECK(receipts.receipts.size() == 1);
  write_receipt_of(out, receipts.receipts.front());
}

void write_receipt_list(json_writer& out, const write_receipts& receipts) {
  out.open_array();
  for (const auto& receipt : receipts.receipts)
    write_receipt_of(out, receipt);
  out.close_array();
}

void write_copies(json_writer& out, const write_receipts& receipts) {
  if (receipts.receipts.empty() || receipts.receipts.front().copies == 0)
    return;
  out.key("grape").open_object().key("copies").whole(receipts.receipts.front().copies);
  out.close_object();
}

void write_staleness(json_writer& out, const std::optional<std::uint64_t>& ms) {
  out.key("staleness_ms");
  if (ms)
    out.whole(*ms);
  else
    out.null();
}

void write_explanation(json_writer& out, const explanation& how) {
  out.open_object().key("target_nodes");
  write_wholes(out, how.target_nodes);
  out.key("routing_strategy").text(how.routing_strategy);
  out.key("load_balancing").text(how.load_balancing);
  out.key("fallback_nodes");
  write_wholes(out, how.fallback_nodes);
  out.key("read_index");
  write_wholes(out, how.read_indexes);
  out.key("plan").open_array();
  for (const auto& plan : how.plans)
    out.text(plan);
  out.close_array();
  out.key("visited").whole(how.visited).key("epoch").whole(how.epoch);
  write_staleness(out, how.staleness_ms);
  out.key("shards").open_array();
  for (const auto& one : how.shards) {
    out.open_object().key("shard").whole(one.shard).key("replica").whole(one.replica);
    out.key("asked");
    write_wholes(out, one.asked);
    out.key("hedged").boolean(one.hedged).key("retried").boolean(one.retried);
    out.key("took_us").whole(one.took_us).key("read_index").whole(one.read_index);
    write_staleness(out, one.staleness_ms);
    out.key("visited").whole(one.visited).key("plan").text(one.plan).close_object();
  }
  out.close_array();
  if (!how.stages.empty()) {
    out.key("stages").open_array();
    for (const auto& one : how.stages) {
      out.open_object().key("stage").text(one.what).key("depth").whole(one.depth);
      out.key("candidates").whole(one.inputs).key("hits").whole(one.outputs);
      out.key("visited").whole(one.visited).close_object();
    }
    out.close_array();
  }
  out.close_object();
}

} // namespace grape::http
