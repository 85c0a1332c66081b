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
  const auto needs = matched.found == nullptr ? need::some_key : need_of(asked.method, endpoint);
  auto grant = needs == need::nothing
                 ? outcome<access_grant>{access_grant{}}
                 : admit(options_->keys, asked.api_key, options_->unix_s ? options_->unix_s() : 0);
  if (!grant)
    return answer->turn_away(grant.error());
  if (matched.found == nullptr)
    return answer->send(not_found());
  auto collection = percent_decode(matched.collection);
  if (!collection)
    return answer->refuse(unreadable_path(collection.error()));
  auto tail = percent_decode(matched.tail);
  if (!tail)
    return answer->refuse(unreadable_path(tail.error()));
  answer->is_about(*collection);
  if (const auto allowed = check_access(*grant, needs, *collection); !allowed.ok())
    return answer->refuse(allowed);
  if (!matched.collection.empty())
    if (const auto named = check_collection_name(*collection, matched.found->naming); !named.ok())
      return answer->refuse(named);
  serve(*matched.found, std::make_shared<call>(call{.house = *house_,
                                                    .options = *options_,
                                                    .collection = *std::move(collection),
                                                    .tail = *std::move(tail),
                                                    .shard = std::string(matched.shard),
                                                    .query = std::move(asked.query),
                                                    .body = std::move(asked.body),
                                                    .received = std::move(asked.received),
                                                    .content_type = std::move(asked.content_type),
                                                    .answer = std::move(answer),
                                                    .grant = *std::move(grant)}));
}

body_plan api::plan_body(const request& asked) const {
  body_plan plan;
  if (!options_->keys.any() && asked.path.find("/upload") == std::string::npos)
    return plan; // As nearly all are: no route need be looked for twice.
  const auto matched = match(asked.method, asked.path);
  const auto endpoint = matched.found == nullptr ? std::string_view{} : matched.found->path;
  const auto needs = matched.found == nullptr ? need::some_key : need_of(asked.method, endpoint);
  plan.to_file = matched.found != nullptr && matched.found->kind == route_kind::upload;
  if (needs == need::nothing || !options_->keys.any())
    return plan;
  exchange answer{options_, asked.method, endpoint,
                  [&plan](response refused) { plan.refused = std::move(refused); }};
  const auto grant
    = admit(options_->keys, asked.api_key, options_->unix_s ? options_->unix_s() : 0);
  const auto collection = percent_decode(matched.collection);
  if (!grant)
    answer.turn_away(grant.error());
  else if (const auto allowed = check_access(*grant, needs, collection ? *collection : "");
           collection && !allowed.ok())
    answer.refuse(allowed);
  else
    answer.forget();
  return plan;
}

/// A token may be good only as long as some point exists.
void api::serve(const route& found, std::shared_ptr<call> from) const {
  const auto go_on = [house = house_, &found](call& with) {
    if (found.kind == route_kind::read)
      if (const auto busy = house->refusal_of_reads(); !busy.ok())
        return with.answer->refuse(busy);
    found.serve(with);
  };
  const auto& claim = from->grant.must_exist;
  if (!claim)
    return go_on(*from);
  scroll_request looking;
  looking.collection = claim->collection;
  looking.limit = 1;
  looking.filter = claim->filter;
  looking.with_payload.wanted = payload_selector::mode::none;
  house_->ask(std::move(looking), [from, go_on](const outcome<scroll_reply>& there) {
    if (!there && there.error().code != errc::not_found)
      return from->answer->refuse(there.error());
    if (!there || there->points.empty())
      return from->answer->turn_away(
        {errc::unauthenticated, "Invalid JWT, stateful validation failed"});
    go_on(*from);
  });
}

} // namespace grape::http
