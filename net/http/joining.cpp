#include "net/http/joining.hpp"

#include "net/http/decode_common.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace grape::http {

namespace {

constexpr std::size_t words_max = 1'000; // Of a refusal.

std::string hex_of(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

bool read_hex(const std::string& text, std::string& into) {
  if (text.size() % 2 != 0)
    return false;
  into.clear();
  into.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const auto read = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (read.ec != std::errc{} || read.ptr != text.data() + i + 2)
      return false;
    into += static_cast<char>(byte);
  }
  return true;
}

std::string need_text(const node& of, std::string_view key) {
  const auto found = of.need(key);
  return found ? found->text() : std::string{};
}

std::uint64_t need_whole(const node& of, std::string_view key, std::uint64_t most) {
  const auto found = of.need(key);
  return found ? found->whole(most, "u64") : 0;
}

/// A u64 as text: JSON's numbers are doubles for many.
std::uint64_t need_big(const node& of, std::string_view key) {
  const auto text = need_text(of, key);
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end)
    of.malformed(std::string{key} + ": not a u64 in quotes");
  return number;
}

join_request read_request(const node& of) {
  join_request read;
  if (!of.expect_object())
    return read;
  read.protocol = static_cast<std::uint32_t>(need_whole(of, "protocol", 0xFFFF'FFFFu));
  read.name = need_text(of, "name");
  read.disk = need_big(of, "disk");
  read.peer_address = need_text(of, "peer_address");
  read.http_address = need_text(of, "http_address");
  read.cluster_name = need_text(of, "cluster_name");
  read.cluster_id = need_text(of, "cluster_id");
  read.number = node_number{static_cast<std::uint32_t>(need_whole(of, "number", 0xFFFF'FFFFu))};
  if (read.name.empty() || read.disk == 0)
    of.malformed("a node has a name, and a data directory with a number");
  return read;
}

join_reply read_reply(const node& of) {
  join_reply read;
  const auto result = of.need("result");
  if (!result)
    return read;
  read.cluster_id = need_text(*result, "cluster_id");
  read.number =
      node_number{static_cast<std::uint32_t>(need_whole(*result, "number", 0xFFFF'FFFFu))};
  read.applied = log_index{need_big(*result, "applied")};
  if (!read_hex(need_text(*result, "state"), read.state))
    of.malformed("state: not hexadecimal digits");
  return read;
}

} // namespace

std::string write_join_request(const join_request& of) {
  json_writer out;
  out.open_object();
  out.key("protocol").whole(of.protocol).key("name").text(of.name);
  out.key("disk").text(std::to_string(of.disk)).key("peer_address").text(of.peer_address);
  out.key("http_address").text(of.http_address).key("cluster_name").text(of.cluster_name);
  out.key("cluster_id").text(of.cluster_id).key("number").whole(of.number.value);
  out.close_object();
  return std::move(out).take();
}

outcome<join_request> decode_join_request(std::string& body) {
  return decode_body<join_request>(body, {}, read_request);
}

void write_join_reply(json_writer& out, const join_reply& of) {
  out.open_object().key("cluster_id").text(of.cluster_id).key("number").whole(of.number.value);
  out.key("applied").text(std::to_string(of.applied.value));
  out.key("state").text(hex_of(of.state)).close_object();
}

outcome<join_reply> read_join_reply(std::string body) {
  return decode_body<join_reply>(body, {}, read_reply);
}

std::string read_refusal(std::string body) {
  const auto words = body.substr(0, words_max);
  const auto said = decode_body<std::string>(body, {}, [](const node& of) {
    const auto status = of.field("status");
    const auto error = status ? status->field("error") : std::nullopt;
    return error ? error->text() : std::string{};
  });
  return said && !said->empty() ? *said : words;
}

} // namespace grape::http
