#include "net/http/decoding.hpp"
#include "net/http/encode_snapshots.hpp"
#include "net/http/encode_storage.hpp"
#include "net/http/handlers.hpp"

namespace grape::http {

namespace {

constexpr std::uint32_t short_ms = 60'000;
constexpr std::uint32_t long_ms = 600'000; ///< Of what reads or writes all that there is.
constexpr std::uint64_t timeout_s_max = 86'400;

std::uint32_t patience_of(storage_verb verb) {
  switch (verb) {
    case storage_verb::size:
    case storage_verb::flush:
    case storage_verb::sync:
    case storage_verb::list_checkpoints:
    case storage_verb::read_checkpoint:
    case storage_verb::usage: return short_ms;
    case storage_verb::compact:
    case storage_verb::warm:
    case storage_verb::digest:
    case storage_verb::checkpoint:
    case storage_verb::delete_checkpoint: return long_ms;
  }
  return short_ms;
}

/// `?collection=` and `?timeout=`.
outcome<storage_request> request_of(storage_verb verb, std::string_view text) {
  const auto query = query_string::parse(text);
  if (!query)
    return query.error();
  const auto seconds = query->whole("timeout");
  if (!seconds)
    return seconds.error();
  storage_request asked;
  asked.verb = verb;
  asked.collection = query->find("collection").value_or("");
  asked.timeout_ms = patience_of(verb);
  if (!*seconds)
    return asked;
  if (**seconds == 0 || **seconds > timeout_s_max)
    return status{errc::invalid, "timeout: value " + std::to_string(**seconds)
                                     + " invalid, must be from 1 to 86400"};
  asked.timeout_ms = static_cast<std::uint32_t>(**seconds * 1'000);
  return asked;
}

/// A report of a verb that was not done everywhere is told all the same, beside the reason.
void ask_for(call& from, storage_request asked,
             void (*write)(json_writer&, const storage_report&)) {
  from.house.ask(std::move(asked), [answer = from.answer, write](outcome<storage_report> done) {
    if (!done)
      return answer->refuse(done.error());
    const auto verdict = done->verdict();
    const auto result = [&](json_writer& out) { write(out, *done); };
    if (verdict.ok())
      answer->succeed(result);
    else
      answer->fail_partly(verdict, result);
  });
}

void ask_for(call& from, storage_verb verb) {
  auto asked = request_of(verb, from.query);
  if (!asked)
    return from.answer->refuse(asked.error());
  asked->checkpoint = from.tail;
  ask_for(from, *std::move(asked), write_report);
}

std::string optional_text(const node& of, std::string_view key) {
  const auto member = of.field(key);
  return member ? member->text() : std::string{};
}

} // namespace

void tell_storage_size(call& from) {
  ask_for(from, storage_verb::size);
}

void flush_storage(call& from) {
  ask_for(from, storage_verb::flush);
}

void sync_storage(call& from) {
  ask_for(from, storage_verb::sync);
}

void compact_storage(call& from) {
  ask_for(from, storage_verb::compact);
}

void warm_storage(call& from) {
  ask_for(from, storage_verb::warm);
}

void digest_storage(call& from) {
  ask_for(from, storage_verb::digest);
}

void make_checkpoint(call& from) {
  auto asked = request_of(storage_verb::checkpoint, from.query);
  if (!asked)
    return from.answer->refuse(asked.error());
  if (!from.body.empty()) {
    const auto name = decode_body<std::string>(from.body, {}, [](const node& body) {
      return body.expect_object() ? optional_text(body, "name") : std::string{};
    });
    if (!name)
      return from.answer->refuse(name.error());
    asked->checkpoint = *name;
  }
  ask_for(from, *std::move(asked), write_report);
}

void list_checkpoints(call& from) {
  const auto asked = request_of(storage_verb::list_checkpoints, from.query);
  if (!asked)
    return from.answer->refuse(asked.error());
  ask_for(from, *asked, write_checkpoints);
}

void delete_checkpoint(call& from) {
  ask_for(from, storage_verb::delete_checkpoint);
}

void back_up(call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return from.answer->refuse(query.error());
  make_snapshot_request asked;
  if (const auto collection = query->find("collection"); collection && !collection->empty())
    asked.of.collection = *collection;
  from.house.ask(std::move(asked), reply_with(from, write_snapshot));
}

void restore_storage(call& from) {
  auto asked = decode_body<restore_request>(from.body, {}, [](const node& body) {
    restore_request of;
    if (!body.expect_object())
      return of;
    of.checkpoint = optional_text(body, "checkpoint");
    of.backup = optional_text(body, "backup");
    of.collection = optional_text(body, "collection");
    of.as = optional_text(body, "as");
    return of;
  });
  if (!asked)
    return from.answer->refuse(asked.error());
  if (!asked->as.empty())
    if (const auto named = check_collection_name(asked->as, name_rule::strict); !named.ok())
      return from.answer->refuse(named);
  from.house.ask(*std::move(asked), reply_with(from, write_restored));
}

} // namespace grape::http
