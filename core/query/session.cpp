#include "core/query/session.hpp"

#include "core/request/durability.hpp"

#include "core/check.hpp"
#include "core/cluster/split.hpp"
#include "core/query/facet.hpp"
#include "core/query/merge_reads.hpp"
#include "core/query/prune.hpp"
#include "core/request/warnings.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace grape::query {

namespace {

/// The part of every answer that belongs to the question asked.
template <class Part>
std::vector<Part> parts_of(std::vector<shard::answer>& answers) {
  std::vector<Part> parts;
  parts.reserve(answers.size());
  for (auto& answer : answers)
    parts.push_back(std::move(std::get<Part>(answer.body)));
  return parts;
}

} // namespace

read_options options_of(const read_request& asked) {
  return std::visit(
    [](const auto& request) {
      if constexpr (requires { request.read; })
        return request.read;
      else
        return read_options{};
    },
    asked);
}

read_options options_of(const read_request& asked, const cluster::metadata& known) {
  auto options = options_of(asked);
  if (options.level != read_level::collection_default)
    return options;
  const auto& name
    = std::visit([](const auto& request) -> const auto& { return request.collection; }, asked);
  const auto* entry = known.find(name);
  if (entry != nullptr)
    options.level = default_level(entry->schema.options);
  if (options.level == read_level::collection_default)
    options.level = read_level::linearizable;
  return options;
}

read_session::read_session(read_request asked, std::shared_ptr<const cluster::metadata> known,
                           epoch of)
  : asked_(std::move(asked))
  , known_(std::move(known))
  , epoch_(of) {
}

read_session::step read_session::begin() {
  const auto& name
    = std::visit([](const auto& request) -> const auto& { return request.collection; }, asked_);
  if (auto found = find(name); !found.ok())
    return found;
  if (auto fits = check_level(options_of(asked_).level, entry_->schema.options); !fits.ok())
    return fits;
  auto scope = scope_of_read(*entry_, options_of(asked_).keys);
  if (!scope)
    return std::move(scope).error();
  scope_ = std::move(*scope);
  return std::visit([this](const auto& request) { return start(request); }, asked_);
}

read_session::step read_session::answered(std::vector<shard::answer> answers, budget left) {
  left_ = std::move(left);
  name_keys(answers);
  if (looking_up_) {
    looked_up(std::move(answers));
    return look_up_next();
  }
  if (!counting_for_.empty())
    return terms_counted(std::move(answers));
  if (is_looking_up_groups_)
    return groups_looked_up(std::move(answers));
  if (!items_.empty())
    return queries_answered(std::move(answers));
  return std::visit(
    [this, &answers](const auto& request) -> step {
      if constexpr (requires { finish(request, answers); })
        return finish(request, answers);
      check_failed("an answer to a question", __FILE__, __LINE__);
    },
    asked_);
}

status read_session::find(const std::string& collection) {
  const auto name = known_->resolve(collection);
  if (!name)
    return name.error();
  entry_ = known_->find_exact(*name);
  GRAPE_CHECK(entry_ != nullptr);
  return {};
}

read_session::step read_session::start(const scroll_request& asked) {
  if (asked.order) {
    if (asked.offset)
      return status{errc::bad_request, "Cannot use an `offset` when using `order_by`. The"
                                       " alternative for paging is to use `order_by.start_from`"
                                       " and a filter to exclude the IDs that you've already"
                                       " seen for the `order_by.start_from` value"};
    query_request query;
    query.query = order_by_query{*asked.order};
    query.filter = asked.filter;
    query.limit = asked.limit;
    query.with_payload = asked.with_payload;
    query.with_vectors = asked.with_vectors;
    return start_own(std::move(query));
  }
  return ask_all(shard::ask_page{{.from = asked.offset,
                                  .limit = asked.limit,
                                  .filter = asked.filter,
                                  .with_payload = asked.with_payload,
                                  .with_vectors = asked.with_vectors}});
}

read_session::step read_session::start(const count_request& asked) {
  return ask_all(shard::ask_count{asked.filter});
}

read_session::step read_session::start(const retrieve_request& asked) {
  if (asked.ids.empty())
    return retrieve_reply{};
  return ask_owners(*entry_, scope_, {asked.ids, asked.with_payload, asked.with_vectors});
}

read_session::step read_session::start(const describe_collection_request&) {
  return ask_all(shard::ask_figures{});
}

read_session::step read_session::start(const facet_request& asked) {
  if (auto counts = can_be_counted(asked.key, entry_->schema); !counts.ok())
    return counts;
  shard::ask_facet question{asked.key, asked.filter, asked.limit, shards_of(scope_).size() == 1};
  return ask_all(std::move(question));
}

read_session::step read_session::finish(const facet_request& asked,
                                        std::vector<shard::answer>& answers) {
  return merge(parts_of<shard::shard_facet>(answers), asked.limit);
}

read_session::step read_session::start(const export_request& asked) {
  const auto found = entry_->groups.find(shard_id{asked.shard});
  if (found == entry_->groups.end())
    return status{errc::bad_request,
                  "the collection has no shard " + std::to_string(asked.shard)};
  return std::vector{shard_ask{
    found->second, std::make_shared<const shard::question>(shard::ask_piece{asked.cursor})}};
}

read_session::step read_session::finish(const export_request&,
                                        std::vector<shard::answer>& answers) {
  auto& piece = std::get<shard::piece_of_state>(answers.at(0).body);
  return export_reply{std::move(piece.chunk), std::move(piece.cursor), piece.complete};
}

read_session::step read_session::finish(const scroll_request& asked,
                                        std::vector<shard::answer>& answers) {
  return merge(parts_of<shard::shard_page>(answers), asked.limit);
}

read_session::step read_session::finish(const count_request&,
                                        std::vector<shard::answer>& answers) {
  count_reply sum;
  for (const auto& part : parts_of<shard::shard_count>(answers))
    sum.count += part.count;
  return sum;
}

read_session::step read_session::finish(const retrieve_request& asked,
                                        std::vector<shard::answer>& answers) {
  std::vector<std::vector<record>> parts;
  for (auto& part : parts_of<shard::shard_records>(answers))
    parts.push_back(std::move(part.records));
  return retrieve_reply{merge(std::move(parts), asked.ids)};
}

read_session::step read_session::finish(const describe_collection_request&,
                                        std::vector<shard::answer>& answers) {
  collection_description told;
  told.schema = entry_->schema;
  told.warnings = warnings_about(told.schema.options);
  for (const auto& answer : answers) {
    const auto& part = std::get<shard::shard_figures>(answer.body);
    if (answer.indexing)
      told.health = collection_health::yellow;
    told.points += part.points;
    told.vectors += part.vectors;
    told.indexed_vectors += part.indexed_vectors;
    told.segments += part.segments;
    told.vector_bytes += part.vector_bytes;
    told.payload_bytes += part.payload_bytes;
    told.memory_bytes += part.memory_bytes;
    told.mapped_bytes += part.mapped_bytes;
    for (const auto& [field, points] : part.field_points)
      told.field_points[field] += points;
  }
  return told;
}

read_session::step read_session::ask_all(shard::question question) {
  const auto shards = shards_that_may_match(scope_, filters_of(question));
  const auto shared = std::make_shared<const shard::question>(std::move(question));
  shard_questions what;
  for (const auto shard : shards)
    what.emplace_back(shard, shared);
  return ask(*entry_, std::move(what), keys_of(scope_));
}

read_session::step read_session::ask_owners(const cluster::collection_entry& of,
                                            const cluster::shard_scope& scope,
                                            shard::ask_records wanted) {
  shard_questions what;
  const auto ids = std::exchange(wanted.ids, {});
  for (auto& [shard, mine] : cluster::split(ids, scope)) {
    auto part = wanted;
    part.ids = std::move(mine);
    what.emplace_back(shard, std::make_shared<const shard::question>(std::move(part)));
  }
  return ask(of, std::move(what), keys_of(scope));
}

/// Asks each shard its question. Where there is nobody to ask, nobody has anything.
read_session::step read_session::ask(const cluster::collection_entry& of, shard_questions what,
                                     const std::map<shard_id, const shard_key*>& keys) {
  std::vector<shard_ask> asks;
  shards_asked_.clear();
  keys_asked_.clear();
  for (auto& [shard, question] : what) {
    asks.push_back({of.groups.at(shard), std::move(question)});
    shards_asked_.push_back(shard);
    if (const auto key = keys.find(shard); key != keys.end())
      keys_asked_.push_back(key->second);
  }
  if (asks.empty())
    return answered({}, left_);
  return asks;
}

/// Each record says under which key it was found.
void read_session::name_keys(std::vector<shard::answer>& answers) const {
  if (keys_asked_.empty())
    return;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& key = *keys_asked_.at(i);
    if (auto* page = std::get_if<shard::shard_page>(&answers[i].body))
      for (auto& record : page->records)
        record.key = key;
    else if (auto* found = std::get_if<shard::shard_records>(&answers[i].body))
      for (auto& record : found->records)
        record.key = key;
    else if (auto* hits = std::get_if<std::vector<shard::shard_hits>>(&answers[i].body))
      for (auto& part : *hits)
        for (auto& hit : part.hits)
          hit.point.key = key;
  }
}

} // namespace grape::query
