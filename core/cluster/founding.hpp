#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace grape::cluster {

/// How far a founder has come in forming the cluster. It is on the founder's disk.
enum class founding_stage : std::uint8_t {
  empty = 0,  ///< Knows no cluster.
  agreed = 1, ///< Knows the cluster's id, and that every founder was empty; must not vote yet.
  formed = 2, ///< Every founder knew the id: votes from now on, for ever.
};

/// What a founder answers when asked: what is on its disk, and what its configuration says.
struct founding_state {
  founding_stage stage = founding_stage::empty;
  std::string cluster_id;            ///< Empty at stage `empty`.
  std::string cluster_name;          ///< Of the configuration.
  std::vector<std::string> founders; ///< Of the configuration: "name=address", in order of name.

  friend bool operator==(const founding_state&, const founding_state&) = default;
};

/// Forms one cluster of founders that start with empty disks, and never a second one: founder 1
/// draws the id only after every founder answered, and none was formed; nobody votes before every
/// founder has the id on its disk. A founder that lost its disk meets one that is formed, and gives
/// up. Knows no clock, disk or network; not thread-safe.
class founding {
public:
  /// `self` is this founder's place in `own.founders`, from 1. `drawn_id` becomes the cluster's id
  /// if this founder is the first and no id was agreed on yet.
  founding(node_number self, founding_state own, std::string drawn_id);

  /// What is on the disk: only that may be said to whoever asks.
  const founding_state& own() const noexcept { return own_; }

  bool is_formed() const noexcept { return own_.stage == founding_stage::formed; }

  /// Whom to ask now, and again until `is_formed`: all other founders.
  std::vector<node_number> to_ask() const;

  /// The state to write to the disk, durably, before `written`. To be looked at after the
  /// construction: a founder that is alone has nobody to ask.
  std::optional<founding_state> begun() const;

  /// `from` answered a question of this process. A state is to be written as that of `begun`; the
  /// same one may be asked for again. Errors, with which this node must not start: bad_config
  /// (clusters or configurations differ), corrupted (this founder's disk was lost).
  outcome<std::optional<founding_state>> answered(node_number from, const founding_state& state);

  /// A state that was to be written is durable.
  void written(founding_state state);

private:
  status check_configuration(node_number from, const founding_state& state) const;
  std::optional<founding_state> next() const;
  std::string id_to_agree_on() const;
  bool everybody_is(founding_stage stage) const;

  node_number self_;
  founding_state own_;
  std::string drawn_id_;
  std::map<node_number, founding_state> answers_; ///< The latest of each other founder.
};

} // namespace grape::cluster
