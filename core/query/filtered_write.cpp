#include "core/query/filtered_write.hpp"

#include "core/check.hpp"
#include "core/query/prune.hpp"
#include "core/request/durability.hpp"
#include "core/request/existence.hpp"
#include "core/request/validate.hpp"
#include "core/shard/command.hpp"

#include <algorithm>
#include <utility>

namespace grape::query {

namespace {

/// How an operation chooses its points; null where it names each of them itself.
template <class Operation>
auto* selector_of(Operation& operation) {
  return std::visit(
      [](auto& kind) {
        using selector =
            std::conditional_t<std::is_const_v<Operation>, const point_selector, point_selector>;
        if constexpr (requires(point_selector & of) { of = kind.points; })
          return static_cast<selector*>(&kind.points);
        else
          return static_cast<selector*>(nullptr);
      },
      operation);
}

const payload::filter* filter_of(const write_operation& operation) {
  const auto* chosen = selector_of(operation);
  return chosen != nullptr ? std::get_if<payload::filter>(chosen) : nullptr;
}

/// Of the operation in this place.
std::optional<shard_key_selector> key_of(const write_request& asked, std::size_t place) {
  return place < asked.keys.size() ? asked.keys[place] : std::nullopt;
}

std::string encoded(const collection_schema& schema, std::vector<write_operation> operations) {
  return shard::encode(shard::write_points{schema.version, std::move(operations)});
}

} // namespace

bool chooses_by_filter(const std::vector<write_operation>& operations) {
  return std::any_of(operations.begin(), operations.end(),
                     [](const auto& one) { return filter_of(one) != nullptr; });
}

filtered_write::filtered_write(write_request asked, collection_id collection,
                               std::uint64_t now_ms, filtered_write_limits limits)
  : request_(std::move(asked))
  , collection_(collection)
  , began_ms_(now_ms)
  , limits_(limits) {}

filtered_write::step filtered_write::next(const cluster::collection_entry* now,
                                          std::uint64_t now_ms) {
  if (now == nullptr || now->id != collection_)
    fail({errc::not_found, "the collection was deleted meanwhile"});
  else if (!std::all_of(cursors_.begin(), cursors_.end(),
                        [now](const cursor& one) { return now->groups.contains(one.shard); }))
    fail({errc::not_found, "the shard key was deleted meanwhile"});
  while (failed_.ok() && at_ < request_.operations.size()) {
    if (filter_of(request_.operations[at_]) == nullptr) {
      if (auto made = plain_operations(*now))
        return propose(std::move(*made), *now, now_ms);
      continue;
    }
    if (cursors_.empty() && !find_cursors(*now))
      break;
    if (auto made = chunks(*now))
      return propose(std::move(*made), *now, now_ms);
    if (auto asks = pages(*now); !asks.empty())
      return asks;
    cursors_.clear();
    ++at_;
  }
  return receipt();
}

/// The shards that the operation by filter under way is about. False: it has failed.
bool filtered_write::find_cursors(const cluster::collection_entry& now) {
  const auto scope = scope_of_write(now, key_of(request_, at_));
  if (!scope) {
    fail(scope.error());
    return false;
  }
  const std::optional<payload::filter> wanted{*filter_of(request_.operations[at_])};
  for (const auto shard : shards_that_may_match(*scope, {&wanted}))
    cursors_.push_back({shard, {}, false, {}, {}, 0});
  return true;
}

/// Everything up to the next operation by filter, as one batch.
std::optional<filtered_write::proposals>
filtered_write::plain_operations(const cluster::collection_entry& now) {
  std::vector<write_operation> some;
  std::vector<cluster::shard_scope> scopes;
  const auto& all = request_.operations;
  for (; at_ < all.size() && filter_of(all[at_]) == nullptr; ++at_) {
    auto scope = scope_of_write(now, key_of(request_, at_));
    if (!scope) {
      fail(scope.error());
      return std::nullopt;
    }
    some.push_back(std::move(request_.operations[at_]));
    scopes.push_back(std::move(*scope));
  }
  proposals made;
  for (auto& [shard, mine] : dealt(std::move(some), scopes))
    made.parts.push_back({now.groups.at(shard), encoded(now.schema, std::move(mine))});
  return made.parts.empty() ? std::nullopt : std::optional{std::move(made)};
}

/// The next chunk of each shard's page.
std::optional<filtered_write::proposals>
filtered_write::chunks(const cluster::collection_entry& now) {
  proposals made;
  for (auto& one : cursors_) {
    const auto count = std::min(limits_.chunk, one.ids.size() - one.proposed);
    if (count == 0)
      continue;
    const auto first = one.ids.begin() + static_cast<std::ptrdiff_t>(one.proposed);
    auto part = request_.operations[at_];
    *selector_of(part) =
        unchanged_points{{first, first + static_cast<std::ptrdiff_t>(count)}, *one.as_of};
    one.proposed += count;
    made.parts.push_back({now.groups.at(one.shard), encoded(now.schema, {std::move(part)})});
  }
  return made.parts.empty() ? std::nullopt : std::optional{std::move(made)};
}

/// Questions for the next page of those shards that have one.
std::vector<shard_ask> filtered_write::pages(const cluster::collection_entry& now) {
  std::vector<shard_ask> asks;
  asked_.clear();
  for (std::size_t i = 0; i < cursors_.size(); ++i) {
    auto& one = cursors_[i];
    if (one.complete)
      continue;
    asked_.push_back(i);
    asks.push_back({now.groups.at(one.shard),
                    std::make_shared<const shard::question>(
                        shard::ask_page{{.from = one.from,
                                         .limit = limits_.page,
                                         .filter = *filter_of(request_.operations[at_]),
                                         .with_payload = {},
                                         .with_vectors = {}}})});
  }
  return asks;
}

void filtered_write::answered(outcome<std::vector<shard::answer>> answers) {
  if (!answers)
    return fail(answers.error());
  GRAPE_CHECK(answers->size() == asked_.size());
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    auto& one = cursors_[asked_[i]];
    const auto& answer = (*answers)[i];
    const auto& page = std::get<shard::shard_page>(answer.body);
    if (!one.as_of)
      one.as_of = answer.applied;
    so_far_.operation_id = std::max(so_far_.operation_id, one.as_of->value);
    one.ids.clear();
    one.proposed = 0;
    for (const auto& record : page.records)
      if (record.version <= one.as_of->value)
        one.ids.push_back(record.id);
    one.from = page.next;
    one.complete = !page.next;
  }
}

void filtered_write::proposed(const outcome<write_receipt>& whole) {
  if (!whole)
    return fail(whole.error());
  ++entries_;
  so_far_.operation_id = std::max(so_far_.operation_id, whole->operation_id);
  if (so_far_.progress == write_progress::completed) {
    so_far_.progress = whole->progress;
    so_far_.copies = whole->copies;
  }
}

/// The client's time is over when it is over for the whole: what is left is logged, not waited for.
filtered_write::step filtered_write::propose(proposals what, const cluster::collection_entry& now,
                                             std::uint64_t now_ms) {
  what.routed_by = now.slots.version();
  what.validated_against = now.schema.version;
  what.ack = request_.options.ack;
  const std::uint64_t allowed_ms = request_.options.timeout_ms.value_or(0);
  const auto spent_ms = now_ms - began_ms_;
  if (request_.options.wait && allowed_ms > 0 && spent_ms >= allowed_ms)
    so_far_.progress = write_progress::wait_timeout;
  what.wait = request_.options.wait && so_far_.progress != write_progress::wait_timeout;
  if (what.wait && allowed_ms > 0)
    what.timeout_ms = static_cast<std::uint32_t>(allowed_ms - spent_ms);
  return what;
}

/// What took effect already is not undone, so that whoever asked cannot be told that nothing did.
void filtered_write::fail(const status& why) {
  failed_ = why;
  if (entries_ > 0)
    failed_ = {errc::commit_unknown,
               "the operations were carried out in part (" + std::to_string(entries_)
                   + " steps) and then stopped; an operation by filter that is asked again goes"
                     " on with the points that still match: "
                   + to_string(why)};
}

outcome<planned_filtered_write> plan_by_filter(write_request asked,
                                               const cluster::collection_entry& collection,
                                               std::uint64_t now_ms) {
  if (auto fits = check_ack(asked.options, collection.schema.options); !fits.ok())
    return fits;
  if (auto fits = validate(asked.operations, collection.schema); !fits.ok())
    return fits;
  const auto scopes = scopes_of(asked.operations, asked.keys, collection);
  if (!scopes)
    return scopes.error();
  normalise(asked.operations, collection.schema);
  planned_filtered_write made;
  if (!ids_that_must_exist(asked.operations).empty())
    made.must_exist = must_exist(dealt(asked.operations, *scopes), collection);
  made.talk = std::make_shared<filtered_write>(std::move(asked), collection.id, now_ms);
  return made;
}

outcome<write_receipt> filtered_write::receipt() const {
  if (!failed_.ok())
    return failed_;
  auto told = so_far_;
  if (!request_.options.wait && told.progress == write_progress::completed)
    told.progress = write_progress::acknowledged;
  return told;
}

} // namespace grape::query
