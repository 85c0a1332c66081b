#include "tests/simulation/machine.hpp"

#include "core/check.hpp"
#include "core/raft/codec.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/violation.hpp"

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace grape::simulation {

namespace {

using words = std::array<std::uint64_t, 4>;

raft::session_command as_session_command(const command& what) {
  switch (what.kind) {
    case command_kind::plain:
    case command_kind::open_session: break;
    case command_kind::in_session:
      return raft::session_request{raft::session_id{what.session}, what.sequence,
                                   std::to_string(what.attempt)};
    case command_kind::expire_sessions: return raft::expire_sessions{log_index{what.session}};
  }
  return raft::open_session{};
}

} // namespace

raft::payload encode(const command& what, std::size_t padding) {
  const words all = {static_cast<std::uint64_t>(what.kind), what.attempt, what.session,
                     what.sequence};
  std::string bytes(sizeof all + padding, '.');
  std::memcpy(bytes.data(), all.data(), sizeof all);
  return std::make_shared<const std::string>(std::move(bytes));
}

raft::payload encode(std::uint64_t attempt, const grape::cluster::metadata_command& what) {
  const auto head = encode({command_kind::plain, attempt, 0, 0}, 0);
  return std::make_shared<const std::string>(*head + grape::cluster::encode(what));
}

std::optional<command> decode(const raft::entry& from) {
  words all{};
  if (from.bytes() == 0 || from.kind != raft::entry_kind::normal)
    return {};
  if (from.bytes() < sizeof all)
    throw violation("payloads_are_whole", std::to_string(from.bytes()) + " bytes");
  std::memcpy(all.data(), from.data->data(), sizeof all);
  return command{static_cast<command_kind>(all[0]), all[1], all[2], all[3]};
}

effect machine::apply(const raft::entry& next) {
  if (next.index != applied.next())
    throw violation("applied_in_order", "index " + std::to_string(next.index.value) + " after "
                                            + std::to_string(applied.value));
  applied = next.index;
  applied_term = next.term;
  if (next.kind == raft::entry_kind::configuration) {
    change_members(next);
    return {};
  }
  const auto what = decode(next);
  if (what && control)
    govern(next);
  return what ? perform(*what) : effect{};
}

/// What follows the words is for the control plane. The digest holds its whole state.
void machine::govern(const raft::entry& next) {
  const std::string_view bytes{*next.data};
  if (bytes.size() == sizeof(words))
    return;
  const auto what = grape::cluster::decode_metadata_command(bytes.substr(sizeof(words)));
  GRAPE_CHECK(what.ok());
  auto state = *control;
  const auto done = state.apply(*what);
  digest = mixed(digest, done && *done ? 1 : 0);
  if (!done || !*done)
    return;
  control = std::make_shared<const grape::cluster::metadata>(std::move(state));
  for (const auto byte : control->encode())
    digest = mixed(digest, static_cast<unsigned char>(byte));
}

void machine::change_members(const raft::entry& next) {
  const auto how = raft::decode_change(next.data ? *next.data : std::string{});
  GRAPE_CHECK(how.ok());
  if (auto after = raft::changed(*members, *how))
    members = std::make_shared<const raft::configuration>(std::move(*after));
}

effect machine::perform(const command& what) {
  if (what.kind == command_kind::plain) {
    digest = mixed(digest, what.attempt);
    return {.took_effect = true, .result = applied.value};
  }
  auto is_new = what.kind != command_kind::in_session;
  const auto answer = clients.apply(applied, as_session_command(what), [&](const auto& said) {
    is_new = true;
    digest = mixed(digest, std::stoull(said));
    return std::to_string(applied.value);
  });
  if (!answer)
    return {.expired = answer.error().code == errc::not_found};
  return {.took_effect = is_new,
          .repeated = !is_new,
          .result = answer->empty() ? 0 : std::stoull(*answer)};
}

} // namespace grape::simulation
