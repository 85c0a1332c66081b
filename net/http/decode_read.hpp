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

/// POST points/query, points/query/batch and points/query/groups.
outcome<query_request> decode_query(std::string& body);
outcome<query_batch_request> decode_query_batch(std::string& body);
outcome<query_groups_request> decode_query_groups(std::string& body);

/// POST points/search/matrix/pairs and .../offsets.
outcome<matrix_request> decode_matrix(std::string& body);

/// What clients up to 1.18 call: points/search, points/recommend and points/discover, alone, as a
/// batch and in groups.
outcome<query_request> decode_search(std::string& body);
outcome<query_batch_request> decode_search_batch(std::string& body);
outcome<query_groups_request> decode_search_groups(std::string& body);
outcome<query_request> decode_recommend(std::string& body);
outcome<query_batch_request> decode_recommend_batch(std::string& body);
outcome<query_groups_request> decode_recommend_groups(std::string& body);
outcome<query_request> decode_discover(std::string& body);
outcome<query_batch_request> decode_discover_batch(std::string& body);

} // namespace grape::http
