#include "net/http/encode_node.hpp"

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

} // namespace grape::http
