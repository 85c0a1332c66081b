// Streams from here: a source on the STORE_WORKER, one piece at a time over the link, and at last
// the message for the follower's peer.

#include "actors/snapshots_state.hpp"
#include "core/raft/codec.hpp"

#include <algorithm>
#include <cstdio>

namespace grape::actors {

namespace {

constexpr std::uint64_t chunk_patience_ms = 30'000;
constexpr std::uint64_t end_patience_ms = 600'000; // The receiver adds everything up.
constexpr std::uint64_t full_pause_ms = 5'000;     // The other disk has no room.
constexpr std::uint32_t failures_max = 5;

using shard::snapshot_source;

/// What one reading gave.
struct next_part {
  status failed;
  std::string chunk; // Encoded.
  std::optional<shard::snapshot_end> end;
};

next_part read_part(snapshot_source& from, const shard::snapshot_position& at) {
  next_part part;
  auto next = from.next(at);
  if (!next)
    part.failed = std::move(next).error();
  else if (*next && std::holds_alternative<shard::snapshot_end>(**next))
    part.end = std::get<shard::snapshot_end>(std::move(**next));
  else if (*next)
    part.chunk = shard::encode(**next);
  return part;
}

} // namespace

outgoing_stream* snapshots_state::find(const stream_key& which, std::uint64_t attempt) {
  const auto at = streams.find(which);
  return at != streams.end() && at->second.attempt == attempt ? &at->second : nullptr;
}

void snapshots_state::wanted(const snapshot_wanted& asked) {
  const stream_key which{asked.group, asked.to};
  const auto [at, is_new] = streams.try_emplace(which, home->host.drawn + asked.to.value);
  auto& stream = at->second;
  const auto asker = caf::actor_cast<raft_group_actor>(self->current_sender());
  if (stream.asker != asker)
    self->monitor(asker);
  stream.asker = asker;
  stream.node = asked.node;
  if (!is_new)
    return;
  stream.began_ms = home->host.now_ms();
  open_source(which);
}

void snapshots_state::drop_streams(
    const std::function<bool(const stream_key&, const outgoing_stream&)>& which) {
  for (auto at = streams.begin(); at != streams.end();)
    if (which(at->first, at->second)) {
      release(at->first.first, std::move(at->second.source));
      at = streams.erase(at);
    } else {
      ++at;
    }
}

void snapshots_state::release(group_id group, std::shared_ptr<snapshot_source> source) {
  if (source)
    caf::anon_send(home->board.get<store_worker_actor>(store_worker_of(*home, group)),
                   store_job{[last = std::move(source)] {}});
}

void snapshots_state::end_stream(const stream_key& which, bool arrived) {
  const auto at = streams.find(which);
  if (at == streams.end())
    return;
  self->send(at->second.asker, snapshot_sent{which.second, arrived});
  release(which.first, std::move(at->second.source));
  streams.erase(at);
}

/// The receiver keeps what it has: the next attempt goes on there, from a newer moment.
void snapshots_state::failed(const stream_key& which, const status& why) {
  auto& stream = streams.at(which);
  release(which.first, std::move(stream.source));
  stream.source = nullptr;
  stream.attempt = ++attempts;
  if (++stream.failures > failures_max) {
    home->notes.add("group " + std::to_string(which.first.value) + ": no snapshot to node "
                    + std::to_string(stream.node.value) + ": " + to_string(why));
    return end_stream(which, false);
  }
  const auto pause =
      why.code == errc::no_space ? full_pause_ms : stream.again.failed(home->host.now_ms());
  self->delayed_send(self, std::chrono::milliseconds{pause}, stream_goes_on{which, stream.attempt});
}

void snapshots_state::go_on(const stream_goes_on& told) {
  const auto* stream = find(told.which, told.attempt);
  if (stream == nullptr)
    return;
  if (stream->source)
    send_chunk(told.which);
  else
    open_source(told.which);
}

void snapshots_state::open_source(const stream_key& which) {
  auto& stream = streams.at(which);
  const auto attempt = stream.attempt = ++attempts;
  const auto storage = home->board.get<storage_actor>(role::storage(which.first));
  if (!storage)
    return failed(which, {errc::unavailable, "the shard is not here"});
  waits.ask<parcel<shard::machine>>(
      self, storage, disk_timeout, machine_request{},
      [this, which, attempt](parcel<shard::machine>& opened) {
        if (find(which, attempt) == nullptr)
          return;
        auto made = std::make_shared<outcome<std::shared_ptr<snapshot_source>>>(
            status{errc::unavailable, "not opened"});
        on_worker(
            which.first,
            [made, machine = opened.value] {
              auto source = snapshot_source::open(machine->read());
              if (source)
                *made = keeping(std::make_shared<snapshot_source>(std::move(*source)), machine);
              else
                *made = std::move(source).error();
            },
            [this, which, attempt, made] {
              auto* goes_on = find(which, attempt);
              if (goes_on == nullptr)
                return *made ? release(which.first, std::move(**made)) : void();
              if (!*made)
                return failed(which, made->error());
              goes_on->source = std::move(**made);
              offer(which);
            },
            [this, which, attempt](const status& why) {
              if (find(which, attempt) != nullptr)
                failed(which, why);
            });
      },
      [this, which, attempt](caf::error& why) {
        if (find(which, attempt) != nullptr)
          failed(which, to_status(why));
      });
}

void snapshots_state::ask(const stream_key& which, std::string bytes, std::uint64_t within_ms,
                          void (snapshots_state::*then)(const stream_key&,
                                                        const shard::snapshot_standing&)) {
  const auto& stream = streams.at(which);
  const auto attempt = stream.attempt;
  const auto link = home->board.get<peer_link_actor>(role::link(stream.node));
  if (!link)
    return failed(which, {errc::unavailable, "there is no link to that node"});
  waits.ask<link_answer>(
      self, link, std::chrono::milliseconds{within_ms + 1'000},
      link_question{link::lane::bulk, link::addressee::snapshot, which.first,
                    home->host.now_ms() + within_ms, std::move(bytes)},
      [this, which, attempt, then](link_answer& said) {
        if (find(which, attempt) == nullptr)
          return;
        const auto standing = shard::decode_snapshot_standing(said.bytes);
        if (!standing)
          return failed(which, standing.error());
        (this->*then)(which, *standing);
      },
      [this, which, attempt](caf::error& why) {
        if (find(which, attempt) != nullptr)
          failed(which, to_status(why));
      });
}

void snapshots_state::offer(const stream_key& which) {
  const auto offered = streams.at(which).source->offer();
  ask(which, shard::encode(shard::snapshot_question{offered}), chunk_patience_ms,
      &snapshots_state::offered);
}

void snapshots_state::offered(const stream_key& which, const shard::snapshot_standing& to) {
  auto& stream = streams.at(which);
  if (!stream.source->is_news(to))
    return end_stream(which, true); // Its peer tells the leader how far it is.
  stream.at = stream.source->begin(to);
  read_next(which);
}

void snapshots_state::read_next(const stream_key& which) {
  auto& stream = streams.at(which);
  const auto attempt = stream.attempt;
  const auto part = std::make_shared<next_part>();
  on_worker(
      which.first,
      [part, source = stream.source, at = stream.at] { *part = read_part(*source, at); },
      [this, which, attempt, part] {
        auto* goes_on = find(which, attempt);
        if (goes_on == nullptr)
          return;
        if (!part->failed.ok())
          return failed(which, part->failed);
        if (part->end)
          return send_end(which, std::move(*part->end));
        if (part->chunk.empty())
          return read_next(which);
        goes_on->ready = std::move(part->chunk);
        const auto wait_ms = pace->take(goes_on->ready.size(), home->host.now_ms());
        if (wait_ms == 0)
          return send_chunk(which);
        self->delayed_send(self, std::chrono::milliseconds{wait_ms},
                           stream_goes_on{which, attempt});
      },
      [this, which, attempt](const status& why) {
        if (find(which, attempt) != nullptr)
          failed(which, why);
      });
}

void snapshots_state::send_chunk(const stream_key& which) {
  auto& stream = streams.at(which);
  stream.bytes += stream.ready.size();
  ask(which, std::move(stream.ready), chunk_patience_ms, &snapshots_state::taken);
}

void snapshots_state::taken(const stream_key& which, const shard::snapshot_standing& to) {
  auto& stream = streams.at(which);
  const auto next = stream.source->begin(to);
  if (next == stream.at)
    return failed(which, {errc::unavailable, "a chunk was not taken"});
  stream.failures = 0;
  stream.at = next;
  read_next(which);
}

/// The members as of the state's index, and the term of now, are RAFT_GROUP's to say.
void snapshots_state::send_end(const stream_key& which, shard::snapshot_end end) {
  const auto& stream = streams.at(which);
  const auto attempt = stream.attempt;
  waits.ask<snapshot_message>(
      self, stream.asker, disk_timeout, snapshot_message_request{which.second, end.index},
      [this, which, attempt, end = std::move(end)](snapshot_message& said) mutable {
        if (find(which, attempt) == nullptr)
          return;
        end.message = raft::encode(said.what);
        ask(which, shard::encode(shard::snapshot_question{std::move(end)}), end_patience_ms,
            &snapshots_state::finished);
      },
      [this, which, attempt](caf::error& why) {
        if (find(which, attempt) != nullptr)
          failed(which, to_status(why));
      });
}

void snapshots_state::finished(const stream_key& which, const shard::snapshot_standing& to) {
  if (to.complete) {
    tell_rate(which);
    return end_stream(which, true);
  }
  failed(which, {errc::unavailable, "the other side lacks a part of the snapshot"});
}

/// For people: how long redundancy took.
void snapshots_state::tell_rate(const stream_key& which) const {
  const auto& stream = streams.at(which);
  const auto ms = std::max<std::uint64_t>(home->host.now_ms() - stream.began_ms, 1);
  const auto known = home->hosted.all();
  const auto place = known.find(which.first);
  char figures[96];
  std::snprintf(figures, sizeof figures, "%.2f MB in %.2f s, %.2f MB/s",
                static_cast<double>(stream.bytes) / 1e6, static_cast<double>(ms) / 1e3,
                static_cast<double>(stream.bytes) / 1e3 / static_cast<double>(ms));
  home->notes.add("group "
                  + (place == known.end() ? std::to_string(which.first.value) : place->second->name)
                  + ": a snapshot is on node " + std::to_string(stream.node.value) + ": "
                  + figures);
}

} // namespace grape::actors
