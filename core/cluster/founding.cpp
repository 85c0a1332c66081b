#include "core/cluster/founding.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

constexpr node_number first_founder{1};

std::string name_of(const founding_state& own, node_number of) {
  const auto& founder = own.founders[of.value - 1];
  return founder.substr(0, founder.find('='));
}

std::string joined(const std::vector<std::string>& founders) {
  std::string all;
  for (const auto& founder : founders)
    all += (all.empty() ? "" : ", ") + founder;
  return all;
}

} // namespace

founding::founding(node_number self, founding_state own, std::string drawn_id)
  : self_(self)
  , own_(std::move(own))
  , drawn_id_(std::move(drawn_id)) {
  GRAPE_CHECK(self >= first_founder && self.value <= own_.founders.size());
  GRAPE_CHECK(own_.cluster_id.empty() == (own_.stage == founding_stage::empty));
}

std::vector<node_number> founding::to_ask() const {
  std::vector<node_number> others;
  if (!is_formed())
    for (std::uint32_t i = 1; i <= own_.founders.size(); ++i)
      if (node_number{i} != self_)
        others.emplace_back(i);
  return others;
}

std::optional<founding_state> founding::begun() const {
  return next();
}

outcome<std::optional<founding_state>> founding::answered(node_number from,
                                                          const founding_state& state) {
  if (auto same = check_configuration(from, state); !same.ok())
    return same;
  if (state.stage == founding_stage::formed && own_.stage == founding_stage::empty)
    return status{errc::corrupted, "the cluster " + state.cluster_id + " was formed with founder `"
                                       + name_of(own_, self_)
                                       + "`, but there is no trace of it on this disk; if the "
                                       + "disk is lost, run `grapectl node replace "
                                       + name_of(own_, self_) + "` against another node"};
  if (state.stage != founding_stage::empty && own_.stage != founding_stage::empty
      && state.cluster_id != own_.cluster_id)
    return status{errc::bad_config, "founder `" + name_of(own_, from) + "` belongs to cluster "
                                        + state.cluster_id + ", this disk to " + own_.cluster_id};
  answers_.insert_or_assign(from, state);
  return next();
}

void founding::written(founding_state state) {
  GRAPE_CHECK(state.stage > own_.stage);
  own_ = std::move(state);
}

status founding::check_configuration(node_number from, const founding_state& state) const {
  if (state.cluster_name != own_.cluster_name)
    return {errc::bad_config, "founder `" + name_of(own_, from) + "` belongs to cluster `"
                                  + state.cluster_name + "`, this node to `" + own_.cluster_name
                                  + "`: [cluster] name must be the same on every node"};
  if (state.founders != own_.founders)
    return {errc::bad_config, "founder `" + name_of(own_, from)
                                  + "` has [cluster] founders = " + joined(state.founders)
                                  + "; this node has " + joined(own_.founders)
                                  + ": they must be the same on every founder"};
  return {};
}

std::optional<founding_state> founding::next() const {
  auto then = own_;
  if (own_.stage == founding_stage::empty) {
    then.stage = founding_stage::agreed;
    then.cluster_id = id_to_agree_on();
    return then.cluster_id.empty() ? std::nullopt : std::optional{then};
  }
  const auto is_formed_elsewhere = std::any_of(answers_.begin(), answers_.end(), [](auto& answer) {
    return answer.second.stage == founding_stage::formed;
  });
  const auto may_form = self_ == first_founder && everybody_is(founding_stage::agreed);
  if (own_.stage == founding_stage::formed || !(is_formed_elsewhere || may_form))
    return std::nullopt;
  then.stage = founding_stage::formed;
  return then;
}

/// The first founder decides once it heard everybody; the others follow it alone. What was agreed
/// on before the first founder lost its disk still holds: somebody has it on his.
std::string founding::id_to_agree_on() const {
  if (self_ != first_founder) {
    const auto first = answers_.find(first_founder);
    return first == answers_.end() ? "" : first->second.cluster_id;
  }
  if (!everybody_is(founding_stage::empty))
    return {};
  for (const auto& [from, answer] : answers_)
    if (!answer.cluster_id.empty())
      return answer.cluster_id;
  return drawn_id_;
}

/// At `stage` or beyond, as they last said; each of them.
bool founding::everybody_is(founding_stage stage) const {
  return answers_.size() + 1 == own_.founders.size()
         && std::all_of(answers_.begin(), answers_.end(),
                        [stage](auto& answer) { return answer.second.stage >= stage; });
}

} // namespace grape::cluster
