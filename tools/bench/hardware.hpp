#pragma once

#include <string>

namespace grape::bench {

/// The machine in one line: processor, cores, memory, kernel. Every figure is printed beside it.
std::string hardware_line();

/// The file system that holds `path`, e.g. "ext4"; its number if it has no name here. What a sync
/// costs depends on it: on tmpfs nothing.
std::string file_system_of(const std::string& path);

} // namespace grape::bench
