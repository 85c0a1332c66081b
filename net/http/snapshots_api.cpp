#include "net/http/decoding.hpp"
#include "net/http/encode_collection.hpp"
#include "net/http/encode_snapshots.hpp"
#include "net/http/handlers.hpp"
#include "net/http/remote_snapshots.hpp"

#include "core/archive/snapshot_names.hpp"

#include <charconv>

namespace grape::http {

namespace {

/// Whose snapshots the path means. Nothing: refused already.
std::optional<snapshot_owner> owner_in(const call& from) {
  snapshot_owner owner;
  if (!from.collection.empty())
    owner.collection = from.collection;
  if (from.shard.empty())
    return owner;
  std::uint32_t number = 0;
  const auto* end = from.shard.data() + from.shard.size();
  const auto read = std::from_chars(from.shard.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) {
    from.answer->refuse(
      {errc::malformed,
       "Deserialize error in path parameters: can not parse \"" + from.shard + "\" to a u32"});
    return std::nullopt;
  }
  owner.shard = number;
  return owner;
}

/// `wait` of snapshots is true unless said otherwise. Nothing: refused already.
std::optional<bool> waits(call& from) {
  const auto query = query_string::parse(from.query);
  if (!query) {
    from.answer->refuse(query.error());
    return std::nullopt;
  }
  const auto text = query->find("wait");
  const auto wait = query->flag("wait");
  if (!wait) {
    from.answer->refuse(wait.error());
    return std::nullopt;
  }
  return !text || text->empty() || *wait;
}

/// Asks, and answers with what came, or, without `wait`, at once.
template <class Request, class Reply>
void ask_for(call& from, Request asked, void (*write)(json_writer&, const Reply&)) {
  const auto wait = waits(from);
  if (!wait)
    return;
  if (*wait)
    return from.house.ask(std::move(asked), reply_with(from, write));
  from.house.ask(std::move(asked), [](const outcome<Reply>&) {});
  from.answer->accept();
}

/// Another node asks, which asks each for its own.
bool asks_for_this_node(const call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return false;
  const auto told = query->flag(only_here_parameter);
  return told && *told;
}

outcome<response> content_of(const outcome<snapshot_file>& found, const std::string& name) {
  if (!found)
    return found.error();
  auto file = body_file::open(found->path, name);
  if (!file)
    return std::move(file).error();
  response whole;
  whole.content_type = "application/octet-stream";
  whole.file = std::make_shared<const body_file>(*std::move(file));
  return whole;
}

recover_snapshot_request read_recover(const node& of) {
  recover_snapshot_request asked;
  if (const auto location = of.need("location"))
    asked.location = location->text();
  if (const auto key = of.field("api_key"))
    asked.api_key = key->text();
  if (const auto priority = of.field("priority"))
    (void)priority->variant({"no_sync", "snapshot", "replica"});
  if (const auto checksum = of.field("checksum")) {
    asked.checksum = checksum->text();
    if (!archive::is_sha256_text(asked.checksum))
      checksum->broken_rule("invalid_sha256_hash");
  }
  if (of.is(json::kind::object) && asked.location.empty())
    of.refuse(errc::bad_request, "Invalid snapshot URI: relative URL without a base");
  return asked;
}

} // namespace

void list_snapshots(call& from) {
  if (const auto owner = owner_in(from))
    from.house.ask(list_snapshots_request{*owner, asks_for_this_node(from)},
                   reply_with(from, write_snapshots));
}

void make_snapshot(call& from) {
  if (const auto owner = owner_in(from))
    ask_for(from, make_snapshot_request{*owner}, write_snapshot);
}

void delete_snapshot(call& from) {
  if (const auto owner = owner_in(from))
    ask_for(from, delete_snapshot_request{*owner, from.tail, asks_for_this_node(from)},
            write_changed);
}

void download_snapshot(call& from) {
  const auto owner = owner_in(from);
  if (!owner)
    return;
  from.house.ask(find_snapshot_request{*owner, from.tail, asks_for_this_node(from)},
                 [answer = from.answer, name = from.tail](const outcome<snapshot_file>& found) {
                   if (auto whole = content_of(found, name))
                     answer->send(*std::move(whole));
                   else
                     answer->refuse(whole.error());
                 });
}

/// The file is deleted as soon as it is open: whoever reads it keeps what is in it, and a reader
/// that goes leaves nothing behind.
void stream_snapshot(call& from) {
  const auto owner = owner_in(from);
  if (!owner)
    return;
  auto& house = from.house;
  house.ask(
    make_snapshot_request{*owner},
    [&house, answer = from.answer, of = *owner](const outcome<snapshot_description>& made) {
      if (!made)
        return answer->refuse(made.error());
      house.ask(
        find_snapshot_request{of, made->name, true},
        [&house, answer, of, name = made->name](const outcome<snapshot_file>& found) {
          auto whole = std::make_shared<outcome<response>>(content_of(found, name));
          house.ask(delete_snapshot_request{of, name, true},
                    [answer, whole](const outcome<changed>& deleted) {
                      if (!*whole)
                        answer->refuse(whole->error());
                      else if (!deleted)
                        answer->refuse(deleted.error());
                      else
                        answer->send(std::move(**whole));
                    });
        });
    });
}

void recover_snapshot(call& from) {
  auto asked = decode_body<recover_snapshot_request>(from.body, {}, read_recover);
  if (!asked)
    return from.answer->refuse(asked.error());
  const auto owner = owner_in(from);
  if (!owner)
    return;
  asked->collection = from.collection;
  asked->shard = owner->shard;
  ask_for(from, *std::move(asked), write_changed);
}

void upload_snapshot(call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return from.answer->refuse(query.error());
  const auto checksum = query->find("checksum").value_or("");
  if (!checksum.empty() && !archive::is_sha256_text(checksum))
    return from.answer->refuse({errc::invalid,
                                "Validation error in query parameters: [checksum: Validation"
                                " error: invalid_sha256_hash [{}]]"});
  const auto owner = owner_in(from);
  if (!owner)
    return;
  if (!from.received)
    return from.answer->refuse({errc::malformed, "Multipart error: there is no field `snapshot`"});
  ask_for(from,
          recover_snapshot_request{.collection = from.collection,
                                   .location = {},
                                   .uploaded = from.received->path(),
                                   .api_key = {},
                                   .checksum = std::string(checksum),
                                   .shard = owner->shard,
                                   .keeps = from.received},
          write_changed);
}

} // namespace grape::http
