#include "actors/answer_once.hpp"
#include "actors/gateway.hpp"
#include "actors/node_figures.hpp"
#include "actors/supervision/families.hpp"
#include "core/cluster/joining.hpp"
#include "core/cluster/operator_wishes.hpp"
#include "core/cluster/shard_keys.hpp"
#include "core/request/durability.hpp"
#include "core/request/validate.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds change_patience = std::chrono::minutes{10};
constexpr std::chrono::seconds census_patience{5};
constexpr std::chrono::seconds join_patience{12};
constexpr std::chrono::seconds recovery_patience{60};
constexpr std::uint32_t probe_ms = 1'000; // How long status and metrics wait for a shard.

/// In Qdrant's words, and what they leave open.
status too_late(std::uint32_t timeout_ms) {
  return {errc::commit_unknown, "Waiting for consensus operation commit failed. Timeout set at: "
                                  + std::to_string(timeout_ms / 1'000)
                                  + " seconds; it may still take effect"};
}

} // namespace

/// Commits a command; `answer(metadata_changed)` makes the reply of it. `timeout_ms`: so long does
/// its maker wait; 0 = as long as it takes.
template <class Reply, class Answer>
void gateway::change(cluster::metadata_command command, reply_to<Reply> reply, Answer answer,
                     std::uint32_t timeout_ms) {
  auto told = once<Reply>(std::move(reply), lost_write(*home_));
  change_metadata asked{std::make_shared<const cluster::metadata_command>(std::move(command))};
  const std::chrono::milliseconds own{timeout_ms};
  const auto patience = timeout_ms == 0 ? change_patience : std::min(own, change_patience);
  carry([told, asked, answer, patience, timeout_ms](gateway_pointer self) {
    self->request(self->state.home->board.get<catalog_actor>(role::catalog), patience, asked)
      .then([told, answer](const metadata_changed& result) { (*told)(answer(result)); },
            [told, timeout_ms](const caf::error& why) {
              (*told)(timeout_ms != 0 && why == caf::sec::request_timeout ? too_late(timeout_ms)
                                                                         : to_write_status(why));
            });
  });
}

namespace {

changed yes_or_no(const metadata_changed& result) {
  return changed{result.changed};
}

} // namespace

void gateway::commit(cluster::metadata_command command, reply_to<changed> reply) {
  change<changed>(std::move(command), std::move(reply), yes_or_no);
}

void gateway::ask(create_collection_request asked, reply_to<changed> reply) {
  const auto& limits = home_->config.limits;
  const auto& defaults = home_->config.collections;
  if (asked.options.shard_number == 0)
    asked.options.shard_number = defaults.shard_number;
  if (asked.options.replication_factor == 0)
    asked.options.replication_factor = defaults.replication_factor;
  if (auto fits = validate_collection_name(asked.collection); !fits.ok())
    return reply(std::move(fits));
  if (auto fits = validate(asked.options); !fits.ok())
    return reply(std::move(fits));
  if (asked.options.shard_number > limits.shards_per_collection_max)
    return reply(status{errc::bad_request, "more than "
                                             + std::to_string(limits.shards_per_collection_max)
                                             + " shards per collection are not allowed here"});
  const auto known = home_->known.get();
  if (known && known->state.collections().size() >= limits.collections_max)
    return reply(status{errc::bad_request, "this node holds "
                                             + std::to_string(limits.collections_max)
                                             + " collections already"});
  const auto shards = is_sharded_by_keys(asked.options) ? 0u : asked.options.shard_number;
  if (auto fits = check_open_files(*home_, shards); !fits.ok())
    return reply(std::move(fits));
  change<changed>(
    cluster::create_collection{std::move(asked.collection), std::move(asked.options)},
    std::move(reply), yes_or_no);
}

void gateway::ask(change_shard_keys_request asked, reply_to<changed> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  auto command =
      cluster::command_of(known->state, asked, home_->config.limits.shards_per_collection_max);
  if (!command)
    return reply(std::move(command).error());
  if (const auto* key = std::get_if<cluster::create_shard_key>(&*command))
    if (auto fits = check_open_files(*home_, key->what.shards.value_or(1)); !fits.ok())
      return reply(std::move(fits));
  change<changed>(*std::move(command), std::move(reply), yes_or_no, asked.timeout_ms);
}

void gateway::ask(set_quotas_request asked, reply_to<changed> reply) {
  change<changed>(cluster::set_quota{asked.to}, std::move(reply), yes_or_no);
}

void gateway::ask(list_shard_keys_request asked, reply_to<shard_key_list> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  reply(cluster::list_shard_keys(known->state, asked));
}

void gateway::ask(update_collection_request asked, reply_to<changed> reply) {
  if (auto fits = validate(asked.changes); !fits.ok())
    return reply(std::move(fits));
  const auto known = home_->known.get();
  if (const auto* entry = known ? known->state.find(asked.collection) : nullptr) {
    auto options = entry->schema.options;
    options.write_consistency_factor =
        asked.changes.write_consistency_factor.value_or(options.write_consistency_factor);
    if (auto fits = check_durability(options); !fits.ok())
      return reply(std::move(fits));
  }
  change<changed>(
    cluster::update_collection{std::move(asked.collection), std::move(asked.changes)},
    std::move(reply), yes_or_no);
}

void gateway::ask(delete_collection_request asked, reply_to<changed> reply) {
  change<changed>(cluster::delete_collection{std::move(asked.collection)}, std::move(reply),
                  yes_or_no);
}

void gateway::ask(change_aliases_request asked, reply_to<changed> reply) {
  change<changed>(cluster::change_aliases{std::move(asked.actions)}, std::move(reply),
                  [](const metadata_changed&) { return changed{true}; });
}

void gateway::ask(create_field_index_request asked, reply_to<write_receipt> reply) {
  const auto known = home_->known.get();
  const auto* entry = known ? known->state.find(asked.collection) : nullptr;
  if (const auto limits = entry ? strict_limits_of(entry->schema.options) : std::nullopt)
    if (auto fits = check_strictly(*limits, entry->schema, asked); !fits.ok())
      return reply(std::move(fits));
  set_field_index(asked.collection, std::move(asked.field), std::move(asked.schema),
                  std::move(reply));
}

void gateway::ask(delete_field_index_request asked, reply_to<write_receipt> reply) {
  set_field_index(asked.collection, std::move(asked.field), std::nullopt, std::move(reply));
}

void gateway::set_field_index(const std::string& collection, std::string field,
                              std::optional<field_schema> schema, reply_to<write_receipt> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  auto name = known->state.resolve(collection);
  if (!name)
    return reply(std::move(name).error());
  change<write_receipt>(
    cluster::set_field_index{std::move(*name), std::move(field), std::move(schema)},
    std::move(reply), [](const metadata_changed& result) {
      return write_receipt{result.index.value, write_progress::completed};
    });
}

void gateway::ask(create_vector_request asked, reply_to<write_receipt> reply) {
  if (auto fits = validate_vector(asked.name, asked.what); !fits.ok())
    return reply(std::move(fits));
  set_vector(asked.collection, std::move(asked.name), std::move(asked.what), std::move(reply));
}

void gateway::ask(delete_vector_request asked, reply_to<write_receipt> reply) {
  set_vector(asked.collection, std::move(asked.name), std::nullopt, std::move(reply));
}

void gateway::set_vector(const std::string& collection, std::string vector,
                         std::optional<vector_definition> what, reply_to<write_receipt> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  auto name = known->state.resolve(collection);
  if (!name)
    return reply(std::move(name).error());
  change<write_receipt>(
    cluster::set_vector{std::move(*name), std::move(vector), std::move(what)}, std::move(reply),
    [](const metadata_changed& result) {
      return write_receipt{result.index.value, write_progress::completed};
    });
}

void gateway::ask(change_replicas_request asked, reply_to<cluster_changed> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  if (!home_->is_clustered())
    return reply(cluster_changed{.in_cluster = false});
  auto command = cluster::command_of(known->state, asked);
  if (!command)
    return reply(std::move(command).error());
  change<cluster_changed>(*std::move(command), std::move(reply),
                          [](const metadata_changed&) { return cluster_changed{}; });
}

void gateway::ask(change_node_request asked, reply_to<cluster_changed> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  if (!home_->is_clustered())
    return reply(cluster_changed{.in_cluster = false});
  std::set<node_number> connected;
  for (const auto& [node, way] : home_->peers.all())
    if (way.connected)
      connected.insert(node);
  if (const auto member = home_->member.get())
    connected.insert(member->self);
  auto commands = cluster::commands_of(known->state, asked, connected);
  if (!commands)
    return reply(std::move(commands).error());
  change_in_order(std::make_shared<std::vector<cluster::metadata_command>>(*std::move(commands)),
                  0, std::move(reply));
}

void gateway::ask(join_request asked, reply_to<join_reply> reply) {
  auto answer = once<join_reply>(std::move(reply), lost_write(*home_));
  carry([answer, question = join_question{cluster::encode(asked)}](gateway_pointer self) {
    self
      ->request(self->state.home->board.get<meta_actor>(role::meta), join_patience, question)
      .then(
        [answer](const join_answer& said) { (*answer)(cluster::decode_join_reply(said.bytes)); },
        [answer](const caf::error& why) { (*answer)(to_write_status(why)); });
  });
}

void gateway::ask(recover_request asked, reply_to<recover_reply> reply) {
  auto answer = once<recover_reply>(std::move(reply), lost_write(*home_));
  carry([answer, question = wrap(std::move(asked))](gateway_pointer self) {
    self
      ->request(self->state.home->board.get<meta_actor>(role::meta), recovery_patience, question)
      .then([answer](parcel<recover_reply>& said) { (*answer)(std::move(*said.value)); },
            [answer](const caf::error& why) { (*answer)(to_write_status(why)); });
  });
}

void gateway::change_in_order(std::shared_ptr<std::vector<cluster::metadata_command>> commands,
                              std::size_t next, reply_to<cluster_changed> reply) {
  if (next == commands->size())
    return reply(cluster_changed{});
  auto go_on = [this, commands, next, reply = std::move(reply)](outcome<cluster_changed> done) {
    if (!done)
      return reply(std::move(done));
    change_in_order(commands, next + 1, reply);
  };
  change<cluster_changed>((*commands)[next], std::move(go_on),
                          [](const metadata_changed&) { return cluster_changed{}; });
}

void gateway::ask(collection_exists_request asked, reply_to<changed> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  reply(changed{known->state.find(asked.collection) != nullptr});
}

void gateway::ask(list_collections_request, reply_to<collection_names> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  collection_names all;
  for (const auto& [name, entry] : known->state.collections())
    all.names.push_back(name);
  reply(std::move(all));
}

void gateway::ask(list_aliases_request asked, reply_to<alias_list> reply) {
  const auto known = home_->known.get();
  if (!known)
    return reply(status{errc::unavailable, "the node is starting"});
  alias_list all;
  std::string wanted;
  if (asked.collection) {
    auto name = known->state.resolve(*asked.collection);
    if (!name)
      return reply(std::move(name).error());
    wanted = std::move(*name);
  }
  for (const auto& [alias, collection] : known->state.aliases())
    if (!asked.collection || collection == wanted)
      all.entries.push_back({alias, collection});
  reply(std::move(all));
}

/// Asks for the sizes of all collections; `then(map by name)` with those that answered. A sick
/// shard must not hide the others from whoever watches the node.
void gateway::describe_all(std::function<void(descriptions)> then) {
  struct gathering {
    std::mutex mutex; // Answers come from several threads.
    descriptions found;
    std::size_t missing = 0;
    std::function<void(descriptions)> then;

    void one_less() {
      if (--missing == 0)
        then(std::move(found));
    }
  };
  auto gather = std::make_shared<gathering>();
  gather->then = std::move(then);
  const auto known = home_->known.get();
  gather->missing = known ? known->state.collections().size() : 0;
  if (gather->missing == 0)
    return gather->then({});
  for (const auto& [name, entry] : known->state.collections())
    ask(describe_collection_request{name, read_options{read_level::eventual, probe_ms, false}},
        [gather, name = name](outcome<collection_description> part) {
          const std::lock_guard guard{gather->mutex};
          if (part)
            gather->found.emplace(name, std::move(*part));
          gather->one_less();
        });
}

void gateway::ask(node_status_request, reply_to<node_status> reply) {
  auto told = figures_of(*home_, started_ms_);
  describe_all([told, reply = std::move(reply)](const descriptions& found) {
    auto whole = told;
    whole.ready = whole.ready && found.size() == whole.collections;
    for (const auto& [name, part] : found)
      whole.points += part.points;
    reply(std::move(whole));
  });
}

void gateway::ask(metrics_request asked, reply_to<metrics_text> reply) {
  const auto told = figures_of(*home_, started_ms_);
  describe_all([asked, told, home = home_, reply = std::move(reply)](const descriptions& found) {
    metrics::node_facts facts;
    facts.shards = told.shards;
    facts.restarts = home->restarts;
    facts.resident_bytes = told.resident_bytes;
    facts.uptime_s = told.uptime_s;
    facts.ready = told.ready;
    for (const auto& [name, part] : found)
      facts.collections.push_back({name, part.points, part.vectors, part.indexed_vectors,
                                   part.memory_bytes, part.mapped_bytes});
    reply(metrics_text{home->metrics.text(facts, asked.per_collection)});
  });
}

void gateway::ask(list_actors_request, reply_to<actor_tree> reply) {
  auto answer = once<actor_tree>(std::move(reply), lost_read(*home_));
  carry([answer](gateway_pointer self) {
    self
      ->request(self->state.home->board.get<supervisor_actor>(role::root), census_patience,
                list_actors_request{})
      .then([answer](actor_tree& found) { (*answer)(std::move(found)); },
            [answer](const caf::error& why) { (*answer)(to_status(why)); });
  });
}

void gateway::ask(kill_actor_request asked, reply_to<changed> reply) {
  if (!home_->config.node.test_hooks)
    return reply(status{errc::forbidden, "this node runs without test hooks"});
  auto answer = once<changed>(std::move(reply), lost_read(*home_));
  // Not by the one that is to be killed: it could not tell.
  while (asked.name == "gateway " + std::to_string(next_ % routers))
    ++next_;
  carry([answer, asked](gateway_pointer self) {
    self
      ->request(self->state.home->board.get<supervisor_actor>(role::root), census_patience, asked)
      .then([answer](done) { (*answer)(changed{true}); },
            [answer](const caf::error& why) { (*answer)(to_status(why)); });
  });
}

} // namespace grape::actors
