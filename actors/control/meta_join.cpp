// Nodes that come later, or again with an empty disk, ask to be admitted: core/cluster/joining.hpp.

#include "actors/control/meta_state.hpp"

namespace grape::actors {

namespace {

constexpr std::uint64_t admission_patience_ms = 10'000;

} // namespace

caf::result<join_answer> meta_state::join_asked(const join_question& asked) {
  if (!home->is_clustered())
    return to_error({errc::bad_request,
                     "`" + home->config.node.id + "` is alone: there is no cluster to join"});
  if (!member)
    return to_error({errc::unavailable, "the control plane is not ready yet here"});
  auto request = cluster::decode_join_request(asked.bytes);
  if (!request)
    return to_error(request.error());
  const auto number = cluster::check_join(now.state, home->config.cluster.name, *request);
  if (!number)
    return to_error(number.error());
  const owed<join_answer> promise{self, fell_writing()};
  if (*number) {
    answer_join(*request, promise);
    return promise;
  }
  group_change one;
  one.command = cluster::encode(cluster::command_to_admit(*request));
  one.deadline_ms = home->host.now_ms() + admission_patience_ms;
  one.answer = [this, request = std::move(*request),
                promise](const outcome<metadata_changed>& result) {
    if (result)
      answer_join(request, promise);
    else
      promise.refuse(result.error());
  };
  member->waiting.push_back(std::move(one));
  try_changes();
  return promise;
}

/// By what is committed now.
void meta_state::answer_join(const join_request& asked, const owed<join_answer>& promise) const {
  const auto number = cluster::check_join(now.state, home->config.cluster.name, asked);
  if (!number)
    return promise.refuse(number.error());
  if (!*number)
    return promise.refuse(status{errc::unavailable, "`" + asked.name + "` is no member yet"});
  join_reply reply{now.state.cluster_id(), **number, now.applied, {}};
  if (asked.cluster_id.empty()) // It has no state of its own.
    reply.state = now.state.encode();
  promise.deliver(join_answer{cluster::encode(reply)});
}

} // namespace grape::actors
