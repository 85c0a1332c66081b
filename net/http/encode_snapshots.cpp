#include "net/http/encode_snapshots.hpp"

#include "net/http/instant.hpp"

namespace grape::http {

void write_snapshot(json_writer& out, const snapshot_description& of) {
  constexpr std::size_t to_seconds = std::string_view{"2026-11-28T20:15:03"}.size();
  out.open_object().key("name").text(of.name);
  out.key("creation_time").text(instant_text(of.created_unix_s * 1'000).substr(0, to_seconds));
  out.key("size").whole(of.size).key("checksum");
  if (of.checksum.empty())
    out.null();
  else
    out.text(of.checksum);
  out.close_object();
}

void write_snapshots(json_writer& out, const snapshot_list& all) {
  out.open_array();
  for (const auto& each : all.all)
    write_snapshot(out, each);
  out.close_array();
}

} // namespace grape::http
