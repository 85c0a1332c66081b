// Snapshots that lie on other nodes: any node of a cluster lists, gives and removes them.

#include "actors/archivist.hpp"
#include "actors/fetched_file.hpp"
#include "net/http/fetch.hpp"

#include <algorithm>

namespace grape::actors {

/// Those that can be asked; `silent` gets the names of the others.
std::vector<http::remote_node> archivist_work::others(std::vector<std::string>& silent) const {
  std::vector<http::remote_node> found;
  const auto known = home_->known.get();
  const auto member = home_->member.get();
  if (!known || !member)
    return found;
  for (const auto& [number, node] : known->state.nodes()) {
    if (number == member->self || node.state == cluster::node_state::removed
        || cluster::is_pending(node))
      continue;
    const auto address = home_->peers.look(number).http_address;
    const auto& at = address.empty() ? node.http_address : address;
    if (home_->peers.look(number).connected && !at.empty() && !at.ends_with(":0"))
      found.push_back({at, home_->config.http.api_key});
    else
      silent.push_back(node.name);
  }
  return found;
}

/// As the other nodes know them: by the collection's own name.
outcome<snapshot_owner> archivist_work::by_real_name(snapshot_owner of) const {
  const auto known = home_->known.get();
  if (of.collection && known) {
    auto name = known->state.resolve(*of.collection);
    if (!name)
      return std::move(name).error();
    of.collection = *std::move(name);
  }
  return of;
}

std::function<bool()> archivist_work::until_closing() const {
  return [home = home_] { return home->closing.load(); };
}

/// What a node that does not answer has is not in the list: the others' are.
outcome<snapshot_list> archivist_work::list_all(const list_snapshots_request& asked) {
  auto all = list(asked);
  const auto of = by_real_name(asked.of);
  if (!all || !of)
    return all;
  std::vector<std::string> silent;
  for (const auto& node : others(silent))
    if (const auto there = http::list_snapshots_of(node, *of, until_closing()))
      all->all.insert(all->all.end(), there->all.begin(), there->all.end());
  std::sort(all->all.begin(), all->all.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return all;
}

status archivist_work::nowhere(const std::string& name,
                               const std::vector<std::string>& silent) const {
  std::string words = "Snapshot " + name + " not found";
  for (const auto& each : silent)
    words += (&each == &silent.front() ? "; it may lie on " : ", ") + each;
  return {errc::not_found, words + (silent.empty() ? "" : ", which cannot be asked")};
}

outcome<snapshot_file> archivist_work::find_anywhere(const find_snapshot_request& asked) {
  auto here = find(asked);
  const auto of = by_real_name(asked.of);
  if (here || !of || here.error().code != errc::not_found || !archive::is_snapshot_name(asked.name))
    return here;
  if (auto made = files_.create_directories(home_->path(incoming_folder)); !made.ok())
    return made;
  std::vector<std::string> silent;
  for (const auto& node : others(silent)) {
    const auto there = http::list_snapshots_of(node, *of, until_closing());
    if (!there)
      silent.push_back(node.address);
    else if (std::any_of(there->all.begin(), there->all.end(),
                         [&asked](const auto& each) { return each.name == asked.name; }))
      return bring(http::snapshot_url(node, *of, asked.name), node.api_key);
  }
  return nowhere(asked.name, silent);
}

outcome<snapshot_file> archivist_work::bring(const std::string& url, const std::string& api_key) {
  auto file = std::make_shared<fetched_file>(*home_);
  if (auto fetched = fetch_to(file->path(), url, api_key); !fetched.ok())
    return fetched;
  return snapshot_file{file->path(), file};
}

status archivist_work::fetch_to(const std::string& path, const std::string& url,
                                const std::string& api_key) {
  if (auto made = files_.create_directories(home_->path(incoming_folder)); !made.ok())
    return made;
  if (auto room = keep_room(); !room.ok())
    return room;
  const auto space = files_.space(home_->path(incoming_folder));
  http::fetch_options how;
  how.api_key = api_key;
  how.bytes_max = space && space->total_bytes > 0
                      ? space->free_bytes - std::min(space->free_bytes, snapshot_free_bytes_min)
                      : ~std::uint64_t{0};
  how.given_up = until_closing();
  const auto bytes = http::fetch(url, path, how);
  return bytes ? status{} : bytes.error();
}

outcome<changed> archivist_work::remove_anywhere(const delete_snapshot_request& asked) {
  auto here = remove(asked);
  const auto of = by_real_name(asked.of);
  if (here || !of || here.error().code != errc::not_found || !archive::is_snapshot_name(asked.name))
    return here;
  std::vector<std::string> silent;
  for (const auto& node : others(silent)) {
    auto there = http::delete_snapshot_of(node, *of, asked.name, until_closing());
    if (there)
      return there;
    if (there.error().code != errc::not_found)
      silent.push_back(node.address);
  }
  return nowhere(asked.name, silent);
}

} // namespace grape::actors
