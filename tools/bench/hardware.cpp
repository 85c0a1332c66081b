#include "tools/bench/hardware.hpp"

#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <thread>

namespace grape::bench {

namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const auto colon = line.find(": "); colon != std::string::npos)
        return line.substr(colon + 2);
  return "unknown processor";
}

} // namespace

std::string hardware_line() {
  utsname kernel{};
  uname(&kernel);
  const auto gib = static_cast<double>(sysconf(_SC_PHYS_PAGES))
                   * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0 * 1024.0);
  char rest[160];
  std::snprintf(rest, sizeof rest, ", %u cores, %.0f GiB, %.32s %.64s",
                std::thread::hardware_concurrency(), gib, kernel.sysname, kernel.release);
  return processor() + rest;
}

std::string file_system_of(const std::string& path) {
  static const std::map<unsigned long, const char*> known{
    {0xEF53, "ext4"},       {0x01021994, "tmpfs"},      {0x794c7630, "overlayfs"},
    {0x58465342, "xfs"},    {0x9123683E, "btrfs"},      {0x2FC12FC1, "zfs"},
    {0x6969, "nfs"}};
  struct statfs about {};
  if (statfs(path.c_str(), &about) != 0)
    return "unknown";
  const auto kind = static_cast<unsigned long>(about.f_type);
  const auto name = known.find(kind);
  return name == known.end() ? "file system " + std::to_string(kind) : name->second;
}

} // namespace grape::bench
