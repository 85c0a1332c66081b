#pragma once

#include "actors/gateway.hpp"
#include "actors/supervision/families.hpp"
#include "actors/system.hpp"
#include "core/storage/faulty_files.hpp"

#include <doctest/doctest.h>

#include <caf/io/middleman.hpp>
#include <caf/io/network/test_multiplexer.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace grape::actors {

/// The settings of `system_config`, but nothing runs unless a test says so.
struct deterministic_config : system_config {
  deterministic_config() : system_config(2) {
    set("scheduler.policy", caf::atom("testing"));
    set("middleman.network-backend", caf::atom("testing"));
    set("middleman.workers", std::size_t{0});
  }
};

/// Actors by hand: one thread, virtual time.
struct deterministic_system {
  deterministic_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::io::network::test_multiplexer& network
    = dynamic_cast<caf::io::network::test_multiplexer&>(system.middleman().backend());
  std::uint64_t now_ms = 0;

  /// The broker waits for its next heartbeat, and such a message keeps whom it is for: without
  /// this neither would ever be freed.
  ~deterministic_system() {
    settle();
    scheduler.clock().cancel_all();
  }

  /// Runs everything that can run now.
  void settle() {
    while (scheduler.try_run_once() || network.try_exec_runnable()) {
    }
  }

  void advance(std::uint64_t ms) {
    settle();
    for (std::uint64_t i = 0; i < ms; ++i) {
      ++now_ms;
      scheduler.advance_time(std::chrono::milliseconds{1});
      settle();
    }
  }

  /// Lets time go on until `done()`; fails the test if that takes longer than virtual `ms`.
  template <class Done>
  void until(Done done, std::uint64_t ms = 30'000) {
    settle();
    std::uint64_t waited = 0;
    for (; waited < ms && !done(); ++waited)
      advance(1);
    REQUIRE_MESSAGE(waited < ms, "nothing happened in virtual time");
  }
};

/// A whole node by hand, over a disk in memory that outlives it.
struct deterministic_node : deterministic_system {
  explicit deterministic_node(storage::faulty_files& disk) : deterministic_node(disk, not_yet{}) {
    root = enrolled(*home, role::root, spawn_supervisor(system, node_floor(home)));
    until([this] { return home->ready.load(); });
  }

  struct not_yet {}; ///< The tree is to be started later.

  deterministic_node(storage::faulty_files& disk, not_yet) {
    home->config.node.data_dir = "data";
    home->config.node.test_hooks = true;
    home->config.storage.workers = 2;
    home->files = &disk;
    home->host.detached = false;
    home->host.make_pool = [](const thread_pool_options&) -> std::shared_ptr<job_pool> {
      return std::make_shared<inline_pool>();
    };
    home->lane = std::make_shared<compaction_lane>(1);
    home->index_pool = std::make_shared<inline_pool>();
    home->graph_pool = std::make_shared<inline_pool>();
    home->recovery_pool = std::make_shared<inline_pool>();
    home->courier_pool = std::make_shared<inline_pool>();
  }

  ~deterministic_node() {
    if (root)
      end();
    home->board.clear();
    settle();
  }

  void set_clock() {
    home->host.now_ms = [this] { return now_ms; };
    home->host.now_us = [this] { return now_ms * 1'000; };
    home->config.search.threads = 2;
  }

  /// Orderly, as SIGTERM.
  void end() {
    home->closing = true;
    caf::anon_send<caf::message_priority::high>(
      caf::actor_cast<caf::actor>(root), caf::exit_msg{{}, caf::exit_reason::user_shutdown});
    root = nullptr;
    advance(50);
  }

  /// Asks and waits; checks that there is exactly one answer.
  template <class Reply, class Request>
  outcome<Reply> ask(Request request) {
    auto answers = std::make_shared<std::vector<outcome<Reply>>>();
    door.ask(std::move(request), reply_to<Reply>{[answers](outcome<Reply> one) {
               answers->push_back(std::move(one));
             }});
    until([answers] { return !answers->empty(); });
    REQUIRE(answers->size() == 1);
    return answers->front();
  }

  /// Of vectors with two components.
  static create_collection_request collection_of(const std::string& name, std::uint32_t shards = 1,
                                                 std::uint32_t factor = 1) {
    create_collection_request request;
    request.collection = name;
    request.options.single_unnamed = true;
    request.options.vectors[""].size = 2;
    request.options.vectors[""].distance = metric::dot;
    request.options.shard_number = shards;
    request.options.replication_factor = factor;
    return request;
  }

  void create(const std::string& name, std::uint32_t shards = 1) {
    const auto made = ask<changed>(collection_of(name, shards));
    REQUIRE_MESSAGE(made.ok(), (made ? std::string{} : to_string(made.error())));
  }

  static write_request upsert_of(const std::string& collection, std::uint64_t first,
                                 std::uint64_t count, bool wait) {
    upsert_points operation;
    for (auto id = first; id < first + count; ++id) {
      point one;
      one.id = point_id{id};
      one.vectors.push_back({"", dense_vector{static_cast<float>(id), 1.0F}});
      operation.points.push_back(std::move(one));
    }
    write_request request;
    request.collection = collection;
    request.operations.emplace_back(std::move(operation));
    request.options.wait = wait;
    return request;
  }

  static count_request count_of(const std::string& collection) {
    count_request request;
    request.collection = collection;
    return request;
  }

  static retrieve_request records_of(const std::string& collection, std::vector<point_id> ids) {
    retrieve_request request;
    request.collection = collection;
    request.ids = std::move(ids);
    return request;
  }

  outcome<write_receipts> upsert(const std::string& collection, std::uint64_t first,
                                 std::uint64_t count, bool wait = true) {
    return ask<write_receipts>(upsert_of(collection, first, count, wait));
  }

  std::uint64_t count(const std::string& collection) {
    const auto counted = ask<count_reply>(count_of(collection));
    REQUIRE_MESSAGE(counted.ok(), (counted ? std::string{} : to_string(counted.error())));
    return counted->count;
  }

  std::shared_ptr<house> home = std::make_shared<house>();
  gateway door{(set_clock(), home)};
  supervisor_actor root;
};

} // namespace grape::actors
