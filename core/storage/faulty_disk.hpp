#pragma once

#include "core/storage/faulty_files.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace grape::storage {

/// The memory behind `faulty_files`: what is there now, and what of it would survive a power cut.
/// Every member locks; the hook runs before the lock is taken.
class faulty_files::disk : public std::enable_shared_from_this<faulty_files::disk> {
public:
  /// The bytes of a file, whatever its names are.
  struct content {
    std::string bytes;
    std::size_t durable = 0;  ///< So many bytes survive a power cut,
    std::size_t dirty = std::string::npos; ///< from here on perhaps as zeros that were replaced.
    bool sync_failed = false; ///< Then `durable` never grows again.
  };

  using content_ptr = std::shared_ptr<content>;

  explicit disk(std::uint64_t seed) : engine_(seed) {
  }

  outcome<std::unique_ptr<append_file>> open_append(const std::string& path);
  outcome<std::unique_ptr<random_file>> open_random(const std::string& path);
  status rename(const std::string& from, const std::string& to);
  status remove(const std::string& path);
  status truncate(const std::string& path, std::uint64_t size);
  outcome<std::vector<std::string>> list(const std::string& directory);
  outcome<std::uint64_t> size(const std::string& path);
  bool exists(const std::string& path);
  status create_directories(const std::string& directory);
  status remove_all(const std::string& directory);
  disk_space space();
  status sync_directory(const std::string& directory);

  // What the handles do; `power` is the one they were opened under.
  status append(std::uint64_t power, const std::string& path, content& to, std::size_t& end,
                std::string_view bytes);
  status sync(std::uint64_t power, const std::string& path, content& of);
  outcome<std::size_t> read(std::uint64_t power, const std::string& path, const content& from,
                            std::uint64_t offset, std::size_t count, char* to);
  void power_cut(torn_tail left);
  void power_off_after(std::uint64_t changes);
  void fail(file_operation what, std::uint64_t nth, errc with);
  void limit_bytes(std::uint64_t most);
  bool flip_byte(const std::string& path, std::uint64_t offset, std::uint8_t mask);
  void on_operation(std::function<void(file_operation, const std::string&)> hook);
  std::uint64_t changes();

  /// Calls the hook.
  void announce(file_operation what, const std::string& path);

private:
  /// A name given or taken (or, for a rename, both) that no directory sync has made durable yet.
  struct name_change {
    std::string removed; ///< Empty: none.
    std::string added;   ///< Empty: none.
    content_ptr what;    ///< What `added` names.
    std::string above{}; ///< For what happens to a whole folder: the folder that this one lies in.
    std::uint64_t act = 0; ///< Changes of one act survive together.
  };

  struct planned_fault {
    file_operation what;
    std::uint64_t left; ///< Operations of the kind until it strikes.
    errc with;
  };

  /// Whether an operation may go on. `torn`: it failed just now, half done.
  struct admission {
    status verdict;
    bool torn = false;
  };

  admission admit(file_operation what, const std::string& path);
  status admit_handle(std::uint64_t power, const std::string& path) const;
  bool is_directory(const std::string& path) const;
  status rename_directory(const std::string& from, const std::string& to);
  void change_names(name_change change);
  void make_durable(const name_change& change);
  void tear(content& of, torn_tail left);
  bool put(content& to, std::size_t at, std::string_view bytes);
  std::size_t below(std::size_t bound);
  std::size_t space_left() const;

  std::mutex mutex_;
  std::mt19937_64 engine_;
  std::map<std::string, content_ptr> now_;
  std::map<std::string, content_ptr> durable_;
  std::set<std::string> directories_;
  std::vector<name_change> pending_;
  std::vector<planned_fault> faults_;
  std::optional<std::uint64_t> changes_until_off_;
  std::optional<std::uint64_t> bytes_max_;
  std::function<void(file_operation, const std::string&)> hook_;
  std::uint64_t changes_ = 0;
  std::uint64_t acts_ = 0;
  std::uint64_t power_ = 0; ///< Counts power cuts; handles of an earlier one are dead.
  bool off_ = false;
};

} // namespace grape::storage
