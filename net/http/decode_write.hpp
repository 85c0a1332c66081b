#pragma once

#include "core/outcome.hpp"
#include "core/request/write.hpp"

#include <optional>
#include <string>
#include <vector>

/// Bodies that change points. Each decoder takes the body of its own endpoint; the body may be
/// changed on the way. Errors: malformed, invalid (complete texts), bad_request.
namespace grape::http {

/// An operation, and the keys that it is about.
struct keyed_operation {
  write_operation operation;
  std::optional<shard_key_selector> keys{};
};

/// PUT points: a list of points, or columns (`batch`).
outcome<keyed_operation> decode_upsert(std::string& body);

/// POST points/delete and points/payload/clear: `points` or `filter`.
outcome<keyed_operation> decode_delete(std::string& body);
outcome<keyed_operation> decode_clear_payload(std::string& body);

/// POST (merge) or PUT (overwrite) points/payload.
outcome<keyed_operation> decode_set_payload(std::string& body, bool overwrite);

/// POST points/payload/delete.
outcome<keyed_operation> decode_delete_payload(std::string& body);

/// PUT points/vectors and POST points/vectors/delete.
outcome<keyed_operation> decode_update_vectors(std::string& body);
outcome<keyed_operation> decode_delete_vectors(std::string& body);

/// POST points/batch: operations in order.
outcome<std::vector<keyed_operation>> decode_write_batch(std::string& body);

} // namespace grape::http
