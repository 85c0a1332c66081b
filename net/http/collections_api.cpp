#include "net/http/decode_collection.hpp"
#include "net/http/encode_collection.hpp"
#include "net/http/encode_points.hpp"
#include "net/http/handlers.hpp"

#include "core/payload/path.hpp"

namespace grape::http {

namespace {

/// The `timeout` of a change to collections: checked, and otherwise left to the house.
status check_timeout(const call& from) {
  const auto query = query_string::parse(from.query);
  return query ? query->check_timeout() : query.error();
}

outcome<write_options> options_of(const call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return query.error();
  auto options = query->for_write();
  if (options && options->ack != write_ack::collection_default)
    return status{errc::bad_request, "an index is a change of the collection, which is always "
                                     "committed: `ack` is for points only"};
  return options;
}

} // namespace

void list_collections(call& from) {
  from.house.ask(list_collections_request{},
                 [answer = from.answer, grant = from.grant](outcome<collection_names> got) {
                   if (!got)
                     return answer->refuse(got.error());
                   std::erase_if(got->names,
                                 [&grant](const auto& name) { return !may_see(grant, name); });
                   answer->succeed([&](json_writer& out) { write_collection_names(out, *got); });
                 });
}

void describe_collection(call& from) {
  from.house.ask(describe_collection_request{from.collection},
                 reply_with(from, write_collection));
}

void collection_exists(call& from) {
  from.house.ask(collection_exists_request{from.collection}, reply_with(from, write_exists));
}

void create_collection(call& from) {
  auto options = decode_create_collection(from.body, from.options.collections);
  if (!options)
    return from.answer->refuse(options.error());
  if (const auto good = check_timeout(from); !good.ok())
    return from.answer->refuse(good);
  from.house.ask(create_collection_request{from.collection, *std::move(options)},
                 reply_with(from, write_changed));
}

void update_collection(call& from) {
  auto changes = decode_update_collection(from.body);
  if (!changes)
    return from.answer->refuse(changes.error());
  if (const auto good = check_timeout(from); !good.ok())
    return from.answer->refuse(good);
  from.house.ask(update_collection_request{from.collection, *std::move(changes)},
                 reply_with(from, write_fulfilled));
}

void delete_collection(call& from) {
  if (const auto good = check_timeout(from); !good.ok())
    return from.answer->refuse(good);
  from.house.ask(delete_collection_request{from.collection}, reply_with(from, write_changed));
}

void list_aliases(call& from) {
  from.house.ask(list_aliases_request{}, reply_with(from, write_aliases));
}

void list_collection_aliases(call& from) {
  from.house.ask(list_aliases_request{from.collection}, reply_with(from, write_aliases));
}

void change_aliases(call& from) {
  auto actions = decode_change_aliases(from.body);
  if (!actions)
    return from.answer->refuse(actions.error());
  if (const auto good = check_timeout(from); !good.ok())
    return from.answer->refuse(good);
  from.house.ask(*std::move(actions), reply_with(from, write_changed));
}

void create_field_index(call& from) {
  auto wanted = decode_create_field_index(from.body);
  if (!wanted)
    return from.answer->refuse(wanted.error());
  const auto options = options_of(from);
  if (!options)
    return from.answer->refuse(options.error());
  wanted->collection = from.collection;
  wanted->write = *options;
  from.house.ask(*std::move(wanted), reply_with(from, write_receipt_of));
}

void delete_field_index(call& from) {
  if (const auto field = payload::path::parse(from.tail); !field)
    return from.answer->refuse(
      {errc::malformed, "Deserialize error in path parameters: " + field.error().detail});
  const auto options = options_of(from);
  if (!options)
    return from.answer->refuse(options.error());
  from.house.ask(delete_field_index_request{from.collection, from.tail, *options},
                 reply_with(from, write_receipt_of));
}

void create_vector(call& from) {
  auto what = decode_create_vector(from.body, from.tail);
  if (!what)
    return from.answer->refuse(what.error());
  const auto options = options_of(from);
  if (!options)
    return from.answer->refuse(options.error());
  from.house.ask(create_vector_request{from.collection, from.tail, *std::move(what), *options},
                 reply_with(from, write_receipt_of));
}

void delete_vector(call& from) {
  const auto options = options_of(from);
  if (!options)
    return from.answer->refuse(options.error());
  from.house.ask(delete_vector_request{from.collection, from.tail, *options},
                 reply_with(from, write_receipt_of));
}

} // namespace grape::http
