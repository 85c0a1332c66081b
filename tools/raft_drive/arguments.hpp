#pragma once

#include "core/ids.hpp"
#include "core/raft/configuration.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace grape::raft_drive {

/// The words of one command line, taken one by one. The first mistake sticks: what is taken after
/// it means nothing, and `complete` is false. Keeps no reference to the line.
class arguments {
public:
  explicit arguments(std::string_view line);

  // The next word that nobody took yet.
  bool more() const;
  std::string word(std::string_view what);
  std::uint64_t number(std::string_view what);
  replica_id id(std::string_view what);

  // Wherever they stand among the words that are left.
  bool flag(std::string_view name);
  void need(std::string_view option); ///< A mistake unless it is there.
  std::optional<std::string> option(std::string_view name); ///< Of `name=value`.
  std::uint64_t option_number(std::string_view name, std::uint64_t otherwise);
  bool option_switch(std::string_view name); ///< `name=1` or `name=0`; absent: no.
  raft::replica_set option_ids(std::string_view name); ///< Ascending; none twice.
  std::vector<std::uint64_t> option_numbers(std::string_view name);
  std::vector<std::pair<std::uint64_t, std::string>> option_pairs(std::string_view name);

  std::uint64_t parse_number(std::string_view text, std::string_view what);
  std::vector<std::string> rest(); ///< All words that are left.
  void reject(std::string what);   ///< Says what is wrong, if nothing was before.
  bool complete();                 ///< Nothing is wrong and nothing is left.
  const std::string& error() const noexcept { return error_; }

private:
  std::vector<std::string> words_;
  std::string error_;
};

/// Cuts at each separator; an empty text has no parts.
std::vector<std::string> split(std::string_view text, char separator);

} // namespace grape::raft_drive
