#include "core/query/facet.hpp"

#include "core/payload/path.hpp"

#include <algorithm>
#include <utility>

namespace grape::query {

namespace {

bool is_counted(const field_schema& index) {
  switch (index.type) {
    case field_type::keyword:
    case field_type::boolean:
    case field_type::uuid: return true;
    case field_type::integer: {
      const auto* lookup = index.params ? index.params->find("lookup") : nullptr;
      return lookup == nullptr || *lookup != payload::value{false};
    }
    case field_type::floating:
    case field_type::datetime:
    case field_type::geo:
    case field_type::text: return false;
  }
  return false;
}

std::string canonical(const std::string& field) {
  const auto parsed = payload::path::parse(field);
  return parsed ? parsed->text() : field;
}

/// The most frequent first; equally frequent ones by value.
bool comes_before(const facet_hit& a, const facet_hit& b) {
  return a.count != b.count ? a.count > b.count : a.value < b.value;
}

} // namespace

status can_be_counted(const std::string& field, const collection_schema& schema) {
  const auto wanted = canonical(field);
  for (const auto& [name, index] : schema.fields)
    if (canonical(name) == wanted && is_counted(index))
      return {};
  return {errc::bad_request,
          "No appropriate index for faceting: `" + field
              + "`. Please create one to facet on this field. Check "
                "https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which "
                "payload schemas support Match conditions"};
}

facet_reply merge(std::vector<shard::shard_facet> shards, std::uint64_t limit) {
  facet_reply reply;
  for (auto& shard : shards)
    std::move(shard.hits.begin(), shard.hits.end(), std::back_inserter(reply.hits));
  if (shards.size() > 1) {
    std::sort(reply.hits.begin(), reply.hits.end(),
              [](const auto& a, const auto& b) { return a.value < b.value; });
    auto last = reply.hits.begin();
    for (auto at = reply.hits.begin(); at != reply.hits.end(); ++at) {
      if (at == last)
        continue;
      if (at->value == last->value)
        last->count += at->count;
      else if (++last != at)
        *last = std::move(*at);
    }
    if (last != reply.hits.end())
      reply.hits.erase(last + 1, reply.hits.end());
    std::sort(reply.hits.begin(), reply.hits.end(), comes_before);
  }
  if (reply.hits.size() > limit)
    reply.hits.resize(limit);
  return reply;
}

} // namespace grape::query
