#include "net/http/encode_node.hpp"

#include "net/http/instant.hpp"

#include <algorithm>

namespace grape::http {

void write_node_status(json_writer& out, const node_status& node) {
  out.open_object();
  out.key("node_id").text(node.node_id).key("cluster_id").text(node.cluster_id);
  out.key("version").text(node.version).key("ready").boolean(node.ready);
  out.key("collections").whole(node.collections).key("shards").whole(node.shards);
  out.key("points").whole(node.points).key("resident_bytes").whole(node.resident_bytes);
  out.key("uptime_s").whole(node.uptime_s).key("notes").open_array();
  for (const auto& note : node.notes)
    out.text(note);
  out.close_array().close_object();
}

void write_actor_tree(json_writer& out, const actor_tree& tree) {
  out.open_object().key("actors").open_array();
  for (const auto& actor : tree.actors) {
    out.open_object().key("name").text(actor.name).key("parent").text(actor.parent);
    out.key("restarts").whole(actor.restarts).key("mailbox").whole(actor.mailbox);
    out.key("last_error").text(actor.last_error).close_object();
  }
  out.close_array().close_object();
}

namespace {

void write_segments(json_writer& out, const std::vector<optimizer_segment>& all) {
  out.open_array();
  for (const auto& each : all) {
    out.open_object().key("uuid").text(each.uuid);
    out.key("points_count").whole(each.points).close_object();
  }
  out.close_array();
}

void write_state(json_writer& out, const optimization& of) {
  using state = optimization::state;
  if (of.now == state::optimizing || of.now == state::done) {
    out.text(of.now == state::done ? "done" : "optimizing");
    return;
  }
  out.open_object().key(of.now == state::cancelled ? "cancelled" : "error").text(of.why);
  out.close_object();
}

void write_optimization(json_writer& out, const optimization& of) {
  out.open_object().key("uuid").text(of.uuid).key("optimizer").text(of.what.optimizer);
  out.key("status");
  write_state(out, of);
  out.key("segments");
  write_segments(out, of.what.segments);
  out.key("progress").open_object().key("name").text(of.what.optimizer);
  out.key("started_at").text(instant_text(of.started_unix_ms));
  if (of.finished_unix_ms != 0) {
    constexpr double ms = 1'000;
    const auto took = of.finished_unix_ms - std::min(of.started_unix_ms, of.finished_unix_ms);
    out.key("finished_at").text(instant_text(of.finished_unix_ms));
    out.key("duration_sec").number(static_cast<double>(took) / ms);
  }
  out.key("done").whole(of.rows_done).key("total").whole(of.rows_total);
  out.close_object().close_object();
}

void write_summary(json_writer& out, const optimizations& told) {
  std::uint64_t segments = 0;
  std::uint64_t points = 0;
  for (const auto& each : told.queued)
    for (const auto& segment : each.segments) {
      ++segments;
      points += segment.points;
    }
  out.key("summary").open_object().key("queued_optimizations").whole(told.queued.size());
  out.key("queued_segments").whole(segments).key("queued_points").whole(points);
  out.key("idle_segments").whole(told.idle.size()).close_object();
}

} // namespace

void write_optimizations(json_writer& out, const optimizations& told,
                         const optimizations_view& how) {
  out.open_object();
  write_summary(out, told);
  out.key("running").open_array();
  for (const auto& each : told.running)
    write_optimization(out, each);
  out.close_array();
  if (how.queued) {
    out.key("queued").open_array();
    for (const auto& each : told.queued) {
      out.open_object().key("optimizer").text(each.optimizer).key("segments");
      write_segments(out, each.segments);
      out.close_object();
    }
    out.close_array();
  }
  if (how.completed) {
    out.key("completed").open_array();
    for (std::size_t i = 0; i < std::min<std::uint64_t>(told.completed.size(), *how.completed); ++i)
      write_optimization(out, told.completed[i]);
    out.close_array();
  }
  if (how.idle) {
    out.key("idle_segments");
    write_segments(out, told.idle);
  }
  out.close_object();
}

} // namespace grape::http
