#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/request/options.hpp"
#include "core/request/write.hpp"
#include "core/shard/question.hpp"

#include <string>
#include <string_view>
#include <variant>

/// What the door of a shard is asked from another node, and what it answers. Refusals travel as
/// link::refusal. Bytes as in question_codec.hpp; numbers of alternatives: append, never renumber.
namespace grape::shard {

/// A batch for the log.
struct remote_write {
  epoch routed_by; ///< Of the slot table that split it.
  schema_version validated_against;
  bool wait = false;            ///< True: answer when visible; false: when as durable as `ack`.
  std::uint32_t timeout_ms = 0; ///< After it a write in the log answers `wait_timeout`; 0 = none.
  std::string command;          ///< An encoded shard::command; a `write_points`.
  write_ack ack = write_ack::collection_default;

  friend bool operator==(const remote_write&, const remote_write&) = default;
};

/// A schema that the control plane committed, for the log; answered when visible.
struct remote_schema {
  schema_version version;
  std::string command; ///< An encoded shard::command; a `change_schema` to that version.

  friend bool operator==(const remote_schema&, const remote_schema&) = default;
};

struct remote_read {
  question asked;
  read_level level = read_level::collection_default;

  friend bool operator==(const remote_read&, const remote_read&) = default;
};

using shard_request = std::variant<remote_write, remote_schema, remote_read>;

/// Where a write stands in the shard's log, and how far it has come.
struct remote_receipt {
  log_index index;
  write_progress progress = write_progress::acknowledged;
  std::uint32_t copies = 0; ///< See write_receipt.

  friend bool operator==(const remote_receipt&, const remote_receipt&) = default;
};

/// A receipt for what goes to the log, an answer for a read.
using shard_reply = std::variant<remote_receipt, answer>;

std::string encode(const shard_request& of);
std::string encode(const shard_reply& of);

/// Take any bytes. What is in a `command` is not looked at. Errors: corrupted, wrong_version.
outcome<shard_request> decode_shard_request(std::string_view bytes);
outcome<shard_reply> decode_shard_reply(std::string_view bytes);

} // namespace grape::shard
