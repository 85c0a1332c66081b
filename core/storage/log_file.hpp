#pragma once

#include "core/storage/file_system.hpp"
#include "core/storage/ordered_log.hpp"

#include <memory>
#include <string>

namespace grape::storage {

/// The ordered log in append-only segments `log-<number>.log` of one directory. The format stands
/// in log_format.hpp.
class log_file final : public ordered_log {
public:
  /// Reads all segments, verifies every checksum and that each group's indexes are contiguous,
  /// cuts and reports a torn tail of the newest segment. Damage anywhere else is refused as
  /// `corrupted`, naming file and offset; another format version as `wrong_version`. `files` must
  /// outlive the log. Creates the directory if it is not there.
  static outcome<std::unique_ptr<log_file>> open(file_system& files, std::string directory,
                                                 log_options options);

  ~log_file() override;

  const log_recovery& recovery() const noexcept override;
  std::vector<group_id> groups() const override;
  log_range range(group_id group) const override;
  status append(std::span<const log_record> batch) override;
  status write(std::span<const group_write> batch) override;
  raft::hard_state hard_state(group_id group) const override;
  std::shared_ptr<const log_base> base(group_id group) const override;
  std::optional<term> term_at(group_id group, log_index index) const override;
  status compact(group_id group, const log_base& to) override;
  status sync() override;
  outcome<std::vector<log_record>> read(group_id group, log_index from,
                                        std::size_t bytes_max) const override;
  using ordered_log::release;
  status release(std::span<const release_mark> marks) override;
  status forget(group_id group) override;
  std::uint64_t bytes() const noexcept override;

private:
  class state;

  explicit log_file(std::unique_ptr<state> from);

  std::unique_ptr<state> state_;
};

} // namespace grape::storage
