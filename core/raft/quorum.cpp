#include "core/raft/quorum.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace grape::raft {

namespace {

constexpr std::size_t voters_on_stack = 16;

std::optional<log_index> majority_of_set(const replica_set& voters,
                                         const std::function<log_index(replica_id)>& acked) {
  std::array<log_index, voters_on_stack> few;
  std::vector<log_index> many(voters.size() > few.size() ? voters.size() : 0);
  const auto values = many.empty() ? std::span{few}.first(voters.size()) : std::span{many};
  std::transform(voters.begin(), voters.end(), values.begin(), acked);
  return majority_of(values);
}

vote_result count_set(const replica_set& voters,
                      const std::function<std::optional<bool>(replica_id)>& voted) {
  std::size_t granted = 0;
  std::size_t refused = 0;
  for (const auto voter : voters)
    if (const auto answer = voted(voter))
      ++(*answer ? granted : refused);
  const auto majority = voters.size() / 2 + 1;
  if (voters.empty() || granted >= majority)
    return vote_result::won;
  // Whoever has not answered could still make up a majority, or not.
  return voters.size() - refused < majority ? vote_result::lost : vote_result::pending;
}

} // namespace

std::optional<log_index> majority_of(std::span<log_index> values) noexcept {
  if (values.empty())
    return std::nullopt;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

// rule 22: both majorities of a joint state.
std::optional<log_index> committed(const configuration& members,
                                   const std::function<log_index(replica_id)>& acked) {
  const auto coming = majority_of_set(members.voters, acked);
  const auto going = majority_of_set(members.outgoing, acked);
  if (!coming || !going)
    return coming ? coming : going;
  return std::min(*coming, *going);
}

vote_result count_votes(const configuration& members,
                        const std::function<std::optional<bool>(replica_id)>& voted) {
  const auto coming = count_set(members.voters, voted);
  const auto going = count_set(members.outgoing, voted);
  if (coming == going)
    return coming;
  if (coming == vote_result::lost || going == vote_result::lost)
    return vote_result::lost;
  return vote_result::pending;
}

} // namespace grape::raft
