#include "net/http/api.hpp"

#include "core/check.hpp"
#include "net/http/routes.hpp"

namespace grape::http {

namespace {

status unreadable_path(const status& why) {
  return {errc::malformed, "Deserialize error in path parameters: " + why.detail};
}

/// As Qdrant answers an unknown path: nothing to read.
response not_found() {
  response out;
  out.status = 404;
  out.content_type = "text/plain";
  return out;
}

} // namespace

api::api(gateway_port& house, api_options options)
  : house_(&house)
  , options_(std::make_shared<const api_options>(std::move(options))) {
  GRAPE_CHECK(options_->now_s);
}

void api::handle(request asked, respond_fn respond) const {
  const auto matched = match(asked.method, asked.path);
  const auto endpoint = matched.found == nullptr ? std::string_view{} : matched.found->path;
  auto answer
    = std::make_shared<exchange>(options_, asked.method, endpoint, std::move(respond));
  if (matched.found == nullptr)
    return answer->send(not_found());
  if (matched.found->kind == route_kind::read)
    if (const auto busy = house_->refusal_of_reads(); !busy.ok())
      return answer->refuse(busy);
  auto collection = percent_decode(matched.collection);
  if (!collection)
    return answer->refuse(unreadable_path(collection.error()));
  auto tail = percent_decode(matched.tail);
  if (!tail)
    return answer->refuse(unreadable_path(tail.error()));
  if (!matched.collection.empty())
    if (const auto named = check_collection_name(*collection, matched.found->naming); !named.ok())
      return answer->refuse(named);
  answer->is_about(*collection);
  call from{.house = *house_,
            .options = *options_,
            .collection = *std::move(collection),
            .tail = *std::move(tail),
            .query = std::move(asked.query),
            .body = std::move(asked.body),
            .answer = std::move(answer)};
  matched.found->serve(from);
}

} // namespace grape::http
