#pragma once

#include "tests/stress/client.hpp"

namespace grape::stress {

/// Stores, changes and removes the points of one ledger, in every way there is, and reads back
/// what it was told that it has.
class writer : public client {
public:
  writer(scene& where, ledger& known, std::uint64_t seed)
    : client(where, seed)
    , known_(known) {}

  /// Until the scene is over.
  void run();

private:
  using ids = std::vector<std::uint64_t>;

  void store();
  void store_vectors();
  void mark_ids();
  void mark_group();
  void remove_ids();
  void remove_group();
  void read_back();

  /// Some of the own ids, ascending; only points that surely exist if so wanted.
  ids some(std::uint64_t most, bool existing);

  /// Those that may be in the group.
  ids in_group(std::uint64_t group) const;

  void write(const std::string& kind, write_operation operation, const ids& touched,
             const change& made);

  ledger& known_;
  std::uint64_t next_ = 1; // Versions and marks.
};

} // namespace grape::stress
