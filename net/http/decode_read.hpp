#pragma once

#include "core/outcome.hpp"
#include "core/request/read.hpp"

#include <string>

/// Bodies that read points. The collection and the read options are left to the caller. Errors:
/// malformed, invalid (complete texts), bad_request.
namespace grape::http {

outcome<scroll_request> decode_scroll(std::string& body);
outcome<count_request> decode_count(std::string& body);
outcome<facet_request> decode_facet(std::string& body);
outcome<retrieve_request> decode_retrieve(std::string& body);

/// POST points/query and points/query/batch.
outcome<query_request> decode_query(std::string& body);
outcome<query_batch_request> decode_query_batch(std::string& body);

/// What clients up to 1.18 call: points/search, points/search/batch and points/recommend.
outcome<query_request> decode_search(std::string& body);
outcome<query_batch_request> decode_search_batch(std::string& body);
outcome<query_request> decode_recommend(std::string& body);

} // namespace grape::http
