#include "net/http/remote_snapshots.hpp"

#include "core/payload/datetime.hpp"
#include "net/http/client.hpp"
#include "net/http/decoding.hpp"
#include "net/http/joining.hpp"

#include <limits>
#include <utility>

namespace grape::http {

namespace {

constexpr std::chrono::seconds patience{10};

/// RFC 3986: everything but unreserved characters is escaped.
std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
                          || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.'
                          || byte == '_' || byte == '~';
    if (is_plain)
      out += each;
    else
      (out += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

std::string path_of(const snapshot_owner& of) {
  std::string path;
  if (of.collection)
    path += "/collections/" + percent_encoded(*of.collection);
  if (of.shard)
    path += "/shards/" + std::to_string(*of.shard);
  return path + "/snapshots";
}

std::string only_here() {
  return "?" + std::string(only_here_parameter) + "=true";
}

snapshot_description read_snapshot(const node& of) {
  snapshot_description read;
  if (const auto name = of.need("name"))
    read.name = name->text();
  if (const auto made = of.field("creation_time"))
    if (const auto micros = payload::parse_datetime(made->text()); micros && *micros > 0)
      read.created_unix_s = static_cast<std::uint64_t>(*micros) / 1'000'000;
  if (const auto size = of.need("size"))
    read.size = size->whole(std::numeric_limits<std::uint64_t>::max(), "u64");
  if (const auto checksum = of.field("checksum"))
    read.checksum = checksum->text();
  return read;
}

/// Nothing: as it should be.
status refused(const client_answer& said) {
  if (said.status == 200)
    return {};
  return {said.status == 404 ? errc::not_found : errc::unavailable, read_refusal(said.body)};
}

} // namespace

std::string snapshot_url(const remote_node& on, const snapshot_owner& of, const std::string& name) {
  return "http://" + on.address + path_of(of) + "/" + percent_encoded(name) + only_here();
}

outcome<snapshot_list> list_snapshots_of(const remote_node& on, const snapshot_owner& of,
                                         const std::function<bool()>& given_up) {
  const auto said =
      ask("GET", on.address, path_of(of) + only_here(), {}, patience, given_up, on.api_key);
  if (!said)
    return said.error();
  if (auto why = refused(*said); !why.ok())
    return why;
  return read_snapshots(said->body);
}

outcome<changed> delete_snapshot_of(const remote_node& on, const snapshot_owner& of,
                                    const std::string& name,
                                    const std::function<bool()>& given_up) {
  const auto said =
      ask("DELETE", on.address, path_of(of) + "/" + percent_encoded(name) + only_here(), {},
          patience, given_up, on.api_key);
  if (!said)
    return said.error();
  if (auto why = refused(*said); !why.ok())
    return why;
  return changed{true};
}

outcome<snapshot_list> read_snapshots(std::string body) {
  return decode_body<snapshot_list>(body, {}, [](const node& of) {
    snapshot_list read;
    if (const auto result = of.need("result"))
      result->each_item([&read](const node& one) { read.all.push_back(read_snapshot(one)); });
    return read;
  });
}

} // namespace grape::http
