#pragma once

#include "core/request/read.hpp"
#include "core/request/write.hpp"
#include "net/http/json_writer.hpp"

/// Answers about points as Qdrant prints them. Each writes one JSON value.
namespace grape::http {

void write_id(json_writer& out, const point_id& id);

/// A string or a number.
void write_key(json_writer& out, const shard_key& key);

/// The member `shard_key` where there is one.
void write_shard_key(json_writer& out, const std::optional<shard_key>& key);
void write_vectors(json_writer& out, const named_vectors& vectors);
void write_record(json_writer& out, const record& point);
void write_scored(json_writer& out, const scored_record& point);

void write_scored_list(json_writer& out, const query_reply& found);   ///< A bare list.
void write_query_reply(json_writer& out, const query_reply& found);   ///< `{"points": [...]}`
void write_scored_lists(json_writer& out, const query_batch_reply& found);
void write_query_replies(json_writer& out, const query_batch_reply& found);
void write_groups(json_writer& out, const query_groups_reply& found); ///< `{"groups": [...]}`
void write_matrix_pairs(json_writer& out, const matrix_reply& found);
void write_matrix_offsets(json_writer& out, const matrix_reply& found);
void write_scroll_reply(json_writer& out, const scroll_reply& page);
void write_count_reply(json_writer& out, const count_reply& counted);

void write_facet_reply(json_writer& out, const facet_reply& counted);
void write_records(json_writer& out, const retrieve_reply& found);

void write_receipt_of(json_writer& out, const write_receipt& receipt);
/// The only receipt of a request with one operation.
void write_single_receipt(json_writer& out, const write_receipts& receipts);
void write_receipt_list(json_writer& out, const write_receipts& receipts);

/// Members of the envelope: how many replicas have a write that waited in vain for more of them.
void write_copies(json_writer& out, const write_receipts& receipts);

void write_explanation(json_writer& out, const explanation& how);

} // namespace grape::http
