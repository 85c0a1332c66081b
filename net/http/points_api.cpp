#include "net/http/decode_write.hpp"
#include "net/http/encode_points.hpp"
#include "net/http/handlers.hpp"

namespace grape::http {

namespace {

void write_operations(call& from, outcome<std::vector<keyed_operation>> operations,
                      void (*write)(json_writer&, const write_receipts&)) {
  if (!operations)
    return from.answer->refuse(operations.error());
  const auto query = query_string::parse(from.query);
  if (!query)
    return from.answer->refuse(query.error());
  const auto options = query->for_write();
  if (!options)
    return from.answer->refuse(options.error());
  write_request asked{from.collection, {}, *options};
  for (auto& [operation, keys] : *operations) {
    asked.operations.push_back(std::move(operation));
    asked.keys.push_back(std::move(keys));
  }
  from.house.ask(std::move(asked),
                 [answer = from.answer, write](outcome<write_receipts> got) {
                   if (!got)
                     return answer->refuse(got.error());
                   answer->succeed([&](json_writer& out) { write(out, *got); },
                                   [&](json_writer& out) { write_copies(out, *got); });
                 });
}

void write_one(call& from, outcome<keyed_operation> operation) {
  if (!operation)
    return from.answer->refuse(operation.error());
  std::vector<keyed_operation> operations;
  operations.push_back(*std::move(operation));
  write_operations(from, std::move(operations), write_single_receipt);
}

} // namespace

void upsert_points(call& from) {
  write_one(from, decode_upsert(from.body));
}

void remove_points(call& from) {
  write_one(from, decode_delete(from.body));
}

void merge_payload(call& from) {
  write_one(from, decode_set_payload(from.body, false));
}

void overwrite_payload(call& from) {
  write_one(from, decode_set_payload(from.body, true));
}

void remove_payload(call& from) {
  write_one(from, decode_delete_payload(from.body));
}

void empty_payload(call& from) {
  write_one(from, decode_clear_payload(from.body));
}

void replace_vectors(call& from) {
  write_one(from, decode_update_vectors(from.body));
}

void remove_vectors(call& from) {
  write_one(from, decode_delete_vectors(from.body));
}

void write_in_batch(call& from) {
  write_operations(from, decode_write_batch(from.body), write_receipt_list);
}

} // namespace grape::http
