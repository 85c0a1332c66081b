#include "actors/admission.hpp"

#include "core/cluster/metadata_store.hpp"
#include "core/link/hello.hpp"
#include "net/http/client.hpp"
#include "net/http/joining.hpp"

#include <chrono>
#include <thread>

namespace grape::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto seeds_patience = 30s;
constexpr auto pause = 500ms;
constexpr auto look_every = 50ms; // Whether somebody gave up.
constexpr auto answer_patience = 15s;   // A change of the control plane may take its time.
constexpr auto make_sure_patience = 1s; // Of a node that is a member already.

/// What a seed said, or why nothing came of it.
struct attempt {
  std::optional<join_reply> admitted;
  status refused; ///< For good.
  std::string why;
};

attempt ask_seed(const std::string& seed, const join_request& asked,
                 std::chrono::milliseconds patience, const std::function<bool()>& given_up,
                 const std::string& api_key) {
  attempt made;
  const auto said = http::post(seed, std::string{http::join_path}, http::write_join_request(asked),
                               patience, given_up, api_key);
  if (!said) {
    made.why = said.error().detail;
    return made;
  }
  if (said->status < 300) {
    auto reply = http::read_join_reply(said->body);
    if (reply)
      made.admitted = std::move(*reply);
    else
      made.why = reply.error().detail;
    return made;
  }
  made.why = http::read_refusal(said->body);
  if (said->status == 409)
    made.refused = {errc::corrupted, made.why};
  else if (said->status >= 400 && said->status < 500 && said->status != 404)
    made.refused = {errc::bad_config, made.why};
  return made;
}

} // namespace

join_request own_join_request(const node_config& config, const cluster::node_identity& who) {
  join_request asked;
  asked.protocol = link::protocol_version;
  asked.name = config.node.id;
  asked.disk = who.disk;
  asked.peer_address = advertised_address(config);
  asked.http_address = advertised_http_address(config);
  asked.cluster_name = config.cluster.name;
  asked.cluster_id = who.cluster_id;
  asked.number = who.number;
  return asked;
}

status admit(const house& home, const join_reply& as, cluster::node_identity who,
             const std::function<status(const cluster::node_identity&)>& write) {
  auto state = cluster::metadata::restore(as.state);
  if (!state)
    return std::move(state).error();
  {
    const auto store = storage::open_leveldb(*home.files, home.path("meta"),
                                             {.lane = home.lane, .cache = home.cache});
    if (!store)
      return store.error();
    const cluster::saved_metadata saved{std::move(*state), as.applied};
    if (auto done = cluster::save_settled(**store, saved); !done.ok())
      return done;
  }
  who.cluster_id = as.cluster_id;
  who.number = as.number;
  who.founding = cluster::founding_stage::formed;
  return write(who);
}

namespace {

/// False: given up meanwhile.
bool rest(const std::function<bool()>& given_up) {
  const auto until = std::chrono::steady_clock::now() + pause;
  while (std::chrono::steady_clock::now() < until) {
    if (given_up && given_up())
      return false;
    std::this_thread::sleep_for(look_every);
  }
  return true;
}

} // namespace

outcome<std::optional<join_reply>> ask_seeds(house& home, const cluster::node_identity& who,
                                             const std::function<bool()>& given_up) {
  const status ended{errc::cancelled, "ended while it asked to be admitted to a cluster"};
  const auto asked = own_join_request(home.config, who);
  const bool is_member = who.number != node_number{};
  const auto give_up = std::chrono::steady_clock::now() + seeds_patience;
  std::string noted;
  for (;;) {
    std::string failures;
    for (const auto& seed : home.config.cluster.join) {
      auto made = ask_seed(seed, asked, is_member ? make_sure_patience : answer_patience, given_up,
                           home.config.http.api_key);
      if (!made.admitted && given_up && given_up())
        return ended;
      if (!made.refused.ok())
        return status{made.refused.code, seed + " refuses: " + made.refused.detail};
      if (made.admitted)
        return is_member ? std::optional<join_reply>{} : std::move(made.admitted);
      failures += (failures.empty() ? "" : "; ") + seed + ": " + made.why;
    }
    if (is_member)
      return std::optional<join_reply>{};
    if (std::chrono::steady_clock::now() + pause >= give_up)
      return status{errc::timed_out, "no member at [cluster] join admits this node: " + failures};
    if (std::exchange(noted, failures) != failures)
      home.notes.add("not admitted to a cluster yet: " + failures);
    if (!rest(given_up))
      return ended;
  }
}

} // namespace grape::actors
