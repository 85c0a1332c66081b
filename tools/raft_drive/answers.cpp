#include "tools/raft_drive/answers.hpp"

#include "tools/raft_drive/wire.hpp"

#include "core/raft/codec.hpp"
#include "net/http/json_writer.hpp"

#include <utility>
#include <variant>

namespace grape::raft_drive::answers {

namespace {

using http::json_writer;

void put_ids(json_writer& json, std::string_view name, const raft::replica_set& ids) {
  json.key(name).open_array();
  for (const auto one : ids)
    json.whole(one.value);
  json.close_array();
}

void put_members(json_writer& json, const raft::configuration& of) {
  put_ids(json, "voters", of.voters);
  put_ids(json, "outgoing", of.outgoing);
  put_ids(json, "learners", of.learners);
  put_ids(json, "learners_next", of.learners_next);
}

std::string_view word_of(raft::role role) {
  switch (role) {
    case raft::role::follower: return "F";
    case raft::role::pre_candidate: return "P";
    case raft::role::candidate: return "C";
    case raft::role::leader: return "L";
  }
  return "?";
}

std::string_view word_of(raft::progress_state state) {
  switch (state) {
    case raft::progress_state::probe: return "Probe";
    case raft::progress_state::replicate: return "Replicate";
    case raft::progress_state::snapshot: return "Snapshot";
  }
  return "?";
}

void put_progress(json_writer& json, const std::vector<raft::progress_status>& all) {
  json.key("progress").open_object();
  for (const auto& one : all) {
    json.key(std::to_string(one.which.value)).open_object();
    json.key("state").text(word_of(one.state));
    json.key("match").whole(one.match.value);
    json.key("next").whole(one.next.value);
    json.key("paused").boolean(one.paused);
    json.key("inflight").whole(one.inflight);
    json.key("pending").whole(one.pending_snapshot.value);
    json.close_object();
  }
  json.close_object();
}

std::string words_of(const raft::configuration_change& change) {
  std::string text;
  for (const auto& step : change.steps) {
    switch (step.kind) {
      case raft::change_kind::add_voter: text += 'v'; break;
      case raft::change_kind::add_learner: text += 'l'; break;
      case raft::change_kind::remove: text += 'r'; break;
      case raft::change_kind::add_witness: text += 'w'; break;
    }
    text += std::to_string(step.which.value) + ' ';
  }
  switch (change.mode) {
    case raft::change_mode::automatic: return text + "auto";
    case raft::change_mode::joint: return text + "joint";
    case raft::change_mode::simple: return text + "simple";
    case raft::change_mode::leave: return text + "leave";
  }
  return text;
}

/// The column that carries what a reader of the wire wants to recognise.
void put_context(json_writer& json, const raft::message& one, const context_words& contexts) {
  const bool of_read
    = one.kind == raft::message_kind::read || one.kind == raft::message_kind::read_response;
  if (of_read)
    json.text(contexts.word_of(one.context));
  else
    json.whole(one.context);
}

} // namespace

std::string ok() {
  return R"({"ok":true})";
}

std::string error(std::string_view what) {
  json_writer json;
  json.open_object().key("error").text(what).close_object();
  return std::move(json).take();
}

std::string proposed(const raft::proposal& became) {
  json_writer json;
  json.open_object();
  if (const auto* done = std::get_if<raft::appended>(&became)) {
    json.key("index").whole(done->index.value);
    json.key("term").whole(done->term.value);
  } else {
    const bool sent_on = std::holds_alternative<raft::forwarded>(became);
    json.key(sent_on ? "forwarded" : "dropped").boolean(true);
  }
  json.close_object();
  return std::move(json).take();
}

std::string state(node& of, const context_words& contexts) {
  const auto now = of.peer()->status();
  json_writer json;
  json.open_object();
  json.key("id").whole(of.id().value);
  json.key("role").text(word_of(now.role));
  json.key("term").whole(now.term.value);
  json.key("vote").whole(now.vote.value);
  json.key("lead").whole(now.leader.value);
  json.key("commit").whole(now.commit.value);
  json.key("applied").whole(now.applied.value);
  json.key("first").whole(now.first.value);
  json.key("last").whole(now.last.value);
  json.key("lastterm").whole(now.last_term.value);
  put_members(json, now.members);
  json.key("pending_conf").whole(now.pending_change.value);
  json.key("transferee").whole(now.transferee.value);
  put_progress(json, now.progress);
  json.key("reads").open_array();
  for (const auto& read : of.reads()) {
    json.open_array().text(contexts.word_of(read.context));
    json.whole(read.index.value).close_array();
  }
  json.close_array();
  json.key("dropped").whole(of.dropped);
  json.key("pending_reads").whole(now.pending_reads + of.unserved_reads());
  json.key("uncommitted").whole(now.uncommitted_bytes);
  json.key("failed").boolean(now.failed);
  json.close_object();
  return std::move(json).take();
}

std::string log(const raft::peer& of) {
  const auto now = of.status();
  json_writer json;
  json.open_array();
  for (const auto& one : of.log_entries(now.first, now.last)) {
    const bool is_change = one.kind == raft::entry_kind::configuration;
    const std::string_view bytes = one.data ? std::string_view{*one.data} : std::string_view{};
    json.open_array();
    json.whole(one.index.value).whole(one.term.value);
    json.text(is_change ? "conf" : "normal");
    if (const auto change = raft::decode_change(bytes); is_change && change)
      json.text(words_of(*change));
    else
      json.text(bytes);
    json.close_array();
  }
  json.close_array();
  return std::move(json).take();
}

std::string wire(const std::vector<raft::message>& messages, const context_words& contexts) {
  json_writer json;
  json.open_array();
  for (const auto& one : messages) {
    // A grant repeats what it was asked, a refusal adds what is committed: the wire's rows are
    // about the vote alone.
    const bool is_vote = one.kind == raft::message_kind::vote_response
                         || one.kind == raft::message_kind::prevote_response;
    json.open_array();
    json.text(raft_drive::word_of(one.kind));
    json.whole(one.from.value).whole(one.to.value).whole(one.term.value);
    json.whole(is_vote ? 0 : one.index.value).whole(is_vote ? 0 : one.log_term.value);
    json.whole(one.commit.value).whole(one.entries.size()).boolean(one.reject);
    json.whole(one.hint.value).whole(one.hint_term.value);
    put_context(json, one, contexts);
    json.close_array();
  }
  json.close_array();
  return std::move(json).take();
}

std::string members(const raft::configuration& of) {
  json_writer json;
  json.open_object();
  put_members(json, of);
  json.close_object();
  return std::move(json).take();
}

} // namespace grape::raft_drive::answers
