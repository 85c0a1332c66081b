#include "core/cluster/metadata_snapshot.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

install_question piece_of(const std::string& message, const std::string& state,
                          std::uint64_t have) {
  const auto from = std::min<std::size_t>(have, state.size());
  return {message, state.size(), from, state.substr(from, metadata_piece_bytes)};
}

outcome<std::uint64_t> metadata_gathering::take(install_question piece) {
  if (piece.total > metadata_bytes_max)
    return status{errc::too_large,
                  "a state of the control plane of " + std::to_string(piece.total) + " bytes"};
  const auto is_other = piece.message != message_ || piece.total != total_;
  if (is_other && piece.offset != 0)
    return std::uint64_t{0};
  if (is_other) {
    message_ = std::move(piece.message);
    total_ = piece.total;
    state_.clear();
  }
  if (piece.offset != state_.size())
    return std::uint64_t{state_.size()};
  if (piece.piece.size() > total_ - state_.size())
    return status{errc::corrupted, "more of a state of the control plane than there is"};
  state_ += piece.piece;
  return std::uint64_t{state_.size()};
}

std::string staged_name(const raft::snapshot_mark& mark) {
  return "metadata-" + std::to_string(mark.index.value) + "-" + std::to_string(mark.term.value);
}

outcome<settled_metadata> settle_staged(saved_metadata saved, std::optional<staged_metadata> staged,
                                        const storage::log_base& said) {
  const auto is_missing = saved.applied < said.mark.index && !said.staged.empty();
  if (!is_missing)
    return settled_metadata{std::move(saved), staged.has_value()};
  if (!staged || staged->name != said.staged || staged->what.applied != said.mark.index)
    return status{errc::corrupted,
                  "the control plane's log begins after entry "
                      + std::to_string(said.mark.index.value) + ", its state ends at entry "
                      + std::to_string(saved.applied.value) + ", and `" + said.staged
                      + "`, which came to fill the gap, is not there"};
  staged->what.log_of = saved.log_of;
  return settled_metadata{std::move(staged->what), true};
}

bool may_mirror(const metadata& newer, node_number self, std::optional<replica_id> log_of) {
  const auto group = newer.groups().find(metadata_group);
  return !log_of || group == newer.groups().end() || group->second.on(self) == nullptr
         || group->second.on(self)->id != *log_of;
}

membership_standing membership_of(const saved_metadata& now, node_number self) {
  const auto group = now.state.groups().find(metadata_group);
  if (group == now.state.groups().end())
    return membership_standing::outsider;
  const auto* own = group->second.on(self);
  if (own == nullptr || own->id != now.log_of)
    return membership_standing::outsider;
  const auto& move = group->second.move;
  const auto departs = move && move->from && move->from->id == own->id
                       && move->stage == move_stage::switching;
  return departs ? membership_standing::departing : membership_standing::member;
}

membership_step next_membership(const saved_metadata& now, node_number self, bool is_hosted,
                                const std::set<replica_id>& deleted) {
  const auto group = now.state.groups().find(metadata_group);
  if (group == now.state.groups().end())
    return membership_step::none; // It has not been told of any cluster yet.
  const auto* own = group->second.on(self);
  const auto is_member = own != nullptr && !deleted.contains(own->id);
  const auto has_another_log = now.log_of != replica_id{} && !(is_member && own->id == now.log_of);
  const auto& move = group->second.move;
  const auto leaves_later = move && move->from && move->from->node == self
                            && move->from->id == now.log_of && !deleted.contains(now.log_of);
  if (is_hosted)
    return has_another_log && !leaves_later ? membership_step::leave : membership_step::none;
  if (has_another_log)
    return leaves_later ? membership_step::none : membership_step::forget;
  return is_member ? membership_step::host : membership_step::none;
}

} // namespace grape::cluster
