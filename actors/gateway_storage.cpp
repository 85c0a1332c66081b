// GATEWAY and what people ask to be done with the disks: of all nodes that it concerns.

#include "actors/answer_once.hpp"
#include "actors/gateway.hpp"
#include "core/archive/checkpoint.hpp"
#include "core/archive/upkeep_codec.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace grape::actors {

namespace {

/// What a node has more than its own time, to say what it did not do in it.
constexpr std::uint64_t telling_ms = 2'000;

node_number own_number(const house& home) {
  const auto member = home.member.get();
  return member ? member->self : node_number{1};
}

/// Those that have data of it, or may have some.
std::set<node_number> concerned(const cluster::metadata& state, const storage_request& asked,
                                node_number self) {
  if (state.nodes().empty())
    return {self};
  if (asked.node)
    return {*asked.node};
  std::set<node_number> found;
  for (const auto& [number, node] : state.nodes()) {
    if (node.state == cluster::node_state::removed || node.state == cluster::node_state::expected
        || cluster::is_pending(node))
      continue;
    const auto* entry = state.find_exact(asked.collection);
    const auto has_some = [&state, number = number](const auto& shard) {
      const auto replicas = state.groups().find(shard.second);
      return replicas != state.groups().end() && replicas->second.on(number) != nullptr;
    };
    if (entry == nullptr || std::any_of(entry->groups.begin(), entry->groups.end(), has_some))
      found.insert(number);
  }
  return found;
}

/// The answers as they come.
struct round {
  storage_report report;
  std::size_t missing = 1;
  std::function<void(storage_report&)> then;

  void add(node_upkeep told) {
    report.nodes.push_back(std::move(told));
    one_less();
  }

  void one_less() {
    if (--missing > 0)
      return;
    std::sort(report.nodes.begin(), report.nodes.end(),
              [](const node_upkeep& a, const node_upkeep& b) { return a.node < b.node; });
    then(report);
  }
};

void ask_here(gateway_pointer self, const storage_request& asked, node_upkeep unanswered,
              const std::shared_ptr<round>& all) {
  const auto within = std::chrono::milliseconds{asked.timeout_ms + telling_ms};
  self->request(self->state.home->board.get<caretaker_actor>(role::caretaker), within, wrap(asked))
      .then([all](const parcel<node_upkeep>& told) { all->add(std::move(*told.value)); },
            [all, unanswered](const caf::error& why) {
              auto told = unanswered;
              told.result = to_status(why);
              all->add(std::move(told));
            });
}

void ask_there(gateway_pointer self, const storage_request& asked, node_upkeep unanswered,
               const std::shared_ptr<round>& all) {
  const auto& home = *self->state.home;
  const auto link = home.board.get<peer_link_actor>(role::link(unanswered.node));
  link_question question;
  question.on = asked.verb == storage_verb::read_checkpoint ? link::lane::bulk : link::lane::normal;
  question.to = link::addressee::upkeep;
  question.deadline_ms = home.host.now_ms() + asked.timeout_ms + telling_ms;
  question.bytes = archive::encode(asked);
  const auto within = std::chrono::milliseconds{asked.timeout_ms + 2 * telling_ms};
  self->request(link, within, std::move(question))
      .then(
          [all, unanswered](const link_answer& said) {
            auto told = archive::decode_node_upkeep(said.bytes);
            if (told)
              return all->add(std::move(*told));
            auto unread = unanswered;
            unread.result = told.error();
            all->add(std::move(unread));
          },
          [all, unanswered](const caf::error& why) {
            auto told = unanswered;
            told.result = to_status(why);
            all->add(std::move(told));
          });
}

/// The real name of the collection, and a name for a checkpoint that has none yet.
status complete(storage_request& asked, const cluster::metadata& state) {
  using namespace std::chrono;
  if (!asked.collection.empty() && asked.verb != storage_verb::read_checkpoint) {
    auto name = state.resolve(asked.collection);
    if (!name)
      return std::move(name).error();
    asked.collection = *std::move(name);
  }
  if (asked.verb == storage_verb::checkpoint && asked.checkpoint.empty())
    asked.checkpoint = archive::checkpoint_name(static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()));
  if (!asked.checkpoint.empty() && !archive::is_checkpoint_name(asked.checkpoint))
    return {errc::bad_request, "the name of a checkpoint has 1 to 100 letters, digits, `_`, `-` "
                               "and `.`, the first no `.`"};
  return {};
}

/// Nobody had it.
bool nothing_deleted(const storage_report& of) {
  return of.verb == storage_verb::delete_checkpoint && of.verdict().ok()
         && std::all_of(of.nodes.begin(), of.nodes.end(),
                        [](const node_upkeep& one) { return one.checkpoints.empty(); });
}

} // namespace

void gateway::ask(storage_request asked, reply_to<storage_report> reply) {
  auto answer = once<storage_report>(std::move(reply), lost_read(*home_));
  const auto known = home_->known.get();
  if (!known)
    return (*answer)(status{errc::unavailable, "the node is starting"});
  if (auto whole = complete(asked, known->state); !whole.ok())
    return (*answer)(std::move(whole));
  carry([known, answer, asked = std::move(asked)](gateway_pointer self) {
    const auto here = own_number(*self->state.home);
    auto all = std::make_shared<round>();
    all->report.verb = asked.verb;
    all->report.checkpoint = asked.checkpoint;
    all->then = [answer](storage_report& report) {
      if (nothing_deleted(report))
        return (*answer)(
            status{errc::not_found, "no node has a checkpoint `" + report.checkpoint + "`"});
      (*answer)(std::move(report));
    };
    for (const auto number : concerned(known->state, asked, here)) {
      node_upkeep unanswered;
      unanswered.node = number;
      if (const auto node = known->state.nodes().find(number); node != known->state.nodes().end())
        unanswered.name = node->second.name;
      else
        unanswered.name = self->state.home->config.node.id;
      ++all->missing;
      (number == here ? ask_here : ask_there)(self, asked, std::move(unanswered), all);
    }
    all->one_less();
  });
}

/// Who does not answer soon is left out: that is worth seeing, too.
void gateway::ask(get_quotas_request, reply_to<quota_status> reply) {
  constexpr std::uint32_t answer_ms = 2'000;
  auto now = home_->quota.read(*home_);
  quota_status told{now.config, now.usage, now.exceeded, {}};
  if (!home_->is_clustered())
    return reply(std::move(told));
  storage_request wanted;
  wanted.verb = storage_verb::usage;
  wanted.timeout_ms = answer_ms;
  ask(std::move(wanted), [told = std::move(told), reply = std::move(reply)](
                             const outcome<storage_report>& report) mutable {
    if (!report)
      return reply(report.error());
    told.peers.emplace();
    for (const auto& node : report->nodes)
      if (node.result.ok())
        told.peers->emplace(node.node.value, node.quota);
    reply(std::move(told));
  });
}

} // namespace grape::actors
