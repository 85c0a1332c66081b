#pragma once

#include "tools/grapectl/commands.hpp"

#include <string>

namespace grape::ctl {

/// What is to be done with what lies on the nodes' disks.
struct data_options {
  std::string collection; ///< Empty = all.
  std::string name;       ///< Of a checkpoint, or of a backup.
  std::string as;         ///< restore: under this name; empty = its own.
  bool backup = false;    ///< restore: `name` is a backup's.
};

/// `verb`: size, flush, sync, compact, warm or digest. Where a node or a shard did not do it, what
/// the others did is printed all the same, and the exit code is that of a refusal.
exit_code tend_data(const surroundings& around, const data_options& wanted,
                    const std::string& verb);

exit_code make_checkpoint(const surroundings& around, const data_options& wanted);
exit_code list_checkpoints(const surroundings& around);
exit_code drop_checkpoint(const surroundings& around, const data_options& wanted);
exit_code back_up(const surroundings& around, const data_options& wanted);
exit_code restore(const surroundings& around, const data_options& wanted);

} // namespace grape::ctl
