#include "actors/recovery.hpp"

#include "core/cluster/recoveries.hpp"

#include <chrono>
#include <future>
#include <thread>

namespace grape::actors {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds patience{60}; ///< With nodes that go and come.
constexpr minutes indexing_patience{60};
constexpr milliseconds pause{100};

template <class Reply, class Ask>
outcome<Reply> waited_for(Ask ask) {
  auto promise = std::make_shared<std::promise<outcome<Reply>>>();
  auto answer = promise->get_future();
  ask([promise](outcome<Reply> told) { promise->set_value(std::move(told)); });
  return answer.get();
}

/// Asks until the answer is final, for a while.
template <class Attempt>
status persistently(const house& home, Attempt attempt) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto told = attempt();
    if (told.ok() || home.closing || !cluster::is_worth_repeating(told.code)
        || std::chrono::steady_clock::now() >= give_up)
      return told;
    std::this_thread::sleep_for(pause);
  }
}

} // namespace

recovery::recovery(std::shared_ptr<house> home, gateway& door, std::string target)
  : home_(std::move(home))
  , door_(door)
  , target_(std::move(target)) {
  if (const auto member = home_->member.get())
    owner_.node = member->self;
  owner_.incarnation = home_->incarnation;
  owner_.number = home_->recoveries.begin();
  name_ = cluster::hidden_name(target_, owner_);
}

recovery::~recovery() {
  if (!has_taken_place_ && !home_->closing)
    (void)commit(cluster::drop_hidden{name_}); // CATALOG tries again, and drops what was replaced.
  home_->recoveries.end(owner_.number);
}

status recovery::commit(const cluster::metadata_command& command) {
  const auto done = waited_for<changed>(
      [this, &command](reply_to<changed> reply) { door_.commit(command, std::move(reply)); });
  return done ? status{} : done.error();
}

status recovery::begin(std::optional<collection_schema> schema,
                       const std::vector<add_shard_key>& keys) {
  const cluster::stage_collection stage{target_, std::move(schema), owner_};
  if (auto begun = persistently(*home_, [this, &stage] { return commit(stage); }); !begun.ok())
    return begun;
  for (const auto& key : keys)
    if (auto made = persistently(*home_, [this, &key] { return create(key); }); !made.ok())
      return made;
  return persistently(*home_, [this, &keys] { return until_known(keys.size()); });
}

/// An answer that was lost says nothing: the key may be there.
status recovery::create(const add_shard_key& key) {
  const auto done = commit(cluster::create_shard_key{name_, key});
  const auto known = home_->known.get();
  const auto* entry = known ? known->state.find_exact(name_) : nullptr;
  return !done.ok() && entry != nullptr && entry->keys.contains(key.key) ? status{} : done;
}

/// What is committed comes to this node a little later if another one led.
status recovery::until_known(std::size_t keys) {
  const auto known = home_->known.get();
  const auto* entry = known ? known->state.find_exact(name_) : nullptr;
  if (entry == nullptr || entry->keys.size() < keys)
    return {errc::unavailable, "this node does not know yet what it recovers into"};
  entry_ = *entry;
  auto seen = std::make_shared<const catalog>(catalog{known->state.with_only(name_), known->epoch});
  inside_ = std::make_unique<gateway>(door_, gateway::insider{std::move(seen)});
  return {};
}

status recovery::write(const std::vector<write_operation>& operations,
                       const std::optional<shard_key_selector>& keys) {
  return persistently(*home_, [this, &operations, &keys] {
    write_request asked{.collection = name_, .operations = operations, .options = {}};
    asked.options.wait = true;
    asked.keys.assign(operations.size(), keys);
    const auto done = waited_for<write_receipts>([this, &asked](reply_to<write_receipts> reply) {
      inside_->ask(std::move(asked), std::move(reply));
    });
    return done ? status{} : done.error();
  });
}

/// The index makes searches fast, not right: if it does not come in time, it comes afterwards.
status recovery::until_indexed() {
  const auto give_up = std::chrono::steady_clock::now() + indexing_patience;
  while (!home_->closing && std::chrono::steady_clock::now() < give_up) {
    const auto told = waited_for<collection_description>([this](auto reply) {
      inside_->ask(describe_collection_request{name_, {read_level::linearizable, 5'000, false}},
                   std::move(reply));
    });
    if (told && told->health == collection_health::red)
      return {errc::unavailable, "a shard of what was recovered is out of service"};
    if (told && told->health != collection_health::yellow)
      break;
    std::this_thread::sleep_for(pause);
  }
  return {};
}

status recovery::take_place(std::optional<shard_id> shard) {
  auto done = persistently(*home_, [this] { return commit(cluster::end_filling{name_}); });
  if (!done.ok())
    return done;
  if (done = until_indexed(); !done.ok())
    return done;
  done = persistently(*home_, [this, shard] { return swap(shard); });
  has_taken_place_ = done.ok();
  return done;
}

/// An answer that was lost says nothing: what the control plane says counts.
status recovery::swap(std::optional<shard_id> shard) {
  if (has_place(shard))
    return {};
  auto done = commit(cluster::swap_collection{name_, shard});
  return !done.ok() && has_place(shard) ? status{} : done;
}

bool recovery::has_place(std::optional<shard_id> shard) const {
  const auto known = home_->known.get();
  const auto& collections = known->state.collections();
  const auto at = collections.find(target_);
  if (at == collections.end())
    return false;
  if (!shard)
    return at->second.id == entry_.id;
  const auto& groups = at->second.groups;
  const auto group = groups.find(*shard);
  return group != groups.end() && group->second == entry_.groups.begin()->second;
}

} // namespace grape::actors
