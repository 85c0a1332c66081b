// rule 39: a retry takes effect once. Sessions, their last results and their ends are replicated
// state; no clock is asked here.

#include "core/raft/sessions.hpp"

#include "core/raft/sealed.hpp"

namespace grape::raft {

namespace {

using namespace sealed;

/// Numbers stand on disk and on the wire.
enum class command_kind : std::uint8_t { open = 1, expire = 2, request = 3 };

constexpr std::size_t session_bytes = 28; ///< Of one encoded session, without its result.

void append_text(std::string& to, std::string_view text) {
  codec::append_little(to, static_cast<std::uint32_t>(text.size()));
  to.append(text);
}

struct command_writer {
  std::string& to;

  void kind(command_kind what) const { to.push_back(static_cast<char>(what)); }

  void operator()(const open_session&) const { kind(command_kind::open); }
  void operator()(const expire_sessions& of) const {
    kind(command_kind::expire);
    codec::append_little(to, of.idle_through.value);
  }
  void operator()(const session_request& of) const {
    kind(command_kind::request);
    codec::append_little(to, of.session.value);
    codec::append_little(to, of.sequence);
    append_text(to, of.command);
  }
};

session_command take_command(reader& in) {
  switch (in.enumerator(command_kind::open, command_kind::request)) {
  case command_kind::expire: return expire_sessions{log_index{in.number<std::uint64_t>()}};
  case command_kind::request: {
    session_request to;
    to.session = session_id{in.number<std::uint64_t>()};
    to.sequence = in.number<std::uint64_t>();
    to.command = in.text(in.number<std::uint32_t>());
    return to;
  }
  case command_kind::open: break;
  }
  return open_session{};
}

} // namespace

std::string encode(const session_command& of) {
  auto to = begin(value_kind::session_command, 64);
  std::visit(command_writer{to}, of);
  seal(to);
  return to;
}

outcome<session_command> decode_session_command(std::string_view bytes) {
  if (auto whole = check_whole(bytes, value_kind::session_command); !whole.ok())
    return whole;
  reader in{bytes.substr(seal_bytes)};
  auto to = take_command(in);
  return finished(in, std::move(to));
}

sessions::sessions(session_limits limits) : limits_(limits) {
  GRAPE_CHECK(limits.count_max > 0);
}

outcome<std::string> sessions::apply(log_index index, const session_command& command,
                                     const std::function<std::string(const std::string&)>& run) {
  if (std::holds_alternative<open_session>(command))
    return open(index);
  if (const auto* request = std::get_if<session_request>(&command))
    return answer(index, *request, run);
  const auto through = std::get<expire_sessions>(command).idle_through;
  while (!sessions_.empty() && oldest_use() <= through)
    end_oldest();
  return std::string{};
}

outcome<std::string> sessions::open(log_index index) {
  if (sessions_.size() >= limits_.count_max)
    end_oldest();
  const session_id opened{index.value};
  sessions_[opened].used = index;
  by_use_.emplace(index, opened);
  return std::to_string(opened.value);
}

outcome<std::string> sessions::answer(log_index index, const session_request& request,
                                      const std::function<std::string(const std::string&)>& run) {
  const auto found = sessions_.find(request.session);
  if (found == sessions_.end())
    return status{errc::not_found,
                  "session " + std::to_string(request.session.value) + " has ended"};
  auto& last = found->second;
  if (request.sequence < last.sequence || request.sequence == 0)
    return status{errc::bad_request, "request " + std::to_string(request.sequence)
                                       + " of session " + std::to_string(request.session.value)
                                       + " comes after request " + std::to_string(last.sequence)};
  touch(found, index);
  if (request.sequence == last.sequence)
    return last.result;
  last.result = run(request.command);
  GRAPE_CHECK(last.result.size() <= limits_.result_bytes_max);
  last.sequence = request.sequence;
  return last.result;
}

void sessions::touch(session_map::iterator at, log_index index) {
  by_use_.erase({at->second.used, at->first});
  at->second.used = index;
  by_use_.emplace(index, at->first);
}

void sessions::end_oldest() {
  sessions_.erase(by_use_.begin()->second);
  by_use_.erase(by_use_.begin());
}

log_index sessions::oldest_use() const noexcept {
  return by_use_.empty() ? log_index{} : by_use_.begin()->first;
}

std::string sessions::encode() const {
  auto to = begin(value_kind::sessions, 4 + session_bytes * sessions_.size());
  codec::append_little(to, static_cast<std::uint32_t>(sessions_.size()));
  for (const auto& [which, of] : sessions_) {
    codec::append_little(to, which.value);
    codec::append_little(to, of.sequence);
    codec::append_little(to, of.used.value);
    append_text(to, of.result);
  }
  seal(to);
  return to;
}

outcome<sessions> sessions::decode(std::string_view bytes, session_limits limits) {
  if (auto whole = check_whole(bytes, value_kind::sessions); !whole.ok())
    return whole;
  reader in{bytes.substr(seal_bytes)};
  sessions to{limits};
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const session_id which{in.number<std::uint64_t>()};
    if (!to.sessions_.empty() && to.sessions_.rbegin()->first >= which)
      in.fail();
    auto& of = to.sessions_[which];
    of.sequence = in.number<std::uint64_t>();
    of.used = log_index{in.number<std::uint64_t>()};
    of.result = in.text(in.number<std::uint32_t>());
    to.by_use_.emplace(of.used, which);
  }
  return finished(in, std::move(to));
}

} // namespace grape::raft
