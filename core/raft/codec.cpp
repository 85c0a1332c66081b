#include "core/raft/codec.hpp"

#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"
#include "core/raft/sealed.hpp"

#include <algorithm>
#include <limits>

namespace grape::raft {

namespace {

using namespace sealed;

constexpr std::size_t entry_bytes = 25; ///< Without the payload.
constexpr std::size_t message_bytes = 78; ///< Its head, without a mark.

// -- writing ------------------------------------------------------------------

void append_entry(std::string& to, const entry& of) {
  GRAPE_CHECK(of.bytes() <= std::numeric_limits<std::uint32_t>::max());
  const auto start = to.size();
  to.append(4, '\0');
  codec::append_little(to, static_cast<std::uint32_t>(of.bytes()));
  codec::append_little(to, of.index.value);
  codec::append_little(to, of.term.value);
  to.push_back(static_cast<char>(of.kind));
  if (of.data)
    to.append(*of.data);
  const auto sum = codec::crc32c(std::string_view{to}.substr(start + 4));
  std::memcpy(to.data() + start, &sum, sizeof sum);
}

void append_set(std::string& to, const replica_set& of) {
  codec::append_little(to, static_cast<std::uint32_t>(of.size()));
  for (const auto each : of)
    codec::append_little(to, each.value);
}

void append_mark(std::string& to, const snapshot_mark& of) {
  codec::append_little(to, of.index.value);
  codec::append_little(to, of.term.value);
  const auto& members = of.members;
  for (const auto* set : {&members.voters, &members.outgoing, &members.learners,
                          &members.learners_next, &members.witnesses})
    append_set(to, *set);
  to.push_back(members.auto_leave ? '\1' : '\0');
}

std::size_t mark_bytes(const snapshot_mark& of) noexcept {
  const auto& members = of.members;
  return 16 + 5 * 4 + 1
         + 8 * (members.voters.size() + members.outgoing.size() + members.learners.size()
                + members.learners_next.size() + members.witnesses.size());
}

void append_head(std::string& to, const message& of) {
  to.push_back(static_cast<char>(of.kind));
  const auto flags = (of.reject ? 1 : 0) | (of.force ? 2 : 0) | (of.snapshot ? 4 : 0);
  to.push_back(static_cast<char>(flags));
  for (const auto number : {of.from.value, of.to.value, of.term.value, of.index.value,
                            of.log_term.value, of.commit.value, of.hint.value, of.hint_term.value,
                            of.context})
    codec::append_little(to, number);
  codec::append_little(to, static_cast<std::uint32_t>(of.entries.size()));
  if (of.snapshot)
    append_mark(to, *of.snapshot);
}

// -- reading ------------------------------------------------------------------

/// Fails the reader if the entry is cut or its checksum is wrong.
entry take_entry(reader& in) {
  entry to;
  const auto sum = in.number<std::uint32_t>();
  const auto fields = reader{in}.text(entry_bytes - 4);
  const auto bytes = in.number<std::uint32_t>();
  to.index = log_index{in.number<std::uint64_t>()};
  to.term = term{in.number<std::uint64_t>()};
  to.kind = in.enumerator(entry_kind::normal, entry_kind::configuration);
  const auto data = in.text(bytes);
  if (!in.ok() || codec::crc32c(data, codec::crc32c(fields)) != sum) {
    in.fail();
    return {};
  }
  if (!data.empty())
    to.data = std::make_shared<const std::string>(data);
  return to;
}

snapshot_mark take_mark(reader& in) {
  snapshot_mark to;
  to.index = log_index{in.number<std::uint64_t>()};
  to.term = term{in.number<std::uint64_t>()};
  auto& members = to.members;
  for (auto* set : {&members.voters, &members.outgoing, &members.learners, &members.learners_next,
                    &members.witnesses})
    *set = in.set<replica_id>();
  members.auto_leave = in.boolean();
  return to;
}

/// Returns how many entries follow.
std::size_t take_head(reader& in, message& to) {
  to.kind = in.enumerator(message_kind::vote, message_kind::transfer);
  const auto flags = in.number<std::uint8_t>();
  to.reject = (flags & 1) != 0;
  to.force = (flags & 2) != 0;
  to.from = replica_id{in.number<std::uint64_t>()};
  to.to = replica_id{in.number<std::uint64_t>()};
  to.term = term{in.number<std::uint64_t>()};
  to.index = log_index{in.number<std::uint64_t>()};
  to.log_term = term{in.number<std::uint64_t>()};
  to.commit = log_index{in.number<std::uint64_t>()};
  to.hint = log_index{in.number<std::uint64_t>()};
  to.hint_term = term{in.number<std::uint64_t>()};
  to.context = in.number<std::uint64_t>();
  const auto count = in.number<std::uint32_t>();
  if (flags > 7)
    in.fail();
  if ((flags & 4) != 0 && in.ok())
    to.snapshot = std::make_shared<const snapshot_mark>(take_mark(in));
  return count;
}

} // namespace

std::string encode(const entry& of) {
  auto to = begin(value_kind::entry, entry_bytes + of.bytes());
  seal(to);
  append_entry(to, of);
  return to;
}

std::size_t encoded_bytes(const message& of) noexcept {
  auto bytes = seal_bytes + message_bytes + (of.snapshot ? mark_bytes(*of.snapshot) : 0);
  for (const auto& each : of.entries)
    bytes += entry_bytes + each.bytes();
  return bytes;
}

std::string encode(const message& of) {
  auto to = begin(value_kind::message, encoded_bytes(of) - seal_bytes);
  append_head(to, of);
  seal(to);
  for (const auto& each : of.entries)
    append_entry(to, each);
  return to;
}

std::string encode(const configuration_change& of) {
  auto to = begin(value_kind::change, 5 + 9 * of.steps.size());
  to.push_back(static_cast<char>(of.mode));
  codec::append_little(to, static_cast<std::uint32_t>(of.steps.size()));
  for (const auto& step : of.steps) {
    to.push_back(static_cast<char>(step.kind));
    codec::append_little(to, step.which.value);
  }
  seal(to);
  return to;
}

std::string encode(const snapshot_mark& of) {
  auto to = begin(value_kind::mark, mark_bytes(of));
  append_mark(to, of);
  seal(to);
  return to;
}

std::string encode(const hard_state& of) {
  auto to = begin(value_kind::state, 24);
  codec::append_little(to, of.term.value);
  codec::append_little(to, of.vote.value);
  codec::append_little(to, of.commit.value);
  seal(to);
  return to;
}

outcome<entry> decode_entry(std::string_view bytes) {
  if (auto begun = check_begin(bytes, value_kind::entry); !begun.ok())
    return begun;
  if (!is_sealed(bytes, seal_bytes))
    return damaged("a wrong checksum");
  reader in{bytes.substr(seal_bytes)};
  auto to = take_entry(in);
  return finished(in, std::move(to));
}

outcome<message> decode_message(std::string_view bytes) {
  if (auto begun = check_begin(bytes, value_kind::message); !begun.ok())
    return begun;
  reader in{bytes.substr(seal_bytes)};
  message to;
  const auto count = take_head(in, to);
  if (!in.ok() || !is_sealed(bytes, bytes.size() - in.left()))
    return damaged("a damaged message");
  if (count > in.left() / entry_bytes)
    return damaged("a message without its entries");
  to.entries.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    to.entries.push_back(take_entry(in));
  return finished(in, std::move(to));
}

outcome<configuration_change> decode_change(std::string_view bytes) {
  if (auto whole = check_whole(bytes, value_kind::change); !whole.ok())
    return whole;
  reader in{bytes.substr(seal_bytes)};
  configuration_change to;
  to.mode = in.enumerator(change_mode::automatic, change_mode::leave);
  const std::size_t count = in.number<std::uint32_t>();
  to.steps.reserve(std::min(count, in.left() / 9));
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const auto kind = in.enumerator(change_kind::add_voter, change_kind::add_witness);
    to.steps.push_back({kind, replica_id{in.number<std::uint64_t>()}});
  }
  return finished(in, std::move(to));
}

outcome<snapshot_mark> decode_mark(std::string_view bytes) {
  if (auto whole = check_whole(bytes, value_kind::mark); !whole.ok())
    return whole;
  reader in{bytes.substr(seal_bytes)};
  auto to = take_mark(in);
  return finished(in, std::move(to));
}

outcome<hard_state> decode_hard_state(std::string_view bytes) {
  if (auto whole = check_whole(bytes, value_kind::state); !whole.ok())
    return whole;
  reader in{bytes.substr(seal_bytes)};
  hard_state to;
  to.term = term{in.number<std::uint64_t>()};
  to.vote = replica_id{in.number<std::uint64_t>()};
  to.commit = log_index{in.number<std::uint64_t>()};
  return finished(in, std::move(to));
}

} // namespace grape::raft
