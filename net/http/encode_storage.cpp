#include "net/http/encode_storage.hpp"

#include "core/archive/digest_summary.hpp"
#include "net/http/instant.hpp"

namespace grape::http {

namespace {

void write_fault(json_writer& out, const status& of) {
  out.key("error");
  if (of.ok())
    out.null();
  else
    out.text(to_string(of));
}

/// What the replica of the verb's own has to tell.
void write_outcome(json_writer& out, storage_verb verb, const shard_upkeep& of) {
  switch (verb) {
    case storage_verb::flush: out.key("durable").whole(of.durable); return;
    case storage_verb::warm: out.key("read_bytes").whole(of.bytes); return;
    case storage_verb::digest: out.key("digest").text(of.digest); return;
    case storage_verb::checkpoint: out.key("bytes").whole(of.bytes); return;
    case storage_verb::compact: out.key("freed_bytes").whole(of.bytes); [[fallthrough]];
    case storage_verb::size:
      out.key("store_bytes").whole(of.store_bytes).key("segment_bytes").whole(of.segment_bytes);
      out.key("payload_bytes").whole(of.payload_bytes);
      out.key("vector_bytes").whole(of.vector_bytes).key("code_bytes").whole(of.code_bytes);
      out.key("memory_bytes").whole(of.memory_bytes).key("mapped_bytes").whole(of.mapped_bytes);
      return;
    case storage_verb::sync:
    case storage_verb::list_checkpoints:
    case storage_verb::delete_checkpoint:
    case storage_verb::read_checkpoint:
    case storage_verb::usage: return;
  }
}

void write_shard(json_writer& out, storage_verb verb, const shard_upkeep& of) {
  out.open_object().key("collection").text(of.collection).key("shard").whole(of.shard);
  out.key("applied").whole(of.applied);
  if (verb != storage_verb::flush)
    out.key("points").whole(of.points);
  write_outcome(out, verb, of);
  write_fault(out, of.result);
  out.close_object();
}

void write_node(json_writer& out, storage_verb verb, const node_upkeep& of) {
  out.open_object().key("node").whole(of.node.value).key("name").text(of.name);
  if (verb == storage_verb::size) {
    out.key("log_bytes").whole(of.log_bytes).key("snapshot_bytes").whole(of.snapshot_bytes);
    out.key("checkpoint_bytes").whole(of.checkpoint_bytes);
    out.key("disk_total_bytes").whole(of.disk_total_bytes);
    out.key("disk_free_bytes").whole(of.disk_free_bytes);
  }
  if (verb != storage_verb::sync && verb != storage_verb::delete_checkpoint) {
    out.key("shards").open_array();
    for (const auto& each : of.shards)
      write_shard(out, verb, each);
    out.close_array();
  }
  write_fault(out, of.result);
  out.close_object();
}

void write_digests(json_writer& out, const storage_report& of) {
  const auto sum = archive::sum_up(of);
  out.key("collections").open_object();
  for (const auto& [name, digest] : sum.collections) {
    out.key(name).open_object().key("points").whole(digest.points);
    out.key("digest").text(digest.text()).close_object();
  }
  out.close_object().key("differing").open_array();
  for (const auto& each : sum.differing)
    out.text(each);
  out.close_array();
}

} // namespace

void write_report(json_writer& out, const storage_report& of) {
  out.open_object().key("verb").text(to_string(of.verb));
  if (!of.checkpoint.empty())
    out.key("checkpoint").text(of.checkpoint);
  out.key("complete").boolean(of.verdict().ok());
  if (of.verb == storage_verb::digest)
    write_digests(out, of);
  out.key("nodes").open_array();
  for (const auto& each : of.nodes)
    write_node(out, of.verb, each);
  out.close_array().close_object();
}

void write_checkpoints(json_writer& out, const storage_report& of) {
  out.open_object().key("complete").boolean(of.verdict().ok()).key("checkpoints").open_array();
  for (const auto& node : of.nodes)
    for (const auto& each : node.checkpoints) {
      out.open_object().key("name").text(each.name).key("node").whole(node.node.value);
      out.key("creation_time").text(instant_text(each.created_unix_s * 1'000));
      out.key("bytes").whole(each.bytes).key("shards").open_array();
      for (const auto& one : each.shards)
        write_shard(out, storage_verb::checkpoint, one);
      out.close_array().close_object();
    }
  out.close_array().close_object();
}

void write_restored(json_writer& out, const restored& of) {
  out.open_object().key("collections").open_array();
  for (const auto& each : of.collections)
    out.text(each);
  out.close_array().close_object();
}

} // namespace grape::http
