#include "tools/bench/http_process.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace grape::bench {

namespace {

namespace fs = std::filesystem;

/// "socket:[INODE]" of every socket that listens on `port`.
std::set<std::string> listening_sockets(std::uint16_t port) {
  std::set<std::string> found;
  for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line); // The headings.
    while (std::getline(file, line)) {
      // sl local_address rem_address st queues timer retransmits uid timeout inode ...
      std::istringstream fields(line);
      std::string skip, local, remote, state, inode;
      fields >> skip >> local >> remote >> state >> skip >> skip >> skip >> skip >> skip >> inode;
      const auto colon = local.rfind(':');
      if (state == "0A" && colon != std::string::npos
          && std::stoul(local.substr(colon + 1), nullptr, 16) == port)
        found.insert("socket:[" + inode + "]");
    }
  }
  return found;
}

bool holds_one(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator file(process / "fd", error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;
    if (sockets.contains(fs::read_symlink(file->path(), gone).string()))
      return true;
  }
  return false;
}

} // namespace

outcome<process_meter> process_meter::of(int process) {
  clockid_t clock{};
  if (clock_getcpuclockid(process, &clock) != 0)
    return status{errc::not_found, "no process " + std::to_string(process)};
  return process_meter{process, clock};
}

std::optional<process_meter> process_meter::listening_on(std::uint16_t port) {
  const auto sockets = listening_sockets(port);
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    if (holds_one(entry->path(), sockets))
      if (const auto found = of(std::stoi(name)))
        return *found;
  }
  return std::nullopt;
}

double process_meter::cpu_s() const {
  timespec spent{};
  clock_gettime(clock_, &spent);
  return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

std::map<std::string, double> process_meter::cpu_s_by_thread() const {
  std::map<std::string, double> spent;
  std::error_code error;
  for (fs::directory_iterator thread("/proc/" + std::to_string(process_) + "/task", error), end;
       !error && thread != end; thread.increment(error)) {
    std::string name;
    double nanoseconds = 0;
    if (std::getline(std::ifstream(thread->path() / "comm"), name)
        && std::ifstream(thread->path() / "schedstat") >> nanoseconds)
      spent[name] += 1e-9 * nanoseconds;
  }
  return spent;
}

std::uint64_t process_meter::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmRSS:"))
      return std::stoull(line.substr(6)) * 1024;
  return 0;
}

} // namespace grape::bench
