#pragma once

#include "core/request/read.hpp"
#include "core/request/write.hpp"
#include "net/http/decoding.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Readers of the parts that many bodies share. All read with `node` and so report through it.
namespace grape::http {

/// Bounds of an integer field: what its type can hold (beyond: malformed), and what is allowed
/// (beyond: invalid).
struct whole_rule {
  std::uint64_t least = 0;
  std::optional<std::uint64_t> most = {};
  std::uint64_t type_max = std::numeric_limits<std::uint64_t>::max();
  std::string_view type = "usize";
};

/// For fields of Rust's u32.
constexpr whole_rule u32_rule(std::uint64_t least = 0) {
  return {.least = least, .most = {}, .type_max = 0xFFFF'FFFFu, .type = "u32"};
}

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// Optional fields: absent and null alike give nothing.
std::optional<bool> boolean_field(const node& of, std::string_view key);
std::optional<std::uint64_t> whole_field(const node& of, std::string_view key,
                                         const whole_rule& rule = {});
std::optional<std::uint32_t> u32_field(const node& of, std::string_view key,
                                       std::uint64_t least = 0);
std::optional<double> number_field(const node& of, std::string_view key);
std::optional<double> number_field(const node& of, std::string_view key, double least, double most);
std::optional<float> single_field(const node& of, std::string_view key);
std::optional<std::string> text_field(const node& of, std::string_view key);

/// A list of strings; malformed if it is anything else.
std::vector<std::string> read_texts(const node& of);

/// A payload path such as `a.b[].c`; malformed if it is none.
std::string read_path(const node& of);
std::vector<std::string> read_paths(const node& of);

/// An unsigned integer or a UUID in any form.
point_id read_id(const node& of);
std::vector<point_id> read_ids(const node& of);

/// `with_payload` and `with_vector`, true, false, a list or a selector object.
payload_selector read_payload_selector(const node& of, payload_selector when_absent);
vector_selector read_vector_selector(const node& of);

/// The name of one part of a collection: a string or an unsigned integer.
shard_key read_shard_key(const node& of);

/// `shard_key`: one, a list, or `{"target", "fallback"}`; absent if it is not there.
std::optional<shard_key_selector> shard_keys_field(const node& of);

} // namespace grape::http
