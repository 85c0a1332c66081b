#include "core/cluster/words.hpp"

namespace grape::cluster {

std::string_view to_string(move_stage stage) noexcept {
  switch (stage) {
    case move_stage::joining: return "joining";
    case move_stage::indexing: return "indexing";
    case move_stage::switching: return "switching";
    case move_stage::leaving: return "leaving";
    case move_stage::undoing: return "undoing";
  }
  return "?";
}

std::string_view to_string(replica_role role) noexcept {
  switch (role) {
    case replica_role::voter: return "voter";
    case replica_role::learner: return "learner";
    case replica_role::witness: return "witness";
  }
  return "?";
}

std::string_view to_string(health is) noexcept {
  switch (is) {
    case health::alive: return "alive";
    case health::suspect: return "suspect";
    case health::silent: return "silent";
  }
  return "?";
}

std::string shard_name(std::string_view collection, shard_id shard) {
  return std::string{collection} + "/" + std::to_string(shard.value);
}

} // namespace grape::cluster
