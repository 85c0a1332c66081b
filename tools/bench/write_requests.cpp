#include "tools/bench/write_requests.hpp"

#include "net/http/json_writer.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace grape::bench {

namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct key_value {
  std::uint32_t key = 0;
  std::string value;
};

std::vector<key_value> drawn(std::size_t value_bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint32_t> keys(write_keys);
  std::iota(keys.begin(), keys.end(), 0);
  std::shuffle(keys.begin(), keys.end(), random);
  std::uniform_int_distribution<std::size_t> place(0, base64_digits.size() - 1);
  std::vector<key_value> made;
  for (const auto key : keys) {
    std::string value(value_bytes, ' ');
    for (auto& letter : value)
      letter = base64_digits[place(random)];
    made.push_back({key, std::move(value)});
  }
  return made;
}

std::string base64(std::string_view bytes) {
  std::string made;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto part = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < part.size() ? static_cast<unsigned char>(part[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      made += i <= part.size() ? base64_digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return made;
}

std::string fifteen_digits(std::uint32_t key) {
  const auto digits = std::to_string(key);
  return std::string(15 - digits.size(), '0') + digits;
}

} // namespace

std::vector<std::string> grape_writes(const http_address& to, std::string_view collection,
                                      std::size_t value_bytes, std::uint64_t seed) {
  const auto path = "/collections/" + std::string(collection) + "/points?wait=false";
  std::vector<std::string> made;
  for (const auto& [key, value] : drawn(value_bytes, seed)) {
    http::json_writer body;
    body.open_object().key("points").open_array().open_object();
    body.key("id").whole(key).key("vector").open_array().number(1.0F).close_array();
    body.key("payload").open_object().key("value").text(value).close_object();
    body.close_object().close_array().close_object();
    made.push_back(render_request(to, "PUT", path, std::move(body).take()));
  }
  return made;
}

std::vector<std::string> etcd_writes(const http_address& to, std::size_t value_bytes,
                                     std::uint64_t seed) {
  std::vector<std::string> made;
  for (const auto& [key, value] : drawn(value_bytes, seed)) {
    http::json_writer body;
    body.open_object().key("key").text(base64(fifteen_digits(key)));
    body.key("value").text(base64(value)).close_object();
    made.push_back(render_request(to, "POST", "/v3/kv/put", std::move(body).take()));
  }
  return made;
}

} // namespace grape::bench
