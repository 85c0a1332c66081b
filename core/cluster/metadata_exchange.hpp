#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// What those who keep the control plane's state ask each other, as bytes (MessagePack records with
/// a version). Decoders take any bytes; errors: corrupted, wrong_version.
namespace grape::cluster {

/// Commit this: to whoever leads the metadata group.
struct change_question {
  std::string command; ///< An encoded metadata_command.

  friend bool operator==(const change_question&, const change_question&) = default;
};

/// Whoever does not vote in the metadata group asks a member for what is newer than `have`.
struct mirror_question {
  log_index have;

  friend bool operator==(const mirror_question&, const mirror_question&) = default;
};

/// The same, and the answer is at least as new as anything that was committed before the question.
struct confirm_question {
  log_index have;

  friend bool operator==(const confirm_question&, const confirm_question&) = default;
};

/// A piece of a state for a member that is behind the log of the metadata group: see
/// metadata_snapshot.hpp.
struct install_question {
  std::string message;      ///< What the member's peer is to be told: an encoded raft::message.
  std::uint64_t total = 0;  ///< Bytes of the whole state.
  std::uint64_t offset = 0; ///< Where this piece belongs.
  std::string piece;        ///< Of metadata::encode.

  friend bool operator==(const install_question&, const install_question&) = default;
};

using metadata_question =
    std::variant<change_question, mirror_question, confirm_question, install_question>;

/// To a change_question.
struct change_reply {
  bool changed = false;
  log_index index;

  friend bool operator==(const change_reply&, const change_reply&) = default;
};

/// To a mirror_question or a confirm_question.
struct mirror_reply {
  log_index applied;
  std::string state; ///< metadata::encode; empty: nothing is newer.

  friend bool operator==(const mirror_reply&, const mirror_reply&) = default;
};

/// To an install_question.
struct install_reply {
  std::uint64_t have = 0; ///< So many bytes of this state are there; all: it is in its place.

  friend bool operator==(const install_reply&, const install_reply&) = default;
};

using metadata_reply = std::variant<change_reply, mirror_reply, install_reply>;

std::string encode(const metadata_question& of);
std::string encode(const metadata_reply& of);
outcome<metadata_question> decode_metadata_question(std::string_view bytes);
outcome<metadata_reply> decode_metadata_reply(std::string_view bytes);

} // namespace grape::cluster
